import { quote, SerKitError } from '../core/errors.ts';
import { type LabelledClip, refuseCopy, type TrainingClip } from '../core/labelled-clip.ts';

/** Three lists of clips; every Split of `ser-kit/datasets` is one. */
export interface RecognizerSplit<L extends string = string> {
  /** Changed copies of clips may be here, and nowhere else. */
  readonly train: readonly TrainingClip<L>[];
  readonly validation: readonly LabelledClip<L>[];
  readonly test: readonly LabelledClip<L>[];
  readonly overlappingSpeakers: readonly string[];
  /** How many of the clips have no known speaker. @default counted: those with `speakerKnown` false */
  readonly unknownSpeakers?: number | undefined;
}

/** Refuses what is no split at all. */
export function checkSplit(split: RecognizerSplit): void {
  for (const name of ['train', 'validation', 'test', 'overlappingSpeakers'] as const) {
    if (Array.isArray(split?.[name])) continue;
    const got = split === null || typeof split !== 'object' ? quote(split) : `${name} ${quote(split[name])}`;
    throw new SerKitError(
      'bad-input',
      `trainRecognizer: split expected { train, validation, test, overlappingSpeakers }, each a list, got ${got}`,
    );
  }
  const judging = new Set<string>();
  for (const name of ['validation', 'test'] as const) {
    for (const clip of split[name]) {
      refuseCopy(`trainRecognizer: split.${name}`, clip);
      judging.add(clip.id);
    }
  }
  for (const { id, augmentedFrom } of split.train) {
    if (augmentedFrom === undefined || !judging.has(augmentedFrom)) continue;
    throw new SerKitError(
      'bad-input',
      `trainRecognizer: split.train expected copies of training clips alone, got ${quote(id)}, a copy of ${quote(augmentedFrom)} of validation or test`,
    );
  }
}

/** @param fromTraining  nobody named the labels: they are those of the training clips */
export function checkLabels(
  { train, validation, test }: RecognizerSplit,
  labels: readonly string[],
  fromTraining: boolean,
): void {
  const strange = [...train, ...validation, ...test].find((clip) => !labels.includes(clip.label));
  if (strange === undefined) return;
  const those = `${labels.join(', ')}${fromTraining ? ' (the labels of the training clips)' : ''}`;
  const remedy = fromTraining
    ? '; leave the clips of that label out, or pass labels: it is then known and never learnt'
    : '';
  throw new SerKitError(
    'bad-input',
    `trainRecognizer: label of ${strange.id} expected one of ${those}, got ${quote(strange.label)}${remedy}`,
  );
}

/** How many clips have a speaker nobody knows. */
export function countUnknown({ train, validation, test }: RecognizerSplit): number {
  return [...train, ...validation, ...test].filter((clip) => clip.speakerKnown === false).length;
}
