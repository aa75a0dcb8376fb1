import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import type { LabelledClip } from '../core/labelled-clip.ts';
import { loadClip } from '../core/load-clip.ts';
import { parseOptions } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { type ClassificationReport, classificationReport } from '../metrics/classification-report.ts';
import { type ConfusionMatrix, confusionMatrix } from '../metrics/confusion-matrix.ts';
import type { Prediction, Recognizer } from './recognizer.ts';
import { type SkippedClip, skippedClip } from './skipped-clip.ts';

/** How clips are gone through. */
export interface EvaluateOptions {
  /** Told now and then how many clips of how many are done. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Ends the evaluation with a SerKitError 'aborted'. */
  readonly signal?: AbortSignal | undefined;
}

const schema = z.strictObject({
  onProgress: z.optional(z.custom((value) => typeof value === 'function', 'a function')),
  signal: z.optional(z.custom<AbortSignal>((value) => value instanceof AbortSignal, 'an AbortSignal')),
});

/** What came out. */
export interface Evaluation {
  readonly report: ClassificationReport<string>;
  readonly confusionMatrix: ConfusionMatrix<string>;
  /** In the order of the clips, without those skipped. */
  readonly predictions: readonly { readonly clip: LabelledClip; readonly prediction: Prediction }[];
  readonly skipped: readonly SkippedClip[];
}

const CLIPS_AT_ONCE = 64;

/**
 * What a recognizer says of labelled clips, held against their labels. Clips that cannot be read are skipped and listed.
 *
 * @throws SerKitError 'empty' when no clip is left, 'bad-input' when a label is not one of the recognizer's;
 * 'bad-option'; 'aborted'
 */
export async function evaluateRecognizer(
  recognizer: Recognizer,
  clips: readonly LabelledClip[],
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  parseOptions('evaluateRecognizer', schema, options);
  const { onProgress, signal } = options;
  if (typeof recognizer?.predictBatch !== 'function') {
    throw new SerKitError('bad-input', `evaluateRecognizer: expected a Recognizer, got ${quote(recognizer)}`);
  }
  if (!Array.isArray(clips)) {
    throw new SerKitError('bad-input', `evaluateRecognizer: clips expected an array, got ${quote(clips)}`);
  }
  const strange = [...new Set(clips.map((clip) => clip.label))].filter((label) => !recognizer.labels.includes(label));
  if (strange.length > 0) {
    throw new SerKitError(
      'bad-input',
      `evaluateRecognizer: labels expected among ${recognizer.labels.join(', ')}, got ${strange.join(', ')}`,
    );
  }
  const predictions: { clip: LabelledClip; prediction: Prediction }[] = [];
  const skipped: SkippedClip[] = [];
  for (let begin = 0; begin < clips.length; begin += CLIPS_AT_ONCE) {
    const part = clips.slice(begin, begin + CLIPS_AT_ONCE);
    const loaded: Loaded[] = [];
    for (const clip of part) {
      try {
        loaded.push({ clip, waveform: await loadClip(clip) });
      } catch (error) {
        skipped.push(skippedClip(clip, error, 'loading'));
      }
      if (signal?.aborted === true) throw new SerKitError('aborted', 'evaluateRecognizer: aborted');
    }
    for (const { clip, answer } of await predictEach(recognizer, loaded)) {
      if ('label' in answer) predictions.push({ clip, prediction: answer });
      else skipped.push(answer);
    }
    onProgress?.(begin + part.length, clips.length);
  }
  if (predictions.length === 0) {
    throw new SerKitError('empty', `evaluateRecognizer: expected clips that can be read, got none of ${clips.length}`);
  }
  const truth = predictions.map(({ clip }) => clip.label as string);
  const predicted = predictions.map(({ prediction }) => prediction.label);
  const { labels } = recognizer;
  return {
    report: classificationReport(truth, predicted, { labels }),
    confusionMatrix: confusionMatrix(truth, predicted, { labels }),
    predictions,
    skipped,
  };
}

interface Loaded {
  readonly clip: LabelledClip;
  readonly waveform: Waveform;
}

/** The answer to each clip, or that it has none: one that cannot be answered spoils no other. */
async function predictEach(
  recognizer: Recognizer,
  loaded: readonly Loaded[],
): Promise<readonly { readonly clip: LabelledClip; readonly answer: Prediction | SkippedClip }[]> {
  if (loaded.length === 0) return [];
  try {
    const all = await recognizer.predictBatch(loaded.map(({ waveform }) => waveform));
    return loaded.map(({ clip }, i) => ({ clip, answer: all[i]! }));
  } catch (error) {
    // Thrown on where it is about no clip; else one of these clips cannot be answered, and which is found one by one.
    skippedClip(loaded[0]!.clip, error, 'features');
  }
  const answers: { clip: LabelledClip; answer: Prediction | SkippedClip }[] = [];
  for (const { clip, waveform } of loaded) {
    const answer = await recognizer
      .predict(waveform)
      .catch((error: unknown): SkippedClip => skippedClip(clip, error, 'features'));
    answers.push({ clip, answer });
  }
  return answers;
}
