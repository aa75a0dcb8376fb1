import { symmetricEigen } from './symmetric-eigen.ts';

/** Directions that two symmetric matrices agree on. */
export interface GeneralizedEigen {
  /** From the largest on. */
  readonly values: Float64Array<ArrayBuffer>;
  /** [n, n] row-major: row v has v B v' = 1, and v A w' = 0 = v B w' with any other. Of largest magnitude positive. */
  readonly vectors: Float64Array<ArrayBuffer>;
}

/**
 * The solutions of A v = value * B v for symmetric A and positive definite B, both [n, n] row-major: B is whitened by its
 * own eigenvectors, and A is diagonalized there (Golub & Van Loan, Matrix Computations, section 8.7).
 *
 * @returns undefined with the rank where B is singular to rounding
 */
export function generalizedEigen(a: Float64Array, b: Float64Array, n: number): GeneralizedEigen | { rank: number } {
  const whitening = symmetricEigen(b, n);
  const floor = whitening.values[0]! * n * Number.EPSILON;
  const rank = whitening.values.filter((value) => value > floor).length;
  if (rank < n) return { rank };
  // Rows of `white` take a vector to where B is the identity.
  const white = whitening.vectors.map((x, i) => x / Math.sqrt(whitening.values[Math.floor(i / n)]!));
  const inner = timesTransposed(times(white, a, n), white, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const mean = (inner[i * n + j]! + inner[j * n + i]!) / 2;
      inner[i * n + j] = mean;
      inner[j * n + i] = mean;
    }
  }
  const { values, vectors } = symmetricEigen(inner, n);
  const rows = times(vectors, white, n);
  for (let at = 0; at < rows.length; at += n) {
    const row = rows.subarray(at, at + n);
    const largest = row.reduce((most, x) => (Math.abs(x) > Math.abs(most) ? x : most), 0);
    if (largest < 0) for (let d = 0; d < n; d++) row[d] = -row[d]!;
  }
  return { values, vectors: rows };
}

/** The product of two matrices [n, n]. */
export function times(a: Float64Array, b: Float64Array, n: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const x = a[i * n + k]!;
      if (x === 0) continue;
      for (let j = 0, from = k * n, to = i * n; j < n; j++, from++, to++) out[to]! += x * b[from]!;
    }
  }
  return out;
}

/** The product of a and the transpose of b, both [n, n]. */
export function timesTransposed(a: Float64Array, b: Float64Array, n: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0, x = i * n, y = j * n; k < n; k++, x++, y++) sum += a[x]! * b[y]!;
      out[i * n + j] = sum;
    }
  }
  return out;
}
