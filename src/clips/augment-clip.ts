import type { Transform } from '../augment/transform.ts';
import { isSerKitError, SerKitError } from '../core/errors.ts';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import type { TrainingClip } from '../core/labelled-clip.ts';
import { createRandom, deriveSeed } from '../core/random.ts';
import type { Waveform } from '../core/waveform.ts';
import { type PcaJson, parsePca } from '../features/pca.ts';
import { parseStandardizer } from '../features/standardize.ts';
import type { StandardizerJson } from '../features/standardizer-json.ts';
import { createFrontEnd, type FrontEndConfig } from './front-end.ts';
import { type SkippedClip, skippedClip } from './skipped-clip.ts';

/** From a waveform that was changed to what the network sees, as plain JSON: another thread can do the same. */
export interface AugmentationPlan {
  /** Who trains, which begins the messages. */
  readonly who: string;
  /** The training's. */
  readonly seed: number;
  readonly frontEnd: FrontEndConfig;
  /** As fitted on the training clips as they are; with scope 'speaker' it knows each training speaker. */
  readonly standardizer: StandardizerJson;
  /** As fitted on them too; absent where every dimension goes to the network. */
  readonly pca?: PcaJson | undefined;
}

/** What came of a clip's waveform in an epoch. */
export interface AugmentedFeatures {
  /** What the network sees; absent where that is what it sees of the clip as it is. */
  readonly matrix?: FeatureMatrix | undefined;
  /** What its transform drew. */
  readonly drawn?: unknown;
  /** Why the changed waveform has no features, where it has none: too short, say. */
  readonly unusable?: Omit<SkippedClip, 'id'> | undefined;
}

type Named = Pick<TrainingClip, 'id' | 'speakerId'>;

/**
 * Prepares what makes a training clip's features of an epoch: a function of the plan's seed, the epoch and the clip alone.
 *
 * What has no features is 'unusable': too short, say. A transform gives an outcome for every clip, so one that throws is at
 * fault: it ends the training.
 *
 * @throws the function, what the transform throws; a SerKitError with the clip's name
 */
export function createClipAugmenter(
  { who, seed, frontEnd, standardizer, pca }: AugmentationPlan,
  transform: Transform,
): (waveform: Waveform, clip: Named, epoch: number) => AugmentedFeatures {
  const { extract } = createFrontEnd(frontEnd);
  const scaler = parseStandardizer(standardizer);
  const components = pca && parsePca(pca);
  return (waveform, clip, epoch) => {
    const { output, drawn } = changed(who, transform, waveform, clip, streamOf('augment', seed, epoch, clip.id));
    if (output === waveform) return { drawn };
    try {
      const scaled = scaler.transform(extract(output, `${who}: augment: ${clip.id}`), {
        speaker: scaler.scope === 'speaker' ? clip.speakerId : undefined,
      });
      return { matrix: components === undefined ? scaled : components.transform(scaled), drawn };
    } catch (error) {
      const { code, message } = skippedClip(clip as TrainingClip, error, 'features');
      return { drawn, unusable: { code, message } };
    }
  };
}

/** What the transform makes of a clip, its errors with the clip's name. */
function changed(
  who: string,
  transform: Transform,
  waveform: Waveform,
  { id }: Named,
  random: () => number,
): { readonly output: Waveform; readonly drawn: unknown } {
  try {
    return transform.run(waveform, random);
  } catch (error) {
    if (!isSerKitError(error)) throw error;
    throw new SerKitError(error.code, `${who}: augment: ${id}: ${error.message}`, { cause: error });
  }
}

/** The random numbers of one clip in one epoch; those of its features are not those of its waveform. */
export function streamOf(
  purpose: 'augment' | 'augment-features',
  seed: number,
  epoch: number,
  id: string,
): () => number {
  return createRandom(deriveSeed(seed, purpose, epoch, id));
}
