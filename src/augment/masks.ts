import * as z from 'zod/mini';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import type { Random } from '../core/random.ts';
import { checkDrawn } from './samples-in.ts';

// What masks of time and of frequency have in common, with the masks of `trainModel`.

/**
 * What a masked value becomes: the training mean, which standardized features have at 0, but for a millionth of a
 * deviation: a frame of nothing but zeros would be padding, and a masked frame is one that sounded.
 */
export const MASKED = 1e-6;

/** What masked values become: a number, or 'mean', each dimension's mean over the clip. */
export type MaskFill = number | 'mean';

/** Of frames or of dimensions: the first one hidden, and how many are. */
export interface MaskedStretch {
  readonly start: number;
  readonly width: number;
}

/** Options of both masks as they are checked. */
export const maskFields = {
  count: z.optional(z.int().check(z.minimum(1), z.maximum(1000))),
  maxShare: z.optional(z.number().check(z.gt(0), z.maximum(1))),
  fill: z.optional(
    z.union([z.number().check(z.minimum(-1e30), z.maximum(1e30)), z.literal('mean')], { error: "a number or 'mean'" }),
  ),
};
/** The most frames or dimensions that a mask hides. */
export const widest = z.int().check(z.minimum(1), z.maximum(2 ** 24));

const whole = z.int().check(z.nonnegative());
export const stretchesDrawn = (count: number) =>
  z.strictObject({ masks: z.array(z.strictObject({ start: whole, width: whole })).check(z.length(count)) });

/** A width from 0 to the widest, and a place for it among `all`, each as likely as any other. */
export function drawStretch(all: number, widest: number, random: Random): MaskedStretch {
  const width = Math.floor(random() * (Math.min(widest, all) + 1));
  const start = Math.floor(random() * (all - width + 1));
  return { start, width };
}

/** As many stretches as are asked for, none wider than `widest` nor than that share of all. */
export function drawStretches(
  all: number,
  { count, widest, maxShare }: { readonly count: number; readonly widest: number; readonly maxShare: number },
  random: Random,
): { readonly masks: readonly MaskedStretch[] } {
  // 0.29 * 100 is 28.999999999999996.
  const most = Math.min(widest, Math.floor(maxShare * all + 1e-9));
  return { masks: Array.from({ length: count }, () => drawStretch(all, most, random)) };
}

/**
 * Hides one rectangle of a [frames, dims] array in place.
 *
 * @param fill  what the values of each dimension become
 * @param zeros  'stay': values of exactly 0 are left as they are; 'hide': they are hidden like others
 */
export function hide(
  values: Float32Array,
  dims: number,
  frames: MaskedStretch,
  bands: MaskedStretch,
  fill: ArrayLike<number>,
  zeros: 'stay' | 'hide',
): void {
  for (let frame = frames.start; frame < frames.start + frames.width; frame++) {
    const row = frame * dims;
    for (let dim = bands.start; dim < bands.start + bands.width; dim++) {
      if (zeros === 'hide' || values[row + dim] !== 0) values[row + dim] = fill[dim]!;
    }
  }
}

/**
 * The matrix with the stretches hidden; frames of nothing but zeros, which are padding, stay.
 *
 * @throws SerKitError 'bad-input' for stretches that were drawn for a larger matrix
 */
export function maskMatrix(
  who: string,
  matrix: FeatureMatrix,
  along: 'frames' | 'dims',
  masks: readonly MaskedStretch[],
  fill: MaskFill,
): FeatureMatrix {
  for (const { start, width } of masks) {
    const fits = start + width <= matrix[along];
    checkDrawn(who, fits, `masks in ${matrix[along]} ${along}`, `${start} to ${start + width}`);
  }
  if (masks.every(({ width }) => width === 0)) return matrix;
  const { frames, dims } = matrix;
  const data = matrix.data.slice();
  const fills = fill === 'mean' ? means(matrix) : new Float64Array(dims).fill(fill);
  for (const mask of masks) {
    const wide = along === 'dims' ? mask : { start: 0, width: dims };
    const [first, end] = along === 'frames' ? [mask.start, mask.start + mask.width] : [0, frames];
    for (let frame = first; frame < end; frame++) {
      if (!isPadding(matrix, frame)) hide(data, dims, { start: frame, width: 1 }, wide, fills, 'hide');
    }
  }
  return { ...matrix, data };
}

/** Each dimension's mean over the frames that are no padding; MASKED where that is 0, lest a frame become padding. */
function means(matrix: FeatureMatrix): Float64Array {
  const { data, frames, dims } = matrix;
  const sums = new Float64Array(dims);
  let counted = 0;
  for (let frame = 0; frame < frames; frame++) {
    if (isPadding(matrix, frame)) continue;
    counted++;
    for (let dim = 0; dim < dims; dim++) sums[dim]! += data[frame * dims + dim]!;
  }
  return sums.map((sum) => Math.fround(sum / Math.max(1, counted)) || MASKED);
}

function isPadding({ data, dims }: FeatureMatrix, frame: number): boolean {
  for (let i = frame * dims; i < (frame + 1) * dims; i++) if (data[i] !== 0) return false;
  return true;
}
