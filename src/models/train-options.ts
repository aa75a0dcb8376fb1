import * as z from 'zod/mini';
import { count, nonNegative, positive, seedNumber } from '../core/options.ts';
import type { TrainingCheckpoint } from './checkpoint.ts';
import { type EpochFeatures, epochFeaturesField } from './epoch-features.ts';
import { type FeatureMasks, featureMasksField } from './feature-masks.ts';
import { type LearningRateSchedule, type PlateauOptions, plateauField, scheduleField } from './learning-rate.ts';
import type { TrainingEvent } from './training-events.ts';

/** How clips of a batch are mixed in training. */
export interface BatchMixup {
  /** The weight of a batch comes from Beta(alpha, alpha). */
  readonly alpha: number;
  /**
   * The last so many dimensions belong to the whole clip (`utteranceDims` of the builders), the same in all of its frames: in a mixed
   * clip they are, too, where other dimensions have zeros for the shorter clip beyond its end. @default 0
   */
  readonly utteranceDims?: number | undefined;
}

/** What `trainModel` takes beside the network and the examples. */
export interface TrainOptions {
  /**
   * Fixes the order of the clips and everything else that is drawn, but for what tfjs's own dropout draws (SeededDropout
   * of `ser-kit/layers` in its place is fixed too). With the model's own seed it fixes the result.
   */
  readonly seed: number;
  readonly epochs: number;
  readonly batchSize: number;
  /** Ends after so many epochs in a row without a better validation UAR. @default never */
  readonly patience?: number | undefined;
  /** What each class counts for in the loss; 'balanced': inversely to how often it occurs. @default 1 each */
  readonly classWeights?: readonly number[] | 'balanced' | undefined;
  /** The optimizer's step size, or its peak where a schedule moves it. @default 0.001 */
  readonly learningRate?: number | undefined;
  /**
   * Adam (Kingma & Ba 2015), whose weight decay is part of the gradient, or AdamW (Loshchilov & Hutter 2019), whose weight
   * decay is apart from it; without weight decay they are the same.
   * @default 'adamw'
   */
  readonly optimizer?: 'adam' | 'adamw' | undefined;
  /** How much of the running mean of gradients, and of their squares, each step keeps; in [0, 1). @default [0.9, 0.999] */
  readonly betas?: readonly [number, number] | undefined;
  /** Added to the root of the mean square. @default 1e-7 */
  readonly epsilon?: number | undefined;
  /** Weight decay of matrices and filters; biases and other vectors are left alone. @default 0 */
  readonly weightDecay?: number | undefined;
  /** Gradients longer than this, all weights together, are shortened to it (Pascanu et al. 2013). @default 5 */
  readonly clipNorm?: number | undefined;
  /** How the step size goes over the epochs asked for. @default 'constant' */
  readonly schedule?: LearningRateSchedule | undefined;
  /** When schedule 'plateau' lowers the step size; refused beside another schedule. @default PyTorch's */
  readonly plateau?: PlateauOptions | undefined;
  /**
   * Batches for each step of the optimizer: n batches of size b step as one of n b, in the memory of one (but for batch norm, which
   * sees a batch at a time). The last step of an epoch takes what is left.
   * @default 1
   */
  readonly accumulate?: number | undefined;
  /** The share of each target that is spread evenly over all classes (Szegedy et al. 2016), in [0, 1). @default 0 */
  readonly labelSmoothing?: number | undefined;
  /**
   * Trains on weighted means of two clips of a batch and of their targets, in place of the clips (Zhang et al. 2018); the
   * weight is drawn from Beta(alpha, alpha) once a batch. @default no mixing
   */
  readonly mixup?: BatchMixup | undefined;
  /** Hides stretches of frames and bands of dimensions of each training clip. @default none */
  readonly featureMasks?: FeatureMasks | undefined;
  /**
   * Features that take the place of the training examples' own, made anew for each epoch. Those of the examples still decide which
   * clips go into a batch together, and the training metrics are measured on them.
   * @default the examples' own in every epoch
   */
  readonly epochFeatures?: EpochFeatures | undefined;
  /**
   * Measures and keeps an exponential moving average of the weights, of which each step keeps `decay`, in (0, 1); it
   * counts only steps that were made, so that it needs no warm-up. @default the weights themselves
   */
  readonly weightAverage?: { readonly decay: number } | undefined;
  /** How many training examples the training metrics of each epoch are measured on, a fixed random part. @default all */
  readonly trainingMetricsOn?: number | undefined;
  /** Ends training after the batch in hand; the best weights so far are kept. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: TrainingEvent) => void) | undefined;
  /**
   * Given everything that going on needs, after each epoch and its 'epoch' event; training waits for it. What it throws ends
   * training with that error, the best weights in place.
   */
  readonly onCheckpoint?: ((checkpoint: TrainingCheckpoint) => void | Promise<void>) | undefined;
  /**
   * A checkpoint's bytes: training goes on after its epoch and ends as the run would have that made it, to the last bit on
   * the same backend and machine. The network, the examples and the options have to be those of that run; `patience`
   * may differ, and `epochs` where the schedule does not go by them ('constant', 'plateau'). A network with tfjs's own
   * dropout goes on too, but to other bits: a checkpoint does not know what that has drawn.
   */
  readonly resumeFrom?: Uint8Array | undefined;
}

