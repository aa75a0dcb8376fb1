import { dirname, resolve } from 'node:path';
import { canonicalJson } from '../clips/canonical-front-end.ts';
import { SerKitError } from '../core/errors.ts';
import { waveformDigest } from './augmentation-record.ts';
import { WrongUse } from './failure.ts';
import { loadAugmentation, type ReadAugmentation, readAugmentation } from './read-augmentation.ts';
import { whereKept } from './resume-options.ts';
import { TRAINING_FILE } from './training-file.ts';

/** What --augment came to, as training.json keeps it: all that the same draws need, but for the recordings themselves. */
export interface KeptAugmentation {
  /** What the file said, with every folder of recordings written out. */
  readonly json: unknown;
  /** The absolute path of the folder that the recordings' names are relative to. */
  readonly folder: string;
  /** A hash of each recording, by its name. */
  readonly recordings: Readonly<Record<string, string>>;
}

/** An augmentation that was read, and how it is kept. */
export interface ChosenAugmentation extends ReadAugmentation {
  readonly kept: KeptAugmentation;
}

/** What --augment asks for; undefined where it was not given. @throws as readAugmentation() */
export async function chosenAugmentation(path: string | undefined): Promise<ChosenAugmentation | undefined> {
  if (path === undefined) return undefined;
  return withKept(await readAugmentation(path), resolve(dirname(path)));
}

/**
 * The augmentation that a run was begun with.
 *
 * @param run  its folder
 * @param given  what --augment of this command line asks for, if it was given
 * @throws WrongUse where that is another; SerKitError 'mismatch' for recordings that are not those of then; those of readAugmentation()
 */
export async function augmentationOfRun(
  run: string,
  kept: KeptAugmentation | undefined,
  given: ChosenAugmentation | undefined,
  where = whereKept,
): Promise<ChosenAugmentation | undefined> {
  const textOf = (each: KeptAugmentation | undefined): string =>
    canonicalJson('train', [each?.json ?? null, each?.recordings ?? null]);
  if (given !== undefined) {
    // Its recordings may have moved: where they lie now, the file that was given says.
    if (textOf(given.kept) === textOf(kept)) return given;
    throw new WrongUse(
      `${run}: the training was begun with ${kept === undefined ? 'no --augment' : 'another --augment'} (see ${where}); leave that out to go on with it, or begin again with --force in place of --resume`,
    );
  }
  if (kept === undefined) return undefined;
  const found = withKept(await loadAugmentation(kept.json, kept.folder, resolve(run, TRAINING_FILE)), kept.folder);
  const other = Object.keys(kept.recordings).find((name) => found.kept.recordings[name] !== kept.recordings[name]);
  if (other === undefined) return found;
  throw new SerKitError(
    'mismatch',
    `${resolve(kept.folder, other)}: expected the recording that the training in ${run} was begun with, got another; bring it back, or begin again with --force in place of --resume`,
  );
}

function withKept(read: ReadAugmentation, folder: string): ChosenAugmentation {
  const recordings = Object.fromEntries(
    Object.entries(read.recordings).map(([name, waveform]) => [name, waveformDigest(waveform)]),
  );
  return { ...read, kept: { json: read.json, folder, recordings } };
}
