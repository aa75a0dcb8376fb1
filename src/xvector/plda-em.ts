import { generalizedEigen, times, timesTransposed } from '../dsp/generalized-eigen.ts';
import { shrunkWithin, singular } from './shrinkage.ts';
import { type SpeakerScatter, traceOf } from './speaker-scatter.ts';

/** The two covariances, as the directions in which both are diagonal. */
export interface TwoCovariances {
  readonly mean: Float64Array<ArrayBuffer>;
  /** [dims, dims] row-major: along each row the variance within speakers is 1. */
  readonly axes: Float64Array<ArrayBuffer>;
  /** That between speakers, from the largest on. */
  readonly between: Float64Array<ArrayBuffer>;
}

/**
 * Expectation maximization for x = mean + y + e, y ~ N(0, B) of each speaker and e ~ N(0, W) of each clip (Sizov, Lee &
 * Kinnunen 2014, for two covariances). It is done where W is the identity and B is diagonal, so that what is expected of a
 * speaker is a division in each direction; the new B and W are then diagonalized together anew.
 *
 * @param share  of the prior mean (the mean variance within speakers, in all directions) in each new W
 */
export function pldaByEm(who: string, scatter: SpeakerScatter, share: number, iterations: number): TwoCovariances {
  const { dims, clips, counts, means, within } = scatter;
  const speakers = counts.length;
  const prior = traceOf(within, dims) / (clips - speakers) / dims;
  const diagonalized = (b: Float64Array, w: Float64Array) => {
    const found = generalizedEigen(b, w, dims);
    if ('rank' in found) throw singular(who, found.rank, dims);
    return found;
  };
  const outer = new Float64Array(dims * dims);
  const addOuter = (to: Float64Array, vector: Float64Array, weight: number): void => {
    for (let i = 0; i < dims; i++) {
      const x = weight * vector[i]!;
      for (let j = 0, at = i * dims; j < dims; j++, at++) to[at]! += x * vector[j]!;
    }
  };
  for (const [s, own] of counts.entries()) addOuter(outer, means.subarray(s * dims, (s + 1) * dims), own / clips);
  const first = shrunkWithin(scatter, share);
  let { values: between, vectors: axes } = diagonalized(outer, first);
  // The inverse of the axes: where they make the covariance within speakers the identity, it times their transpose.
  let back = timesTransposed(first, axes, dims);

  // How far the mean has moved from that of the clips.
  const shift = new Float64Array(dims);
  const along = new Float64Array(speakers * dims);
  const expected = new Float64Array(speakers * dims);
  for (let step = 0; step < iterations; step++) {
    const newBetween = new Float64Array(dims * dims);
    const newWithin = timesTransposed(times(axes, within, dims), axes, dims);
    const rest = new Float64Array(dims);
    for (const [s, own] of counts.entries()) {
      for (let i = 0; i < dims; i++) {
        let sum = 0;
        for (let d = 0; d < dims; d++) sum += axes[i * dims + d]! * (means[s * dims + d]! - shift[d]!);
        const v = Math.max(0, between[i]!);
        const variance = v / (own * v + 1);
        along[s * dims + i] = sum;
        expected[s * dims + i] = own * variance * sum;
        rest[i]! += (own / clips) * (sum - own * variance * sum);
        newBetween[i * dims + i]! += variance / speakers;
        newWithin[i * dims + i]! += own * variance;
      }
      addOuter(newBetween, expected.subarray(s * dims, (s + 1) * dims), 1 / speakers);
    }
    const left = new Float64Array(dims);
    for (const [s, own] of counts.entries()) {
      for (let i = 0; i < dims; i++) left[i] = along[s * dims + i]! - expected[s * dims + i]! - rest[i]!;
      addOuter(newWithin, left, own);
    }
    const spread = timesTransposed(axes, axes, dims);
    for (let i = 0; i < newWithin.length; i++) {
      newWithin[i] = ((1 - share) * newWithin[i]!) / clips + share * prior * spread[i]!;
    }
    const next = diagonalized(newBetween, newWithin);
    for (let d = 0; d < dims; d++) {
      for (let i = 0; i < dims; i++) shift[d]! += back[d * dims + i]! * rest[i]!;
    }
    back = timesTransposed(times(back, newWithin, dims), next.vectors, dims);
    between = next.values;
    axes = times(next.vectors, axes, dims);
  }
  return { mean: scatter.mean.map((m, d) => m + shift[d]!), axes, between };
}
