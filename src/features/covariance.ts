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
  // Two rows by two columns at a time: each number that is read serves two products.
  for (let i = 0; i < dims; i += 2) {
    const a0 = i * BLOCK;
    const a1 = i + 1 < dims ? a0 + BLOCK : a0;
    for (let j = 0; j <= i; j += 2) {
      const b0 = j * BLOCK;
      const b1 = j + 1 < dims ? b0 + BLOCK : b0;
      let s00 = 0;
      let s01 = 0;
      let s10 = 0;
      let s11 = 0;
      for (let t = 0; t < BLOCK; t++) {
        const x0 = block[a0 + t];
        const x1 = block[a1 + t];
        const y0 = block[b0 + t];
        const y1 = block[b1 + t];
        s00 += x0 * y0;
        s01 += x0 * y1;
        s10 += x1 * y0;
        s11 += x1 * y1;
      }
      sums[i * dims + j] += s00;
      // On the diagonal this one lies above it, where the lower triangle is copied to afterwards.
      if (j + 1 < dims) sums[i * dims + j + 1] += s01;
      if (i + 1 < dims) sums[(i + 1) * dims + j] += s10;
      if (i + 1 < dims && j + 1 < dims) sums[(i + 1) * dims + j + 1] += s11;
    }
  }
}
