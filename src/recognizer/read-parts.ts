import { quote, SerKitError } from '../core/errors.ts';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import type { LabelledClip } from '../core/labelled-clip.ts';
import { loadClip } from '../core/load-clip.ts';
import type { Waveform } from '../core/waveform.ts';
import { breathe } from '../models/predict-probabilities.ts';
import type { RecognizerSplit } from './recognizer-split.ts';
import { type SkippedClip, skippedClip } from './skipped-clip.ts';

/** The clips of one part that could be read, and what the front end made of each. */
export interface Part {
  readonly clips: readonly LabelledClip[];
  readonly matrices: FeatureMatrix[];
}

/** What reading tells. */
export type ReadingEvent =
  | { readonly type: 'features'; readonly done: number; readonly total: number }
  | { readonly type: 'skipped'; readonly clip: SkippedClip };

/** What became of one clip: its features; or why it has none. */
export type FeaturesOfClip =
  | { readonly clip: LabelledClip; readonly matrix: FeatureMatrix; readonly skipped?: undefined }
  | { readonly clip: LabelledClip; readonly skipped: SkippedClip; readonly matrix?: undefined };

/** Clip by clip, in this thread. */
export async function* featuresInThisThread(
  clips: readonly LabelledClip[],
  extract: (waveform: Waveform) => FeatureMatrix,
): AsyncGenerator<FeaturesOfClip> {
  for (const [i, clip] of clips.entries()) {
    const got = await matrixOf(clip, extract);
    yield 'code' in got ? { clip, skipped: got } : { clip, matrix: got };
    if (i % 16 === 15) await breathe();
  }
}

/**
 * Reads every clip of every part, in a fixed order.
 *
 * @param featuresOf  called once, with the clips of all parts; gives something for each of them, in their order
 */
export async function readParts(
  split: RecognizerSplit,
  featuresOf: (clips: readonly LabelledClip[]) => AsyncIterable<FeaturesOfClip>,
  onEvent: (event: ReadingEvent) => void,
  signal: AbortSignal | undefined,
): Promise<Record<'train' | 'validation' | 'test', Part>> {
  const parts = { train: emptyPart(), validation: emptyPart(), test: emptyPart() };
  const places = PARTS.flatMap((name) => split[name].map((clip) => ({ clip, part: parts[name] })));
  const total = places.length;
  let done = 0;
  for await (const { clip, matrix, skipped } of featuresOf(places.map((place) => place.clip))) {
    const place = places[done++];
    if (place?.clip !== clip) {
      throw new SerKitError(
        'bad-input',
        `trainRecognizer: featuresOf expected to give each clip once, in the order of the clips, got ${quote(clip.id)} as number ${done}`,
      );
    }
    if (matrix === undefined) onEvent({ type: 'skipped', clip: skipped });
    else {
      place.part.clips.push(clip);
      place.part.matrices.push(matrix);
    }
    onEvent({ type: 'features', done, total });
    if (signal?.aborted === true) {
      throw new SerKitError('aborted', 'trainRecognizer: aborted while reading clips; there is nothing to keep');
    }
  }
  if (done < total) {
    throw new SerKitError('bad-input', `trainRecognizer: featuresOf expected to give ${total} clips, got ${done}`);
  }
  for (const name of ['train', 'validation'] as const) {
    if (parts[name].clips.length > 0) continue;
    throw new SerKitError(
      'empty',
      `trainRecognizer: split.${name} expected clips that can be read, got none of ${split[name].length}`,
    );
  }
  return parts;
}

const PARTS = ['train', 'validation', 'test'] as const;

function emptyPart(): { clips: LabelledClip[]; matrices: FeatureMatrix[] } {
  return { clips: [], matrices: [] };
}

/** A clip's features, or that it is to be skipped. */
async function matrixOf(
  clip: LabelledClip,
  extract: (waveform: Waveform) => FeatureMatrix,
): Promise<FeatureMatrix | SkippedClip> {
  let waveform: Waveform;
  try {
    waveform = await loadClip(clip);
  } catch (error) {
    return skippedClip(clip, error, 'loading');
  }
  try {
    return extract(waveform);
  } catch (error) {
    return skippedClip(clip, error, 'features');
  }
}
