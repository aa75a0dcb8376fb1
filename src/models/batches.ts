import type { FeatureMatrix } from '../core/feature-matrix.ts';
import { type Random, shuffled } from '../core/random.ts';

/** How many batches are sorted by length together: enough that a batch's clips are alike, few enough to stay random. */
const BATCHES_SORTED_TOGETHER = 8;

/**
 * Cuts clips into batches of like length: shuffled, sorted by length within stretches of eight batches, cut, and the
 * batches shuffled. Every clip is in exactly one batch; the last one made may be smaller.
 *
 * @returns lists of indices into `frames`
 */
export function batchesOfLikeLength(frames: readonly number[], batchSize: number, random: Random): number[][] {
  const order = shuffled(Array.from(frames.keys()), random);
  const batches: number[][] = [];
  const stretch = batchSize * BATCHES_SORTED_TOGETHER;
  for (let begin = 0; begin < order.length; begin += stretch) {
    const part = order.slice(begin, begin + stretch).sort((a, b) => frames[a]! - frames[b]! || a - b);
    for (let at = 0; at < part.length; at += batchSize) batches.push(part.slice(at, at + batchSize));
  }
  return shuffled(batches, random);
}

/** Clips for prediction, longest first, so that memory's peak comes at once. */
export function batchesByLength(frames: readonly number[], batchSize: number): number[][] {
  const order = Array.from(frames.keys()).sort((a, b) => frames[b]! - frames[a]! || a - b);
  const batches: number[][] = [];
  for (let at = 0; at < order.length; at += batchSize) batches.push(order.slice(at, at + batchSize));
  return batches;
}

/** The matrices as one [clips, longest, dims] array, shorter ones followed by frames of zeros. */
export function padTogether(matrices: readonly FeatureMatrix[]): { values: Float32Array; frames: number } {
  const frames = matrices.reduce((longest, m) => Math.max(longest, m.frames), 0);
  const dims = matrices[0]!.dims;
  const values = new Float32Array(matrices.length * frames * dims);
  matrices.forEach((matrix, i) => {
    values.set(matrix.data, i * frames * dims);
  });
  return { values, frames };
}
