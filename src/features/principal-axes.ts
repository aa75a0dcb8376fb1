import { symmetricEigen } from '../dsp/symmetric-eigen.ts';

/** Orthogonal directions, each with the variance along it, from the largest on. */
export interface PrincipalAxes {
  /** [rank, dims] row-major, each row of length 1, its entry of largest magnitude positive. */
  readonly axes: Float64Array<ArrayBuffer>;
  readonly variances: Float64Array<ArrayBuffer>;
}

/**
 * The eigenvectors of a covariance [dims, dims] whose eigenvalues stand out of rounding. What lies below dims * epsilon of
 * the largest eigenvalue cannot be told from 0 in float64, and its direction would be chance.
 */
export function principalAxes(covariance: Float64Array, dims: number): PrincipalAxes {
  const { values, vectors } = symmetricEigen(covariance, dims);
  const floor = values[0] * dims * Number.EPSILON;
  const variances = values.filter((value) => value > floor);
  const axes = vectors.slice(0, variances.length * dims);
  for (let row = 0; row < axes.length; row += dims) {
    const axis = axes.subarray(row, row + dims);
    const largest = axis.reduce((most, x) => (Math.abs(x) > Math.abs(most) ? x : most), 0);
    if (largest < 0) for (let d = 0; d < dims; d++) axis[d] = -axis[d];
  }
  return { axes, variances };
}
