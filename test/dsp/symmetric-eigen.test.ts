import * as fc from 'fast-check';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/core/random.ts';
import { symmetricEigen } from '../../src/dsp/symmetric-eigen.ts';

/** B B' of a random B [n, rank], whose eigenvalues are spread over about `decades` powers of ten. */
function gram(n: number, rank: number, decades: number, seed: number): Float64Array {
  const random = createRandom(seed);
  const b = Float64Array.from(
    { length: n * rank },
    (_, i) => (random() - 0.5) * 10 ** ((-decades * (i % rank)) / rank),
  );
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < rank; k++) a[i * n + j] += b[i * rank + k] * b[j * rank + k];
    }
  }
  return a;
}

/** Random and symmetric, with eigenvalues of both signs. */
function indefinite(n: number, seed: number): Float64Array {
  const random = createRandom(seed);
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] = 2 * random() - 1;
  }
  return a;
}

/** A v = lambda v, unit length and orthogonality, and the order, each to rounding of the largest eigenvalue. */
function expectEigen(a: Float64Array, n: number): Float64Array {
  const { values, vectors } = symmetricEigen(a, n);
  const largest = Math.max(...values.map(Math.abs));
  for (let i = 0; i < n; i++) {
    if (i > 0) expect(values[i]).toBeLessThanOrEqual(values[i - 1]);
    const v = vectors.subarray(i * n, (i + 1) * n);
    for (let row = 0; row < n; row++) {
      let product = 0;
      for (let k = 0; k < n; k++) product += a[row * n + k] * v[k];
      expect(Math.abs(product - values[i] * v[row])).toBeLessThanOrEqual(1e-12 * largest);
    }
    for (let j = 0; j <= i; j++) {
      let product = 0;
      for (let k = 0; k < n; k++) product += v[k] * vectors[j * n + k];
      expect(Math.abs(product - (i === j ? 1 : 0))).toBeLessThan(1e-12);
    }
  }
  return values;
}

/** Largest first. */
function theirs(a: Float64Array, n: number): number[] {
  return [...new EigenvalueDecomposition(Matrix.from1DArray(n, n, a), { assumeSymmetric: true }).realEigenvalues].sort(
    (x, y) => y - x,
  );
}

describe('symmetricEigen()', () => {
  test('gives the eigenvalues of ml-matrix, and eigenvectors', () => {
    const anyMatrix = fc.record({
      n: fc.integer({ min: 1, max: 24 }),
      decades: fc.integer({ min: 0, max: 12 }),
      seed: fc.integer({ min: 0, max: 2 ** 31 }),
      kind: fc.constantFrom('definite', 'deficient', 'indefinite'),
      exponent: fc.constantFrom(0, -250, -9, 120),
    });
    fc.assert(
      fc.property(anyMatrix, ({ n, decades, seed, kind, exponent }) => {
        const plain =
          kind === 'indefinite' ? indefinite(n, seed) : gram(n, kind === 'definite' ? n : (n >> 1) + 1, decades, seed);
        const a = plain.map((x) => x * 10 ** exponent);
        const values = expectEigen(a, n);
        const scale = Math.max(...values.map(Math.abs));
        // ml-matrix squares without scaling, so it sees the matrix as it was.
        theirs(plain, n).forEach((value, i) => {
          expect(Math.abs(values[i] - value * 10 ** exponent)).toBeLessThanOrEqual(1e-10 * scale);
        });
      }),
      { numRuns: 150 },
    );
  });

  test('keeps the eigenvectors of equal eigenvalues orthogonal', () => {
    // Reflects 3 I + 2 u u', of which 3 occurs five times.
    const n = 6;
    const u = Float64Array.from({ length: n }, (_, i) => Math.sqrt((2 * (i + 1)) / (n * (n + 1))));
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) a[i * n + j] = 2 * u[i] * u[j] + (i === j ? 3 : 0);
    const values = expectEigen(a, n);
    [5, 3, 3, 3, 3, 3].forEach((value, i) => {
      expect(values[i]).toBeCloseTo(value, 13);
    });
  });

  test('of a diagonal matrix is its diagonal, sorted, and rows of the identity', () => {
    const a = new Float64Array(16);
    [2, -1, 7, 0].forEach((x, i) => {
      a[5 * i] = x;
    });
    const { values, vectors } = symmetricEigen(a, 4);
    expect([...values]).toEqual([7, 2, 0, -1]);
    expect([...vectors]).toEqual([0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0]);
  });

  test('of a matrix of rank 1 has one eigenvalue that is not 0', () => {
    const n = 9;
    const values = expectEigen(gram(n, 1, 0, 5), n);
    for (const value of values.subarray(1)) expect(Math.abs(value)).toBeLessThan(1e-14 * values[0]);
  });

  test('takes 1 x 1, 2 x 2, zeros and nothing', () => {
    expect(symmetricEigen(Float64Array.of(-4), 1)).toEqual({
      values: Float64Array.of(-4),
      vectors: Float64Array.of(1),
    });
    expect([...expectEigen(Float64Array.of(2, 1, 1, 2), 2)]).toEqual([expect.closeTo(3, 14), expect.closeTo(1, 14)]);
    expect([...expectEigen(new Float64Array(9), 3)]).toEqual([0, 0, 0]);
    expect(symmetricEigen(new Float64Array(0), 0).values).toHaveLength(0);
  });

  test('ends on NaN', () => {
    expect(symmetricEigen(new Float64Array(25).fill(Number.NaN), 5).values).toHaveLength(5);
  });

  test('leaves the matrix as it is', () => {
    const a = indefinite(7, 1);
    const before = a.slice();
    symmetricEigen(a, 7);
    expect(a).toEqual(before);
  });

  test('has the eigenvalues of the second difference, known in closed form, at 302 dimensions', () => {
    const n = 302;
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      a[i * n + i] = 2;
      if (i > 0) a[i * n + i - 1] = a[(i - 1) * n + i] = -1;
    }
    const { values } = symmetricEigen(a, n);
    for (let i = 0; i < n; i++) {
      expect(Math.abs(values[i] - 4 * Math.sin(((n - i) * Math.PI) / (2 * (n + 1))) ** 2)).toBeLessThan(1e-12);
    }
  });
});
