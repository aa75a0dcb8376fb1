/** How the step size goes over a training. */
export type LearningRateSchedule = 'constant' | 'one-cycle';

const WARM_UP = 0.2;
const START = 0.1;

/**
 * The step size at a moment of training. 'one-cycle' (after Smith & Topin 2018): from a tenth up to `peak` over the first
 * fifth of all steps, then down to nothing along half a cosine; it rises and falls once, whatever the losses do.
 *
 * @param progress  the share of all steps that are done, in [0, 1)
 */
export function learningRateAt(schedule: LearningRateSchedule, peak: number, progress: number): number {
  if (schedule === 'constant') return peak;
  if (progress < WARM_UP) return peak * (START + ((1 - START) * progress) / WARM_UP);
  return 0.5 * peak * (1 + Math.cos((Math.PI * (progress - WARM_UP)) / (1 - WARM_UP)));
}
