import * as z from 'zod/mini';
import { count } from '../core/options.ts';
import type { Random } from '../core/random.ts';

/** Stretches of each training clip that are hidden from the network (SpecAugment, Park et al. 2019). */
export interface FeatureMasks {
  /** `count` stretches of frames, each of 0 to `maxFrames`. */
  readonly time?: { readonly count: number; readonly maxFrames: number } | undefined;
  /** `count` bands of neighbouring dimensions, each of 0 to `maxDims`. */
  readonly dims?: { readonly count: number; readonly maxDims: number } | undefined;
}

export const featureMasksField = z.strictObject({
  time: z.optional(z.strictObject({ count, maxFrames: count })),
  dims: z.optional(z.strictObject({ count, maxDims: count })),
});

/**
 * What a masked value becomes: the training mean, which standardized features have at 0, but for a millionth of a
 * deviation: a frame of nothing but zeros would be padding, and a masked frame is one that sounded.
 */
export const MASKED = 1e-6;

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
  const hide = (frame: number, dim: number): void => {
    if (values[frame * dims + dim] !== 0) values[frame * dims + dim] = MASKED;
  };
  for (let i = 0; i < (masks.time?.count ?? 0); i++) {
    const [begin, end] = stretch(frames, masks.time!.maxFrames, random);
    for (let frame = begin; frame < end; frame++) for (let dim = 0; dim < dims; dim++) hide(frame, dim);
  }
  for (let i = 0; i < (masks.dims?.count ?? 0); i++) {
    const [begin, end] = stretch(dims, masks.dims!.maxDims, random);
    for (let frame = 0; frame < frames; frame++) for (let dim = begin; dim < end; dim++) hide(frame, dim);
  }
}

/** A width from 0 to the widest, and a place for it among `all`, each as likely as any other. */
function stretch(all: number, widest: number, random: Random): [number, number] {
  const width = Math.floor(random() * (Math.min(widest, all) + 1));
  const begin = Math.floor(random() * (all - width + 1));
  return [begin, begin + width];
}
