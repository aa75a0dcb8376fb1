import * as z from 'zod/mini';
import { drawStretch, hide, MASKED } from '../augment/masks.ts';
import { count } from '../core/options.ts';
import type { Random } from '../core/random.ts';

/** Stretches of each training clip that are hidden from the network (SpecAugment, Park et al. 2019). */
export interface FeatureMasks {
  /** `count` stretches of frames, each of 0 to `maxFrames`. */
  readonly time?: { readonly count: number; readonly maxFrames: number } | undefined;
  /** `count` bands of neighbouring dimensions, each of 0 to `maxDims`. */
  readonly dims?: { readonly count: number; readonly maxDims: number } | undefined;
  /** The last so many dimensions are hidden by neither: those that belong to the whole clip (`utteranceDims` of the builders). @default 0 */
  readonly untouchedDims?: number | undefined;
}

export const featureMasksField = z.strictObject({
  time: z.optional(z.strictObject({ count, maxFrames: count })),
  dims: z.optional(z.strictObject({ count, maxDims: count })),
  untouchedDims: z.optional(z.int().check(z.nonnegative())),
});

export { MASKED };

/**
 * Masks a clip's values in place: the widths and places of its stretches of frames, then of its bands, are drawn anew. Values
 * of exactly 0 stay, so that frames which were padding still are.
 *
 * @param values  [frames, dims], row-major
 */
export function maskFeatures(
  values: Float32Array,
  frames: number,
  dims: number,
  masks: FeatureMasks,
  random: Random,
): void {
  const all = (width: number) => ({ start: 0, width });
  const fill = new Float64Array(dims).fill(MASKED);
  const own = Math.max(0, dims - (masks.untouchedDims ?? 0));
  for (let i = 0; i < (masks.time?.count ?? 0); i++) {
    hide(values, dims, drawStretch(frames, masks.time!.maxFrames, random), all(own), fill, 'stay');
  }
  for (let i = 0; i < (masks.dims?.count ?? 0); i++) {
    hide(values, dims, all(frames), drawStretch(own, masks.dims!.maxDims, random), fill, 'stay');
  }
}
