import { quote, SerKitError } from '../core/errors.ts';
import type { LabelledClip } from '../core/labelled-clip.ts';

/** Three lists of clips; every Split of `ser-kit/datasets` is one. */
export interface RecognizerSplit<L extends string = string> {
  readonly train: readonly LabelledClip<L>[];
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
