import * as z from 'zod/mini';
import { type SkippedClip, skippedClip } from '../clips/skipped-clip.ts';
import { quote, SerKitError } from '../core/errors.ts';
import { type LabelledClip, refuseCopy } from '../core/labelled-clip.ts';
import { loadClip } from '../core/load-clip.ts';
import { parseOptions } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { type ClassificationReport, classificationReport } from '../metrics/classification-report.ts';
import { type ConfusionMatrix, confusionMatrix } from '../metrics/confusion-matrix.ts';
import type { Prediction, Recognizer } from './recognizer.ts';

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
 * Where the recognizer standardizes by speaker, all of a speaker's clips in the list are what is known of that speaker;
 * their labels are not looked at.
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
  for (const clip of clips) refuseCopy('evaluateRecognizer: clips', clip);
  const strange = [...new Set(clips.map((clip) => clip.label))].filter((label) => !recognizer.labels.includes(label));
  if (strange.length > 0) {
    throw new SerKitError(
      'bad-input',
      `evaluateRecognizer: labels expected among ${recognizer.labels.join(', ')}, got ${strange.join(', ')}`,
    );
  }
  const predictions: { clip: LabelledClip; prediction: Prediction }[] = [];
  const skipped: SkippedClip[] = [];
  let done = 0;
  for (const part of partsOf(clips, recognizer.standardize === 'speaker')) {
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
    done += part.length;
    onProgress?.(done, clips.length);
  }
  // Speaker by speaker they came in another order.
  const place = new Map(clips.map((clip, i) => [clip, i]));
  predictions.sort((a, b) => place.get(a.clip)! - place.get(b.clip)!);
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

/** The clips in parts of about CLIPS_AT_ONCE; by speaker, all of a speaker's clips are in one part. */
function partsOf(clips: readonly LabelledClip[], bySpeaker: boolean): LabelledClip[][] {
  const groups = new Map<unknown, LabelledClip[]>();
  clips.forEach((clip, i) => {
    const key = bySpeaker ? clip.speakerId : Math.floor(i / CLIPS_AT_ONCE);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [clip]);
    else group.push(clip);
  });
  if (!bySpeaker) return [...groups.values()];
  const parts: LabelledClip[][] = [];
  for (const group of groups.values()) {
    const last = parts.at(-1);
    if (last !== undefined && last.length + group.length <= CLIPS_AT_ONCE) last.push(...group);
    else parts.push(group);
  }
  return parts;
}

interface Loaded {
  readonly clip: LabelledClip;
  readonly waveform: Waveform;
}

interface Answered {
  readonly clip: LabelledClip;
  readonly answer: Prediction | SkippedClip;
}

/** The answer to each clip, or that it has none: one that cannot be answered spoils no other. */
async function predictEach(recognizer: Recognizer, loaded: readonly Loaded[]): Promise<readonly Answered[]> {
  if (loaded.length === 0) return [];
  const predictAll = async (those: readonly Loaded[]): Promise<Answered[]> => {
    const all = await recognizer.predictBatch(
      those.map(({ waveform }) => waveform),
      { speakers: those.map(({ clip }) => clip.speakerId) },
    );
    return those.map(({ clip }, i) => ({ clip, answer: all[i]! }));
  };
  try {
    return await predictAll(loaded);
  } catch (error) {
    // Thrown on where it is about no clip; else one of these clips cannot be answered, and which is found one by one.
    skippedClip(loaded[0]!.clip, error, 'features');
  }
  if (recognizer.standardize === 'speaker') return predictBySpeaker(recognizer, loaded, predictAll);
  const answers: Answered[] = [];
  for (const { clip, waveform } of loaded) {
    const answer = await recognizer
      .predict(waveform)
      .catch((error: unknown): SkippedClip => skippedClip(clip, error, 'features'));
    answers.push({ clip, answer });
  }
  return answers;
}

/** The same where all of a speaker's clips are needed for the answer to each: the bad ones are taken out first. */
async function predictBySpeaker(
  recognizer: Recognizer,
  loaded: readonly Loaded[],
  predictAll: (those: readonly Loaded[]) => Promise<Answered[]>,
): Promise<Answered[]> {
  const answers: Answered[] = [];
  const skip = (clip: LabelledClip, error: unknown): void => {
    answers.push({ clip, answer: skippedClip(clip, error, 'features') });
  };
  const good = new Map<string, Loaded[]>();
  for (const each of loaded) {
    const { clip, waveform } = each;
    try {
      // Twice: functionals of one recording alone cannot be standardized, and that is not this clip's fault.
      await recognizer.predictBatch([waveform, waveform], { speakers: [clip.speakerId, clip.speakerId] });
      good.set(clip.speakerId, [...(good.get(clip.speakerId) ?? []), each]);
    } catch (error) {
      skip(clip, error);
    }
  }
  for (const those of good.values()) {
    try {
      answers.push(...(await predictAll(those)));
    } catch (error) {
      for (const { clip } of those) skip(clip, error);
    }
  }
  return answers;
}
