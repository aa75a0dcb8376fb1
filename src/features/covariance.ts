import type { FeatureMatrix } from '../core/feature-matrix.ts';

/** So many frames are centred and transposed at a time: 80 dimensions of them are 160 kB, which stays in the cache. */
const BLOCK = 256;

/**
 * The covariance [dims, dims] row-major of all frames of all matrices around a mean, divided by frames - 1. In float64,
 * block by block: nothing is concatenated, and sums of a block are added up before they meet the whole.
 */
export function covarianceOf(
  matrices: readonly FeatureMatrix[],
  mean: Float64Array,
  frames: number,
): Float64Array<ArrayBuffer> {
  const dims = mean.length;
  const sums = new Float64Array(dims * dims);
  const block = new Float64Array(dims * BLOCK);
  let filled = 0;
  for (const { data } of matrices) {
    for (let at = 0; at < data.length; at += dims) {
      for (let d = 0; d < dims; d++) block[d * BLOCK + filled] = data[at + d] - mean[d];
      filled++;
      if (filled === BLOCK) {
        addProducts(block, dims, sums);
        filled = 0;
      }
    }
  }
  if (filled > 0) {
    for (let d = 0; d < dims; d++) block.fill(0, d * BLOCK + filled, (d + 1) * BLOCK);
    addProducts(block, dims, sums);
  }
  for (let i = 0; i < dims; i++) {
    for (let j = 0; j <= i; j++) {
      sums[i * dims + j] /= frames - 1;
      sums[j * dims + i] = sums[i * dims + j];
    }
  }
  return sums;
}

/** Adds the products of a block's dimensions, two by two, to the lower triangle of the sums. */
function addProducts(block: Float64Array, dims: number, sums: Float64Array): void {
  for (let i = 0; i < dims; i++) {
    for (let j = 0; j <= i; j++) {
      // Two sums, so that additions need not wait for one another.
      let even = 0;
      let odd = 0;
      for (let a = i * BLOCK, b = j * BLOCK, end = a + BLOCK; a < end; a += 2, b += 2) {
        even += block[a] * block[b];
        odd += block[a + 1] * block[b + 1];
      }
      sums[i * dims + j] += even + odd;
    }
  }
}
