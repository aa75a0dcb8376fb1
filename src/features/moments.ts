import { quote, SerKitError } from '../core/errors.ts';
import { checkFeatureMatrix, type FeatureMatrix } from '../core/feature-matrix.ts';

/** Each dimension's mean and deviation (population) over some frames. */
export interface Moments {
  readonly mean: Float64Array<ArrayBuffer>;
  /** All above 0: a dimension that does not vary beyond rounding has 1. */
  readonly deviation: Float64Array<ArrayBuffer>;
}

/** Refuses what is no list of matrices, one or more. */
export function checkList(who: string, matrices: readonly FeatureMatrix[]): void {
  if (!Array.isArray(matrices)) {
    throw new SerKitError('bad-input', `${who}: expected an array of FeatureMatrix, got ${quote(matrices)}`);
  }
  if (matrices.length === 0) throw new SerKitError('empty', `${who}: expected at least one matrix, got none`);
  for (const matrix of matrices) checkFeatureMatrix(who, matrix);
}

/**
 * Refuses what is no list of matrices of the same dims with at least one frame in all.
 *
 * @returns how many frames there are
 */
export function checkMatrices(who: string, matrices: readonly FeatureMatrix[]): number {
  checkList(who, matrices);
  let frames = 0;
  for (const matrix of matrices) {
    checkDims(who, matrices[0].dims, matrix);
    frames += matrix.frames;
  }
  if (frames === 0) throw new SerKitError('empty', `${who}: expected at least one frame, got none`);
  return frames;
}

export function checkDims(who: string, dims: number, matrix: FeatureMatrix): void {
  if (matrix.dims === dims) return;
  throw new SerKitError('bad-input', `${who}: dims expected ${dims} in every matrix, got ${matrix.dims}`);
}

/** Mean of each dimension over all frames, in float64. */
export function meanOf(matrices: readonly FeatureMatrix[], dims: number, frames: number): Float64Array<ArrayBuffer> {
  const mean = new Float64Array(dims);
  for (const { data } of matrices) {
    for (let at = 0; at < data.length; at += dims) for (let d = 0; d < dims; d++) mean[d] += data[at + d];
  }
  for (let d = 0; d < dims; d++) mean[d] /= frames;
  return mean;
}

/** Mean and deviation of matrices that are checked. */
export function momentsOf(matrices: readonly FeatureMatrix[], dims: number): Moments {
  const frames = matrices.reduce((sum, matrix) => sum + matrix.frames, 0);
  const mean = meanOf(matrices, dims, frames);
  // The second pass takes squares of what is left after the mean, so nothing cancels.
  const squares = new Float64Array(dims);
  for (const { data } of matrices) {
    for (let at = 0; at < data.length; at += dims) {
      for (let d = 0; d < dims; d++) {
        const rest = data[at + d] - mean[d];
        squares[d] += rest * rest;
      }
    }
  }
  const deviation = squares.map((sum, d) => {
    const variance = sum / frames;
    // What rounding alone makes of a constant (scikit-learn's bound).
    const noise = frames * Number.EPSILON * variance + (frames * mean[d] * Number.EPSILON) ** 2;
    return variance <= noise ? 1 : Math.sqrt(variance);
  });
  return { mean, deviation };
}

/** (x - mean) / deviation, dimension by dimension; shape and names stay. */
export function standardized(matrix: FeatureMatrix, { mean, deviation }: Moments): FeatureMatrix {
  const { dims } = matrix;
  const data = new Float32Array(matrix.data.length);
  for (let at = 0; at < data.length; at += dims) {
    for (let d = 0; d < dims; d++) data[at + d] = (matrix.data[at + d] - mean[d]) / deviation[d];
  }
  return { ...matrix, data };
}
