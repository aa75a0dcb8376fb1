import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SerKitError } from '../core/errors.ts';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import { functionals } from '../features/functionals.ts';
import type { FeatureVector } from '../features/join.ts';
import type { CorpusPlan } from '../node/cache-key.ts';
import { writeReasonOf } from '../node/paths.ts';
import { csvLine } from './csv.ts';

/**
 * A table of recordings, a line each: path, then what its frames amount to. It is written under another name as it comes,
 * so that memory stays flat, and renamed when it is whole.
 */
export class FeaturesCsv {
  private constructor(
    private readonly path: string,
    private readonly temporary: string,
    private readonly file: FileHandle,
    private readonly summarise: Summarise,
  ) {}

  /** @throws SerKitError 'not-writable', before an hour of work */
  static async open(path: string, plan: Pick<CorpusPlan, 'frontEnd' | 'names'>): Promise<FeaturesCsv> {
    if ((await stat(path).catch(() => undefined))?.isDirectory()) {
      throw new SerKitError('not-writable', `${path}: cannot be written: a folder lies where a file has to be`);
    }
    const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
    const summarise = summaryOf(plan);
    const dims = plan.names.length;
    const header = csvLine(['path', ...summarise({ data: new Float32Array(dims), frames: 1, dims }).names]);
    const file = await writing(path, () => open(temporary, 'wx'));
    const table = new FeaturesCsv(path, temporary, file, summarise);
    await table.write(header);
    return table;
  }

  async add(id: string, matrix: FeatureMatrix): Promise<void> {
    await this.write(csvLine([id, ...this.summarise(matrix).values]));
  }

  private async write(line: string): Promise<void> {
    await writing(this.path, () => this.file.appendFile(`${line}\n`));
  }

  /** Puts the table in its place. */
  async finish(): Promise<void> {
    await writing(this.path, async () => {
      await this.file.close();
      await rename(this.temporary, this.path);
    });
  }

  /** Leaves nothing behind; after finish() there is nothing to do. */
  async discard(): Promise<void> {
    await this.file.close().catch(() => {});
    await rm(this.temporary, { force: true });
  }
}

type Summarise = (matrix: FeatureMatrix) => FeatureVector;

/** functionals() of the frames; or, where the front end summarises already, its only frame. */
function summaryOf({ frontEnd, names }: Pick<CorpusPlan, 'frontEnd' | 'names'>): Summarise {
  return frontEnd.functionals === undefined
    ? (matrix) => functionals({ ...matrix, names })
    : ({ data }) => ({ values: data, names });
}

/** @throws SerKitError 'not-writable' */
async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const why = isMissing ? 'there is no such folder' : writeReasonOf(cause);
    throw new SerKitError('not-writable', `${path}: cannot be written: ${why}`, { cause });
  }
}
