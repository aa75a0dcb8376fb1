import { isSerKitError, SerKitError } from '../core/errors.ts';
import type { Corpus } from '../datasets/corpus.ts';
import { shuffleLabels } from '../datasets/shuffle-labels.ts';
import type { Split } from '../datasets/split.ts';
import { splitByClip } from '../datasets/split-by-clip.ts';
import { splitBySpeaker } from '../datasets/split-by-speaker.ts';
import { withoutFunction } from './failure.ts';
import { unknownSpeakersNote } from './text.ts';
import type { TrainCommandOptions } from './train-options.ts';

/** A corpus in the parts that a training needs, its labels dealt out anew where a control is asked for. */
export function splitCorpus(corpus: Corpus, options: TrainCommandOptions, dir: string): Split {
  const { split: by, seed, validation, test } = options;
  let split: Split;
  try {
    split = (by === 'speakers' ? splitBySpeaker : splitByClip)(corpus.clips, { seed, validation, test });
  } catch (error) {
    if (!isSerKitError(error)) throw error;
    // The library speaks of its function where the command line has an option.
    const message = withoutFunction(error.message).replace('splitByClip', '--split clips');
    throw new SerKitError(error.code, `${dir}: ${message}`, { cause: error });
  }
  return options.shuffleLabels ? shuffleLabels(split, seed) : split;
}

/** What speaks against the figures of a split, in lines to stand beside them. */
export function doubtsAbout({ unknownSpeakers, overlappingSpeakers }: Split): string[] {
  const overlap = `note: ${overlappingSpeakers.length} speakers are in more than one part; on new voices it will do worse`;
  return [
    ...(unknownSpeakers > 0 ? [unknownSpeakersNote(unknownSpeakers)] : []),
    ...(overlappingSpeakers.length > 0 ? [overlap] : []),
  ];
}

/** @throws SerKitError where a label is in no training clip: it could be tested and not learnt */
export function checkLabels(split: Split, dir: string, fixed: boolean): void {
  const all = new Set([...split.train, ...split.validation, ...split.test].map((clip) => clip.label));
  if (all.size < 2) {
    throw new SerKitError('bad-input', `${dir}: expected recordings of at least 2 labels, got only ${[...all].join()}`);
  }
  if (fixed) return;
  const learnt = new Set(split.train.map((clip) => clip.label));
  const lost = new Set([...split.validation, ...split.test].map((clip) => clip.label).filter((l) => !learnt.has(l)));
  if (lost.size === 0) return;
  throw new SerKitError(
    'bad-input',
    `${dir}: expected clips of each label to train on, got none of ${[...lost].join(', ')}; leave ${lost.size === 1 ? 'that label' : 'those labels'} out, give more speakers, or try another --seed or --split clips`,
  );
}
