import * as z from 'zod/mini';
import { SerKitError } from '../core/errors.ts';
import { type SpeakerScatter, traceOf } from './speaker-scatter.ts';

/** How the covariance within speakers is steadied where clips are few: 'auto' (Ledoit & Wolf), or a share in [0, 1]. */
export type Shrinkage = 'auto' | number;

export const shrinkageSchema = /* @__PURE__ */ (() =>
  z.union([z.literal('auto'), z.number().check(z.minimum(0), z.maximum(1))]))();

/** The least of 'auto': a dimension that never varies stays of use, however many the clips are. */
const LEAST_SHARE = 1e-4;

/** The share that a choice comes to. */
export function shareOf({ ledoitWolf }: SpeakerScatter, shrinkage: Shrinkage): number {
  return shrinkage === 'auto' ? Math.max(LEAST_SHARE, ledoitWolf) : shrinkage;
}

/**
 * (1 - share) * covariance + share * mean variance * I of the covariance within speakers, [dims, dims]: the scatter over clips
 * less speakers.
 */
export function shrunkWithin(scatter: SpeakerScatter, share: number): Float64Array<ArrayBuffer> {
  const { within, dims, clips, counts } = scatter;
  const freedom = clips - counts.length;
  const added = (share * traceOf(within, dims)) / freedom / dims;
  const covariance = within.map((x) => ((1 - share) * x) / freedom);
  for (let d = 0; d < dims; d++) covariance[d * dims + d]! += added;
  return covariance;
}

/** A covariance within speakers that cannot be divided by, in words. */
export function singular(who: string, rank: number, dims: number): SerKitError {
  return new SerKitError(
    'bad-input',
    `${who}: expected clips that differ from their speaker's mean in all ${dims} dimensions, got ${rank}: leave shrinkage at 'auto', or take it above 0`,
  );
}
