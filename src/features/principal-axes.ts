import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

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
  const matrix = Matrix.from1DArray(dims, dims, covariance);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  // In ascending order.
  const floor = realEigenvalues[dims - 1] * dims * Number.EPSILON;
  const columns = Array.from({ length: dims }, (_, i) => dims - 1 - i).filter((c) => realEigenvalues[c] > floor);
  const axes = new Float64Array(columns.length * dims);
  columns.forEach((column, row) => {
    const axis = axes.subarray(row * dims, (row + 1) * dims);
    for (let d = 0; d < dims; d++) axis[d] = eigenvectorMatrix.get(d, column);
    const largest = axis.reduce((most, x) => (Math.abs(x) > Math.abs(most) ? x : most), 0);
    if (largest < 0) for (let d = 0; d < dims; d++) axis[d] = -axis[d];
  });
  return { axes, variances: Float64Array.from(columns, (column) => realEigenvalues[column]) };
}
