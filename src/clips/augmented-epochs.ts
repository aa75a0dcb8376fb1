import { type Augmentation, createAugmentation } from '../augment/augmentation.ts';
import type { Transform, TransformJson } from '../augment/transform.ts';
import { isSerKitError, quote, SerKitError } from '../core/errors.ts';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import type { TrainingClip } from '../core/labelled-clip.ts';
import { loadClip } from '../core/load-clip.ts';
import type { Waveform } from '../core/waveform.ts';
import { breathe } from '../models/breathe.ts';
import type { EpochFeatures } from '../models/epoch-features.ts';
import { appendToFrames, withoutAppended } from './append-to-frames.ts';
import { type AugmentationPlan, type AugmentedFeatures, createClipAugmenter, streamOf } from './augment-clip.ts';
import type { SkippedClip } from './skipped-clip.ts';

/** What is to be made of the training clips in each epoch. */
export interface AugmentationWork {
  /** The training clips that have features. No clip of another part is ever among them. */
  readonly clips: readonly TrainingClip[];
  readonly plan: AugmentationPlan;
  /** What changes the waveforms. */
  readonly transform: Transform;
}

/** What came of one training clip in one epoch. */
export interface AugmentedFeaturesOfClip extends AugmentedFeatures {
  readonly clip: TrainingClip;
}

/** Who does the work: this thread, or others. */
export interface ClipAugmenter {
  /**
   * The clips of one epoch as they are then, in the order given. May begin at once, before the first is asked for.
   *
   * @param order  indices into the work's clips
   * @param signal  fires when no more of them are wanted
   */
  epoch(epoch: number, order: readonly number[], signal: AbortSignal): AsyncIterable<AugmentedFeaturesOfClip>;
  /** Called once, at the end. */
  close?(): Promise<void>;
}

/** What was done to one training clip in one epoch. */
export interface AugmentedEvent {
  readonly type: 'augmented';
  readonly epoch: number;
  /** The clip's id. */
  readonly clip: string;
  /** What the transforms drew: given to apply() of `augment.waveform` and `augment.features`, it gives the same again. */
  readonly drawn: { readonly waveform?: unknown; readonly features?: unknown };
  /** Why the changed waveform could not be used: the network saw the clip's waveform as it is. */
  readonly unusable?: Omit<SkippedClip, 'id'>;
}

/** The option `augment` as an augmentation. @throws SerKitError 'bad-option' */
export function augmentationOf(who: string, value: unknown): Augmentation | undefined {
  if (value === undefined) return undefined;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isObject && 'toJSON' in value && 'mixup' in value) return value as unknown as Augmentation;
  if (isObject && 'transform' in value) {
    throw new SerKitError(
      'bad-option',
      `${who}: augment expected transforms or an augmentation, got JSON; parseAugmentation() makes one of it`,
    );
  }
  return createAugmentation(value);
}

/** Clip by clip, in this thread; each is loaded again in every epoch. */
export function augmentInThisThread({ clips, plan, transform }: AugmentationWork): ClipAugmenter {
  const augment = createClipAugmenter(plan, transform);
  return {
    async *epoch(epoch, order, signal) {
      for (const index of order) {
        if (signal.aborted) return;
        const clip = clips[index]!;
        yield { clip, ...augment(await loadAgain(plan.who, clip), clip, epoch) };
        await breathe();
      }
    },
  };
}

/**
 * The waveform of a clip that has been loaded before. One that cannot be loaded any more ends training: to go on without it
 * would be another training.
 */
export async function loadAgain(who: string, clip: TrainingClip): Promise<Waveform> {
  try {
    return await loadClip(clip);
  } catch (error) {
    throw lostClip(who, clip, error);
  }
}

export function lostClip(who: string, { id }: TrainingClip, error: unknown): unknown {
  if (!isSerKitError(error)) return error;
  const text = `${who}: augment expected ${id} to be there still, as when its features were computed: ${error.message}`;
  return new SerKitError(error.code, text, { cause: error });
}

/** The training examples of each epoch, changed as `augmentation` says. */
export function augmentedEpochs(options: {
  /** Begins the messages. */
  readonly who: string;
  readonly augmentation: Augmentation;
  readonly seed: number;
  readonly clips: readonly TrainingClip[];
  /** What the network sees of the clips as they are. */
  readonly matrices: readonly FeatureMatrix[];
  /** What follows each frame of a clip's matrix whatever is done to the clip: its x-vector. @default nothing */
  readonly appended?: readonly Float32Array[] | undefined;
  /** Who changes waveforms; undefined where none are changed. */
  readonly augmenter: ClipAugmenter | undefined;
  readonly onEvent: (event: AugmentedEvent) => void;
}): EpochFeatures & { readonly about: readonly TransformJson[] } {
  const { who, augmentation, seed, clips, matrices, appended, augmenter, onEvent } = options;
  const { features } = augmentation;
  return {
    about: augmentation.toJSON(),
    of(epoch, batches, signal) {
      // Here, where other threads can begin at once, and not when the first batch is asked for.
      const waveforms = augmenter?.epoch(epoch, batches.flat(), signal)[Symbol.asyncIterator]();
      const one = async (index: number): Promise<{ matrix: FeatureMatrix; event: AugmentedEvent }> => {
        const { id } = clips[index]!;
        const found = await waveforms?.next();
        if (found !== undefined) checkClip(who, found, clips[index]!);
        const { matrix: changed, drawn, unusable } = found?.value ?? {};
        const values = appended?.[index];
        // Transforms of features work on the frames' own dimensions: what belongs to the whole clip is none of a band or a stretch.
        const own = (): FeatureMatrix =>
          values === undefined ? matrices[index]! : withoutAppended(matrices[index]!, values.length);
        const step = features?.run(changed ?? own(), streamOf('augment-features', seed, epoch, id));
        const made = step?.output ?? changed;
        return {
          matrix: made === undefined ? matrices[index]! : values === undefined ? made : appendToFrames(made, values),
          event: {
            type: 'augmented',
            epoch,
            clip: id,
            drawn: { ...(drawn !== undefined && { waveform: drawn }), ...(step && { features: step.drawn }) },
            ...(unusable && { unusable }),
          },
        };
      };
      return (async function* () {
        let [seen, unusable] = [0, 0];
        for (const batch of batches) {
          const done: FeatureMatrix[] = [];
          const events: AugmentedEvent[] = [];
          for (const index of batch) {
            const { matrix, event } = await one(index);
            done.push(matrix);
            events.push(event);
          }
          for (const event of events) onEvent(event);
          seen += events.length;
          unusable += events.filter((event) => event.unusable !== undefined).length;
          // One clip or another may be too short for it; where none can be changed, it is not the training that was asked for.
          if (seen === clips.length && unusable === seen) throw noneUsable(who, epoch, events.at(-1)!, seen);
          yield done;
        }
      })();
    },
  };
}

function noneUsable(who: string, epoch: number, { clip, unusable }: AugmentedEvent, clips: number): SerKitError {
  return new SerKitError(
    'bad-input',
    `${who}: augment expected changed clips that can be used, got none of ${clips} in epoch ${epoch}; ${clip}: ${unusable!.message}`,
  );
}

function checkClip(who: string, { done, value }: IteratorResult<AugmentedFeaturesOfClip>, clip: TrainingClip): void {
  if (done !== true && value?.clip === clip) return;
  throw new SerKitError(
    'bad-input',
    `${who}: augmentedFeaturesOf expected to give each clip once, in the order asked for, got ${done === true ? 'no more' : quote(value?.clip?.id)} in place of ${quote(clip.id)}`,
  );
}
