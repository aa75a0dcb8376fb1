import * as z from 'zod/mini';
import type { Augmentation } from '../augment/augmentation.ts';
import type { WaveformFunction } from '../augment/own-function.ts';
import type { Domain, TransformJson } from '../augment/transform.ts';
import type { AugmentationWork, AugmentedEvent, ClipAugmenter } from '../clips/augmented-epochs.ts';
import type { FrontEndConfig, FrontEndOptions } from '../clips/front-end.ts';
import type { FeaturesOfClip, ReadingEvent } from '../clips/read-clips.ts';
import type { TrainingClip } from '../core/labelled-clip.ts';
import { count, seedNumber } from '../core/options.ts';
import { type TrainOptions, trainingFields } from '../models/train-options.ts';
import type { TrainingEvent } from '../models/training-events.ts';
import { shapeFields, type XvectorShape } from './build-xvector.ts';

/** What training an x-vector network tells: the reading of the clips, then the network's training. */
export type XvectorTrainingEvent =
  | ReadingEvent
  | TrainingEvent
  | AugmentedEvent
  /** Told before training: a network of so few speakers learns those speakers, and little that holds for others. */
  | { readonly type: 'few-speakers'; readonly speakers: number }
  /** Training is over; the spread within speakers is now learnt on so many clips. */
  | { readonly type: 'whitening'; readonly clips: number };

type AugmentPart = { readonly kind: string; readonly domain: Domain; toJSON(): TransformJson } | WaveformFunction;

export interface TrainXvectorOptions
  extends XvectorShape,
    Partial<
      Pick<
        TrainOptions,
        | 'epochs'
        | 'batchSize'
        | 'patience'
        | 'classWeights'
        | 'learningRate'
        | 'optimizer'
        | 'betas'
        | 'epsilon'
        | 'weightDecay'
        | 'clipNorm'
        | 'schedule'
        | 'plateau'
        | 'accumulate'
        | 'labelSmoothing'
        | 'mixup'
        | 'featureMasks'
        | 'weightAverage'
        | 'signal'
        | 'onCheckpoint'
        | 'resumeFrom'
      >
    > {
  /** Fixes the clips held out, the initial weights, the order of clips, the crops and all else that is drawn. */
  readonly seed: number;
  /** The share of each speaker's clips that is held out, to choose the best epoch by; above 0 and below 1. @default 0.1 */
  readonly validation?: number | undefined;
  /**
   * Each training clip a second time, and a third, at other speeds, as other speakers: so few speakers become more. Empty for none.
   * @default [0.9, 1.1]
   */
  readonly speeds?: readonly number[] | undefined;
  /** Frames of the stretch of each clip that an epoch trains on; null: whole clips. @default 80 */
  readonly cropFrames?: number | null | undefined;
  /** From a recording to frames. @default XVECTOR_FRONT_END */
  readonly frontEnd?: FrontEndOptions | undefined;
  /**
   * By the mean and deviation of the training clips' frames, which leaves the voice's own spectrum in them, and the microphone's too; or of each
   * clip's, which takes both out.
   * @default 'corpus'
   */
  readonly standardize?: 'corpus' | 'clip' | undefined;
  /** Whether the embedding is centred and whitened by the spread within training speakers, see whitened(). @default true */
  readonly whiten?: boolean | undefined;
  /** Computes features in this thread's place, as that of trainRecognizer(). @default clip by clip, in this thread */
  readonly featuresOf?:
    | ((clips: readonly TrainingClip[], frontEnd: FrontEndConfig) => AsyncIterable<FeaturesOfClip>)
    | undefined;
  /**
   * What is done to the training clips, anew in each epoch, before a stretch of them is taken: as that of trainRecognizer(). No clip held out is
   * touched, and the standardization and the whitening are learnt on clips as they are.
   * @default nothing
   */
  readonly augment?: Augmentation | AugmentPart | readonly AugmentPart[] | undefined;
  /** Changes waveforms in this thread's place: `(work) => augmentCorpus(work, { workers, dir })` of ser-kit/node. @default this thread */
  readonly augmentedFeaturesOf?: ((work: AugmentationWork) => ClipAugmenter) | undefined;
  /** What to write into the card about the clips. */
  readonly about?: { readonly corpus?: string | undefined; readonly attribution?: string | undefined } | undefined;
  readonly onEvent?: ((event: XvectorTrainingEvent) => void) | undefined;
}

const aFunction = () => z.optional(z.custom((value) => typeof value === 'function', 'a function'));

export const trainXvectorSchema = z.strictObject({
  seed: seedNumber,
  epochs: z.optional(count),
  batchSize: z.optional(count),
  ...trainingFields,
  ...shapeFields,
  validation: z.optional(z.number().check(z.positive(), z.lt(1))),
  speeds: z.optional(
    z
      .array(
        z.number().check(
          z.minimum(0.5),
          z.maximum(2),
          z.refine((speed) => speed !== 1, 'a speed other than 1'),
        ),
      )
      .check(z.refine((speeds) => new Set(speeds).size === speeds.length, 'each speed once')),
  ),
  cropFrames: z.optional(z.nullable(count)),
  frontEnd: z.optional(z.unknown()),
  standardize: z.optional(z.enum(['corpus', 'clip'])),
  whiten: z.optional(z.boolean()),
  featuresOf: aFunction(),
  augment: z.optional(z.unknown()),
  augmentedFeaturesOf: aFunction(),
  about: z.optional(z.strictObject({ corpus: z.optional(z.string()), attribution: z.optional(z.string()) })),
  onEvent: aFunction(),
});

/**
 * 30 mel bands in decibel from 50 to 5,000 Hz, 30 ms windows every 15 ms at 16 kHz: corpora and microphones differ above. Loud frames
 * decide what the floor of 80 dB below the clip's peak is.
 */
export const XVECTOR_FRONT_END: FrontEndOptions = {
  sampleRate: 16000,
  normalizeLevel: true,
  features: [
    {
      name: 'logMel',
      options: { nMels: 30, fMin: 50, fMax: 5000, nFft: 512, winLength: 480, hopLength: 240, center: false, topDb: 80 },
    },
  ],
};