const share = z.number().check(z.minimum(0), z.lt(1));

/** The fields that trainRecognizer() takes as they are. */
export const trainingFields = {
  patience: z.optional(count),
  classWeights: z.optional(z.union([z.literal('balanced'), z.array(z.number().check(z.nonnegative()))])),
  learningRate: z.optional(positive),
  optimizer: z.optional(z.enum(['adam', 'adamw'])),
  betas: z.optional(z.tuple([share, share])),
  epsilon: z.optional(positive),
  weightDecay: z.optional(nonNegative),
  clipNorm: z.optional(positive),
  schedule: z.optional(scheduleField),
  plateau: z.optional(plateauField),
  accumulate: z.optional(count),
  labelSmoothing: z.optional(share),
  mixup: z.optional(z.strictObject({ alpha: positive, utteranceDims: z.optional(z.int().check(z.nonnegative())) })),
  featureMasks: z.optional(featureMasksField),
  weightAverage: z.optional(z.strictObject({ decay: z.number().check(z.positive(), z.lt(1)) })),
  signal: z.optional(z.custom<AbortSignal>((value) => value instanceof AbortSignal, 'an AbortSignal')),
  onCheckpoint: z.optional(
    z.custom<NonNullable<TrainOptions['onCheckpoint']>>((value) => typeof value === 'function', 'a function'),
  ),
  resumeFrom: z.optional(z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'the bytes of a checkpoint')),
};

export const trainOptionsSchema = z.strictObject({
  seed: seedNumber,
  epochs: count,
  batchSize: count,
  ...trainingFields,
  epochFeatures: z.optional(epochFeaturesField),
  trainingMetricsOn: z.optional(count),
  onEvent: z.optional(z.custom<(event: TrainingEvent) => void>((value) => typeof value === 'function', 'a function')),
});

/** The options that shape a run, all of them decided; null: not asked for. As JSON they tell one run from another. */
export interface Settings {
  readonly seed: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly patience: number | null;
  readonly classWeights: readonly number[] | 'balanced' | null;
  readonly learningRate: number;
  readonly optimizer: 'adam' | 'adamw';
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly weightDecay: number;
  readonly clipNorm: number;
  readonly schedule: LearningRateSchedule;
  readonly plateau: PlateauOptions | null;
  readonly accumulate: number;
  readonly labelSmoothing: number;
  readonly mixup: BatchMixup | null;
  readonly featureMasks: FeatureMasks | null;
  readonly weightAverage: { readonly decay: number } | null;
  readonly trainingMetricsOn: number | null;
}

export function settingsOf(options: TrainOptions): Settings {
  const { seed, epochs, batchSize } = options;
  return {
    seed,
    epochs,
    batchSize,
    patience: options.patience ?? null,
    classWeights: options.classWeights ?? null,
    learningRate: options.learningRate ?? 1e-3,
    optimizer: options.optimizer ?? 'adamw',
    betas: options.betas ?? [0.9, 0.999],
    epsilon: options.epsilon ?? 1e-7,
    weightDecay: options.weightDecay ?? 0,
    clipNorm: options.clipNorm ?? 5,
    schedule: options.schedule ?? 'constant',
    plateau: options.plateau ?? null,
    accumulate: options.accumulate ?? 1,
    labelSmoothing: options.labelSmoothing ?? 0,
    mixup: options.mixup ?? null,
    featureMasks: options.featureMasks ?? null,
    weightAverage: options.weightAverage ?? null,
    trainingMetricsOn: options.trainingMetricsOn ?? null,
  };
}
