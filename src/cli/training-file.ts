import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FrontEndOptions } from '../clips/front-end.ts';
import { SerKitError } from '../core/errors.ts';
import type { CorpusFingerprint } from './corpus-fingerprint.ts';
import type { KeptAugmentation } from './kept-augmentation.ts';
import type { KeptXvector } from './kept-xvector.ts';

export const TRAINING_FILE = 'training.json';
const FORMAT = 'ser-kit-training';
const VERSION = 1;

/** What a training was begun with: all that `--resume` needs to end with the same bytes. */
export interface Training {
  /** The folder of recordings, as an absolute path. */
  readonly dir: string;
  /** The command line's options by their names in the program, those included that were left at their defaults. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What --front-end and --features came to; null for the default. */
  readonly frontEnd: FrontEndOptions | null;
  /** What --augment came to. Absent where it was not given. */
  readonly augment?: KeptAugmentation;
  /** What --xvector came to; the network itself lies beside this file. Absent where it was not given. */
  readonly xvector?: KeptXvector;
  readonly corpus: CorpusFingerprint;
  /** The version that began it. */
  readonly serKit: string;
  /** Whether the recognizer has been written, with nothing left to go on with. */
  readonly complete: boolean;
}

/** training.json: { format, version, sha256 (of `training` as compact JSON), training }. */
export function trainingBytes(training: Training): Uint8Array {
  const sha256 = digest(training);
  return new TextEncoder().encode(
    `${JSON.stringify({ format: FORMAT, version: VERSION, sha256, training }, null, 1)}\n`,
  );
}

/**
 * What a training.json says; undefined where there is none.
 *
 * @throws SerKitError 'bad-format', 'altered', 'newer-version', 'not-found' where it cannot be read
 */
export function readTraining(path: string): Training | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new SerKitError('not-found', `${path}: expected a file that can be read: ${message}`, { cause });
  }
  const remedy = 'train again with --force, or copy the whole folder anew';
  let found: { format?: unknown; version?: unknown; sha256?: unknown; training?: unknown } | null;
  try {
    found = JSON.parse(text);
  } catch (cause) {
    throw new SerKitError('bad-format', `${path}: expected JSON, got something else; ${remedy}`, { cause });
  }
  if (found?.format !== FORMAT || typeof found.version !== 'number') {
    throw new SerKitError('bad-format', `${path}: expected what \`ser-kit train\` wrote, got other JSON; ${remedy}`);
  }
  if (found.version > VERSION) {
    const message = `${path}: version expected at most ${VERSION}, got ${found.version}; it was begun by a newer ser-kit: update this one`;
    throw new SerKitError('newer-version', message);
  }
  if (typeof found.training !== 'object' || found.training === null || digest(found.training) !== found.sha256) {
    throw new SerKitError('altered', `${path}: was changed after it was written; ${remedy}`);
  }
  return found.training as Training;
}

function digest(training: object): string {
  return createHash('sha256').update(JSON.stringify(training)).digest('hex');
}
