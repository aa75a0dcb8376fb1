import { isSerKitError, SerKitError } from '../core/errors.ts';
import type { LabelledClip } from '../core/labelled-clip.ts';
import type { Waveform } from '../core/waveform.ts';
import { type ClassificationReport, classificationReport } from '../metrics/classification-report.ts';
import { type ConfusionMatrix, confusionMatrix } from '../metrics/confusion-matrix.ts';
import type { Prediction, Recognizer } from './recognizer.ts';

export interface EvaluateOptions {
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** A clip that could not be used, and why. */
export interface SkippedClip {
  readonly id: string;
  readonly code: string;
  readonly message: string;
}

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
 * @throws SerKitError 'empty' when no clip is left, 'bad-input' when a label is not one of the recognizer's
 */
export async function evaluateRecognizer(
  recognizer: Recognizer,
  clips: readonly LabelledClip[],
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const { onProgress, signal } = options;
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
    const loaded: { clip: LabelledClip; waveform: Waveform }[] = [];
    for (const clip of part) {
      try {
        loaded.push({ clip, waveform: await clip.load() });
      } catch (error) {
        skipped.push(skippedClip(clip, error));
      }
      if (signal?.aborted === true) throw new SerKitError('aborted', 'evaluateRecognizer: aborted');
    }
    const answers = await predictEach(
      recognizer,
      loaded.map(({ waveform }) => waveform),
    );
    loaded.forEach(({ clip }, i) => {
      const answer = answers[i]!;
      if (answer instanceof Error) skipped.push(skippedClip(clip, answer));
      else predictions.push({ clip, prediction: answer });
    });
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

/** The answer to each waveform, or the error that it ends in: one that cannot be answered spoils no other. */
async function predictEach(
  recognizer: Recognizer,
  waveforms: readonly Waveform[],
): Promise<readonly (Prediction | Error)[]> {
  try {
    return await recognizer.predictBatch(waveforms);
  } catch (error) {
    if (!isSerKitError(error) || !ABOUT_ONE_CLIP.has(error.code)) throw error;
  }
  const answers: (Prediction | Error)[] = [];
  for (const waveform of waveforms) {
    answers.push(
      await recognizer.predict(waveform).catch((error: unknown) => {
        if (isSerKitError(error) && ABOUT_ONE_CLIP.has(error.code)) return error;
        throw error;
      }),
    );
  }
  return answers;
}

/** What a waveform can be refused for. */
const ABOUT_ONE_CLIP: ReadonlySet<string> = new Set(['not-finite', 'empty', 'too-short']);

/** The entry for a clip whose loading failed. Errors that are no SerKitError are programming errors and go on. */
export function skippedClip(clip: LabelledClip, error: unknown): SkippedClip {
  if (!isSerKitError(error)) throw error;
  return { id: clip.id, code: error.code, message: error.message };
}
