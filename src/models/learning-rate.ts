import * as z from 'zod/mini';
import { nonNegative } from '../core/options.ts';

/** How the step size goes over a training. */
export type LearningRateSchedule = 'constant' | 'one-cycle' | 'cosine' | 'plateau';

export const scheduleField = z.enum(['constant', 'one-cycle', 'cosine', 'plateau']);

const WARM_UP = 0.2;
const START = 0.1;

/**
 * The step size at a moment of training, for the schedules that go by time alone.
 *
 * 'one-cycle' (after Smith & Topin 2018): from a tenth up to `peak` over the first fifth of all steps, then down to nothing
 * along half a cosine; it rises and falls once, whatever the losses do. 'cosine' (Loshchilov & Hutter 2017, without
 * restarts; PyTorch's CosineAnnealingLR): from `peak` down to nothing along half a cosine.
 *
 * @param progress  the share of all steps that are done, in [0, 1)
 */
export function learningRateAt(
  schedule: Exclude<LearningRateSchedule, 'plateau'>,
  peak: number,
  progress: number,
): number {
  if (schedule === 'constant') return peak;
  if (schedule === 'cosine') return 0.5 * peak * (1 + Math.cos(Math.PI * progress));
  if (progress < WARM_UP) return peak * (START + ((1 - START) * progress) / WARM_UP);
  return 0.5 * peak * (1 + Math.cos((Math.PI * (progress - WARM_UP)) / (1 - WARM_UP)));
}

/** When schedule 'plateau' lowers the step size: by the rule and with the defaults of PyTorch's ReduceLROnPlateau. */
export interface PlateauOptions {
  /** What has to get better: the validation loss, or the validation's unweighted average recall. @default 'loss' */
  readonly metric?: 'loss' | 'uar' | undefined;
  /** What the step size is multiplied by, in (0, 1). @default 0.1 */
  readonly factor?: number | undefined;
  /** Epochs in a row that may pass without a better one; the next one lowers the step size. @default 10 */
  readonly patience?: number | undefined;
  /** Better is by more than this share of the best so far. @default 0.0001 */
  readonly threshold?: number | undefined;
  /** The step size is not lowered below this; one that is below it already stays. @default 0 */
  readonly minRate?: number | undefined;
}

export const plateauField = z.strictObject({
  metric: z.optional(z.enum(['loss', 'uar'])),
  factor: z.optional(z.number().check(z.positive(), z.lt(1))),
  patience: z.optional(z.int().check(z.nonnegative())),
  threshold: z.optional(nonNegative),
  minRate: z.optional(nonNegative),
});

/** Where schedule 'plateau' stands: plain numbers, as a checkpoint keeps them. */
export interface PlateauState {
  readonly rate: number;
  /** The best value so far; undefined before the first epoch. */
  readonly best?: number | undefined;
  /** Epochs in a row without a better one. */
  readonly badEpochs: number;
}

/** The state after an epoch whose validation gave `loss` and `unweightedAverageRecall`. */
export function afterPlateauEpoch(
  state: PlateauState,
  validation: { readonly loss: number; readonly unweightedAverageRecall: number },
  options: PlateauOptions,
): PlateauState {
  const { metric = 'loss', factor = 0.1, patience = 10, threshold = 1e-4, minRate = 0 } = options;
  const { rate, best, badEpochs } = state;
  const value = metric === 'loss' ? validation.loss : validation.unweightedAverageRecall;
  const isBetter =
    best === undefined || (metric === 'loss' ? value < best * (1 - threshold) : value > best * (1 + threshold));
  if (isBetter) return { rate, best: value, badEpochs: 0 };
  if (badEpochs < patience) return { rate, best, badEpochs: badEpochs + 1 };
  return { rate: Math.min(rate, Math.max(rate * factor, minRate)), best, badEpochs: 0 };
}
