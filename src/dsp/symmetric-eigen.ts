/** Eigenvalues from the largest on, and their eigenvectors. */
export interface SymmetricEigen {
  readonly values: Float64Array<ArrayBuffer>;
  /** [n, n] row-major: row i has length 1 and belongs to values[i]; the rows are orthogonal. */
  readonly vectors: Float64Array<ArrayBuffer>;
}

/**
 * The eigenvalues and eigenvectors of a symmetric matrix [n, n], row-major, which stays as it is: reflections bring it to
 * tridiagonal form, and implicit QR steps with Wilkinson's shift to a diagonal (Golub & Van Loan, Matrix Computations,
 * algorithms 8.3.1 to 8.3.3). In float64, so each eigenvalue is right to rounding of the largest. All that is multiplied
 * lies in rows: the matrix of eigenvectors is kept transposed.
 */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  // Scaled, so that squares neither overflow nor vanish.
  const scale = matrix.reduce((most, x) => Math.max(most, Math.abs(x)), 0) || 1;
  const a = matrix.map((x) => x / scale);
  const { diagonal, beside, rows } = tridiagonalize(a, n);
  diagonalize(diagonal, beside, rows, n);
  const order = Array.from(diagonal.keys()).sort((i, j) => diagonal[j] - diagonal[i]);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    vectors.set(rows.subarray(from * n, (from + 1) * n), to * n);
  });
  return { values: Float64Array.from(order, (i) => diagonal[i] * scale), vectors };
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** beside[k] stands at [k + 1, k] and [k, k + 1]. */
  readonly beside: Float64Array;
  /** The transpose of the orthogonal Q for which the matrix is Q T Q'. */
  readonly rows: Float64Array;
}

/** Overwrites the matrix: row k ends as the reflection that cleared column k. */
function tridiagonalize(a: Float64Array, n: number): Tridiagonal {
  const diagonal = new Float64Array(n);
  const beside = new Float64Array(n);
  // Reflection k is I - weights[k] v v'.
  const weights = new Float64Array(n);
  const w = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    diagonal[k] = a[k * n + k];
    const first = k + 1;
    if (first === n) break;
    const v = a.subarray(k * n, first * n);
    let below = 0;
    for (let j = first + 1; j < n; j++) below += v[j] * v[j];
    beside[k] = v[first];
    if (below === 0) continue;
    // Away from v[first], so that nothing cancels.
    const norm = Math.sqrt(v[first] * v[first] + below);
    beside[k] = v[first] > 0 ? -norm : norm;
    v[first] -= beside[k];
    const weight = 2 / (v[first] * v[first] + below);
    weights[k] = weight;
    let vw = 0;
    for (let i = first; i < n; i++) {
      w[i] = weight * dot(a, i * n, v, first, n);
      vw += v[i] * w[i];
    }
    for (let i = first; i < n; i++) w[i] -= 0.5 * weight * vw * v[i];
    for (let i = first; i < n; i++) {
      const vi = v[i];
      const wi = w[i];
      for (let j = first, at = i * n + first; j < n; j++, at++) a[at] -= vi * w[j] + wi * v[j];
    }
  }
  // From the last reflection to the first, as the last concerns the fewest rows.
  const rows = new Float64Array(n * n);
  for (let i = 0; i < n; i++) rows[i * n + i] = 1;
  for (let k = n - 3; k >= 0; k--) {
    if (weights[k] === 0) continue;
    const v = a.subarray(k * n, (k + 1) * n);
    for (let i = k + 1; i < n; i++) {
      const share = weights[k] * dot(rows, i * n, v, k + 1, n);
      for (let j = k + 1, at = i * n + k + 1; j < n; j++, at++) rows[at] -= share * v[j];
    }
  }
  return { diagonal, beside, rows };
}

/** The product of v and the row that begins at `row`, over columns from..n. */
function dot(a: Float64Array, row: number, v: Float64Array, from: number, n: number): number {
  let sum = 0;
  for (let j = from; j < n; j++) sum += a[row + j] * v[j];
  return sum;
}

/** Leaves the eigenvalues in `diagonal`, and in `rows` their eigenvectors. */
function diagonalize(diagonal: Float64Array, beside: Float64Array, rows: Float64Array, n: number): void {
  let last = n - 1;
  // Two or three steps an eigenvalue are usual.
  for (let steps = 60 * n; last > 0 && steps > 0; steps--) {
    let first = last;
    while (first > 0 && counts(diagonal, beside, first - 1)) first--;
    if (first === last) last--;
    else qrStep(diagonal, beside, rows, first, last, n);
  }
}

/** Whether beside[k] is more than rounding of its neighbours; NaN is not, so that there is an end to it. */
function counts(diagonal: Float64Array, beside: Float64Array, k: number): boolean {
  return Math.abs(beside[k]) > Number.EPSILON * (Math.abs(diagonal[k]) + Math.abs(diagonal[k + 1]));
}

/**
 * One step on the block first..last: a rotation by the shift, and those that chase what it leaves beside the three
 * diagonals.
 */
function qrStep(
  diagonal: Float64Array,
  beside: Float64Array,
  rows: Float64Array,
  first: number,
  last: number,
  n: number,
): void {
  // The shift: the eigenvalue of the 2 x 2 matrix at the end that is nearer to its last entry.
  const end = beside[last - 1];
  const lean = (diagonal[last - 1] - diagonal[last]) / (2 * end);
  const root = Math.hypot(lean, 1);
  let x = diagonal[first] - (diagonal[last] - end / (lean + (lean < 0 ? -root : root)));
  let z = beside[first];
  for (let k = first; k < last; k++) {
    const r = Math.hypot(x, z);
    const c = r === 0 ? 1 : x / r;
    const s = r === 0 ? 0 : z / r;
    if (k > first) beside[k - 1] = r;
    const p = diagonal[k];
    const q = diagonal[k + 1];
    const b = beside[k];
    diagonal[k] = c * c * p + 2 * c * s * b + s * s * q;
    diagonal[k + 1] = s * s * p - 2 * c * s * b + c * c * q;
    beside[k] = (c - s) * (c + s) * b + c * s * (q - p);
    if (k + 1 < last) {
      x = beside[k];
      z = s * beside[k + 1];
      beside[k + 1] *= c;
    }
    for (let i = k * n, j = i + n, stop = j; i < stop; i++, j++) {
      const u = rows[i];
      const v = rows[j];
      rows[i] = c * u + s * v;
      rows[j] = c * v - s * u;
    }
  }
}
