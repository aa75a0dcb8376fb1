import * as tf from '@tensorflow/tfjs-core';
import type { XvectorLayer, XvectorPooling } from './weights.ts';

/** What is known of some frames, [dims] each: how many, their means, and their mean squared distances from them. */
export interface FrameStatistics {
  readonly frames: number;
  readonly mean: Float32Array | Float64Array;
  readonly variance: Float32Array | Float64Array;
}

/** The means of rows, then their (biased) variances, [2, dims]. */
export function rowStatistics(rows: tf.Tensor2D): tf.Tensor2D {
  const { mean, variance } = tf.moments(rows, 0);
  return tf.stack([mean, variance]) as tf.Tensor2D;
}

/** The statistics of two sets of frames together (Chan et al. 1979). */
export function mergeStatistics(a: FrameStatistics | undefined, b: FrameStatistics): FrameStatistics {
  if (a === undefined) return b;
  const frames = a.frames + b.frames;
  const share = b.frames / frames;
  const mean = Float64Array.from(a.mean, (value, i) => value + (b.mean[i]! - value) * share);
  const variance = Float64Array.from(a.variance, (value, i) => {
    const apart = b.mean[i]! - a.mean[i]!;
    return value * (1 - share) + b.variance[i]! * share + apart * apart * share * (1 - share);
  });
  return { frames, mean, variance };
}

/**
 * Writes the vector that the segment layers see, [2 * dims]: means, then standard deviations, of frames after their norm.
 */
export function writePooled(
  { frames, mean, variance }: FrameStatistics,
  norm: XvectorLayer['norm'],
  { deviation, added, floor }: XvectorPooling,
  out: Float32Array,
  at: number,
): void {
  const dims = mean.length;
  const unbiased = deviation === 'unbiased' ? frames / (frames - 1) : 1;
  for (let i = 0; i < dims; i++) {
    const scale = norm === null ? 1 : norm.scale[i]!;
    out[at + i] = mean[i]! * scale + (norm === null ? 0 : norm.shift[i]!);
    out[at + dims + i] = Math.sqrt(Math.max(variance[i]! * scale * scale * unbiased, floor)) + added;
  }
}
