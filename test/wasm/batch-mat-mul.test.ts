import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestDifference, type NdArray, randomArray, sizeOf } from '../support/reference-arrays.ts';
import { matMul as reference } from '../support/reference-kernels.ts';
import { tensorOf, useWasm } from '../support/wasm.ts';

/** [rows, columns] as it is stored before the transpose. */
const stored = (rows: number, columns: number, transpose: boolean): number[] =>
  transpose ? [columns, rows] : [rows, columns];

/** The product's value and its two gradients for a given dy, from the backend. */
function fromBackend(a: NdArray, b: NdArray, dy: NdArray, transposeA: boolean, transposeB: boolean): Float32Array[] {
  return tf.tidy(() => {
    const [x, y] = [tensorOf(a), tensorOf(b)];
    const multiply = (p: tf.Tensor, q: tf.Tensor): tf.Tensor => tf.matMul(p, q, transposeA, transposeB);
    const gradients = tf.grads(multiply)([x, y], tensorOf(dy));
    return [multiply(x, y), ...gradients].map((t) => t.dataSync() as Float32Array);
  });
}

/** The same by definition: dA = dy B', dB = A' dy, each transposed back where its matrix was. */
function byDefinition(a: NdArray, b: NdArray, dy: NdArray, transposeA: boolean, transposeB: boolean): Float64Array[] {
  const dA = transposeA ? reference(b, dy, transposeB, true) : reference(dy, b, false, !transposeB);
  const dB = transposeB ? reference(dy, a, true, transposeA) : reference(a, dy, !transposeA, false);
  return [reference(a, b, transposeA, transposeB), dA, dB].map((m) => m.data);
}

describe('BatchMatMul on wasm', () => {
  useWasm();

  const dimension = fc.integer({ min: 1, max: 9 });
  const inner = fc.oneof(dimension, fc.integer({ min: 47, max: 130 }));

  it('equals the float64 product and its gradients for any transposes and batch', () => {
    fc.assert(
      fc.property(
        fc.record({ m: dimension, k: inner, n: dimension, seed: fc.nat(1e6), tA: fc.boolean(), tB: fc.boolean() }),
        fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
        ({ m, k, n, seed, tA, tB }, batch) => {
          const a = randomArray([...batch, ...stored(m, k, tA)], seed);
          const b = randomArray([...batch, ...stored(k, n, tB)], seed + 1);
          const dy = randomArray([...batch, m, n], seed + 2);
          const expected = byDefinition(a, b, dy, tA, tB);
          fromBackend(a, b, dy, tA, tB).forEach((actual, i) => {
            expect(largestDifference(actual, expected[i]!)).toBeLessThan(1e-5);
          });
        },
      ),
      { numRuns: 80 },
    );
  });

  it.each([
    { name: 'one left matrix for all', batchA: [1], batchB: [4] },
    { name: 'one right matrix for all', batchA: [4], batchB: [1] },
    { name: 'one left matrix without a batch axis', batchA: [], batchB: [3, 2] },
    { name: 'one right matrix without a batch axis', batchA: [3, 2], batchB: [] },
    { name: 'single axes broadcast crosswise', batchA: [2, 1], batchB: [1, 3] },
  ])('broadcasts $name', ({ batchA, batchB }) => {
    for (const [tA, tB] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      const a = randomArray([...batchA, ...stored(5, 60, tA)], 1);
      const b = randomArray([...batchB, ...stored(60, 7, tB)], 2);
      const expected = reference(a, b, tA, tB);
      const actual = tf.tidy(() => tf.matMul(tensorOf(a), tensorOf(b), tA, tB));
      expect(actual.shape).toEqual(expected.shape.slice(-actual.shape.length));
      expect(sizeOf(actual.shape)).toBe(expected.data.length);
      expect(largestDifference(actual.dataSync(), expected.data)).toBeLessThan(1e-5);
      actual.dispose();
    }
  });

  it('multiplies a right-hand matrix anew when it is reshaped between two products', () => {
    const b = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
    expect(Array.from(tf.matMul(tf.ones([1, 2]), b).dataSync())).toEqual([5, 7, 9]);
    const reshaped = tf.reshape(b, [3, 2]) as tf.Tensor2D;
    expect(Array.from(tf.matMul(tf.ones([1, 3]), reshaped).dataSync())).toEqual([9, 12]);
    expect(Array.from(tf.fused.matMul({ a: tf.ones([1, 3]), b: reshaped }).dataSync())).toEqual([9, 12]);
    expect(Array.from(tf.matMul(tf.ones([2, 1, 3]), tf.reshape(b, [1, 3, 2])).dataSync())).toEqual([9, 12, 9, 12]);
    expect(Array.from(tf.matMul(tf.ones([1, 2]), b).dataSync())).toEqual([5, 7, 9]);
  });

  it('names the shapes of matrices that do not fit', () => {
    expect(() => tf.matMul(tf.ones([2, 3]), tf.ones([4, 5]))).toThrow(/inner shapes/);
    expect(() => tf.matMul(tf.ones([2, 3, 4]), tf.ones([2, 5, 3]), true, false)).toThrow(/inner shapes/);
  });

  it('of an empty batch is empty', () => {
    expect(tf.matMul(tf.zeros([0, 2, 3]), tf.zeros([0, 3, 4])).shape).toEqual([0, 2, 4]);
  });

  it('frees what it makes on the way', () => {
    const backend = tf.backend() as unknown as { numDataIds(): number };
    const [a, b] = [tf.ones([3, 8, 4]), tf.ones([3, 8, 5])];
    const one = tf.ones([1, 8, 5]);
    const before = backend.numDataIds();
    for (const right of [b, one]) tf.matMul(a, right, true, false).dispose();
    tf.fused.matMul({ a: a as tf.Tensor3D, b: b as tf.Tensor3D, transposeA: true, activation: 'relu' }).dispose();
    expect(backend.numDataIds()).toBe(before);
  });
});
