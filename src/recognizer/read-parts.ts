import { SerKitError } from '../core/errors.ts';
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

/** Reads every clip of every part and computes its features, in a fixed order. */
export async function readParts(
  split: RecognizerSplit,
  extract: (waveform: Waveform) => FeatureMatrix,
  onEvent: (event: ReadingEvent) => void,
  signal: AbortSignal | undefined,
): Promise<Record<'train' | 'validation' | 'test', Part>> {
  const total = split.train.length + split.validation.length + split.test.length;
  let done = 0;
  const read = async (name: 'train' | 'validation' | 'test'): Promise<Part> => {
    const clips: LabelledClip[] = [];
    const matrices: FeatureMatrix[] = [];
    for (const clip of split[name]) {
      const got = await matrixOf(clip, extract);
      if ('code' in got) onEvent({ type: 'skipped', clip: got });
      else {
        clips.push(clip);
        matrices.push(got);
      }
      done++;
      onEvent({ type: 'features', done, total });
      if (done % 16 === 0) await breathe();
      if (signal?.aborted === true) {
        throw new SerKitError('aborted', 'trainRecognizer: aborted while reading clips; there is nothing to keep');
      }
    }
    if (clips.length === 0 && name !== 'test') {
      throw new SerKitError(
        'empty',
        `trainRecognizer: split.${name} expected clips that can be read, got none of ${split[name].length}`,
      );
    }
    return { clips, matrices };
  };
  return { train: await read('train'), validation: await read('validation'), test: await read('test') };
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
