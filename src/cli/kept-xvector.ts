import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SerKitError } from '../core/errors.ts';
import { reasonOf } from '../node/paths.ts';
import { XVECTOR_FILE } from '../recognizer/manifest.ts';
import { decodeXvectorFile, encodeXvectorFile } from '../recognizer/xvector-file.ts';
import type { XvectorWeights } from '../xvector/weights.ts';
import { WrongUse } from './failure.ts';
import { readXvector } from './read-xvector.ts';
import type { TrainCommandOptions } from './train-options.ts';
import { TRAINING_FILE } from './training-file.ts';

/** What --xvector came to, as training.json keeps it. The network lies in the run's folder, as it will in the recognizer's. */
export interface KeptXvector {
  /** As it was given. */
  readonly file: string;
  /** SHA-256 of the network in ser-kit's own format: of the run's xvector.bin. */
  readonly sha256: string;
}

/** An x-vector network that was read, and how it is kept. */
export interface ChosenXvector {
  readonly weights: XvectorWeights;
  /** Of xvector.bin. */
  readonly bytes: Uint8Array;
  readonly kept: KeptXvector;
}

/**
 * What --xvector asks for; undefined where it was not given.
 *
 * @throws WrongUse for its options without it; SerKitError 'not-found', and those of parseXvector()
 */
export async function chosenXvector(
  given: Pick<TrainCommandOptions, 'xvector' | 'xvectorJoin' | 'xvectorComponents' | 'allowSeenSpeakers' | 'resume'>,
): Promise<ChosenXvector | undefined> {
  const { xvector: file, resume } = given;
  if (file !== undefined) return withKept(await readXvector(file), file);
  const of = { 'xvector-join': given.xvectorJoin, 'xvector-components': given.xvectorComponents };
  const alone = Object.entries({ ...of, 'allow-seen-speakers': given.allowSeenSpeakers }).find(
    ([, value]) => value !== undefined,
  );
  if (alone !== undefined && resume === undefined) throw new WrongUse(`--${alone[0]} expected --xvector beside it`);
  return undefined;
}

/**
 * The x-vector network that a run was begun with: the copy in its folder.
 *
 * @throws WrongUse where --xvector of this command line is another; SerKitError 'mismatch' where the copy is not what it was
 */
export async function xvectorOfRun(
  run: string,
  kept: KeptXvector | undefined,
  given: ChosenXvector | undefined,
): Promise<ChosenXvector | undefined> {
  if (given !== undefined && given.kept.sha256 !== kept?.sha256) {
    throw new WrongUse(
      `${run}: the training was begun with ${kept === undefined ? 'no --xvector' : 'another --xvector'} (see ${TRAINING_FILE} there); leave that out to go on with it, or begin again with --force in place of --resume`,
    );
  }
  if (kept === undefined) return undefined;
  const path = resolve(run, XVECTOR_FILE);
  const bytes = await read(path);
  if (digest(bytes) !== kept.sha256) {
    throw new SerKitError(
      'mismatch',
      `${path}: expected the x-vector that the training was begun with, got another; bring it back, or begin again with --force in place of --resume`,
    );
  }
  return { weights: decodeXvectorFile(bytes), bytes, kept };
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw new SerKitError('not-found', `${path}: expected an x-vector network: ${reasonOf(cause)}`, { cause });
  }
}

function withKept(weights: XvectorWeights, file: string): ChosenXvector {
  const bytes = encodeXvectorFile(weights);
  return { weights, bytes, kept: { file, sha256: digest(bytes) } };
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
