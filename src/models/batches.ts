import type { FeatureMatrix } from '../core/feature-matrix.ts';
import { type Random, shuffled } from '../core/random.ts';

/** How many batches are sorted by length together: enough that a batch's clips are alike, few enough to stay random. */
const BATCHES_SORTED_TOGETHER = 8;

/**
 * The most frames that a batch may hold, padding included; a clip that is longer is a batch by itself. It bounds memory where
 * one recording is far longer than the others: 64 clips of 10 s at 20 ms fit.
 */
export const FRAMES_AT_ONCE = 32_768;

/**
 * Cuts clips into batches of like length: shuffled, sorted by length within stretches of eight batches, cut, and the
 * batches shuffled. Every clip is in exactly one batch; batches are smaller where the list ends and where clips are long
 * (FRAMES_AT_ONCE).
 *
 * @returns lists of indices into `frames`
 */
export function batchesOfLikeLength(frames: readonly number[], batchSize: number, random: Random): number[][] {
  const order = shuffled(Array.from(frames.keys()), random);
  const batches: number[][] = [];
  const stretch = batchSize * BATCHES_SORTED_TOGETHER;
  for (let begin = 0; begin < order.length; begin += stretch) {
    const part = order.slice(begin, begin + stretch).sort((a, b) => frames[a]! - frames[b]! || a - b);
    batches.push(...cut(part, frames, batchSize));
  }
  return shuffled(batches, random);
}

/** Clips for prediction, longest first, so that memory's peak comes at once. */
export function batchesByLength(frames: readonly number[], batchSize: number): number[][] {
  const order = Array.from(frames.keys()).sort((a, b) => frames[b]! - frames[a]! || a - b);
  return cut(order, frames, batchSize);
}

/** Cuts a list in its order, each piece of at most `batchSize` clips and FRAMES_AT_ONCE frames when padded. */
function cut(order: readonly number[], frames: readonly number[], batchSize: number): number[][] {
  const batches: number[][] = [];
  let batch: number[] = [];
  let longest = 0;
  for (const clip of order) {
    const longer = Math.max(longest, frames[clip]!);
    const full = batch.length === batchSize || (batch.length > 0 && longer * (batch.length + 1) > FRAMES_AT_ONCE);
    if (full) {
      batches.push(batch);
      batch = [];
    }
    longest = full ? frames[clip]! : longer;
    batch.push(clip);
  }
  if (batch.length > 0) batches.push(batch);
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
