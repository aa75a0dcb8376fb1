import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestDifference, randomArray } from '../support/reference-arrays.ts';
import { tensorOf, useWasm } from '../support/wasm.ts';

/** out[ids[i]] += x[i], over rows of `row` numbers. */
function reference(x: Float64Array, ids: readonly number[], row: number, segments: number): Float64Array {
  const out = new Float64Array(segments * row);
  ids.forEach((id, i) => {
    if (id < 0 || id >= segments) return;
    for (let j = 0; j < row; j++) out[id * row + j]! += x[i * row + j]!;
  });
  return out;
}

describe('UnsortedSegmentSum on wasm', () => {
  useWasm();

  it('equals the float64 sums, and passes over ids that name no segment', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1, max: 5 }), { minLength: 1, maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 2 }),
        fc.nat(1e6),
        (ids, rest, seed) => {
          const x = randomArray([ids.length, ...rest], seed);
          const row = x.data.length / ids.length;
          const y = tf.tidy(() => tf.unsortedSegmentSum(tensorOf(x), tf.tensor1d(ids, 'int32'), 4));
          expect(y.shape).toEqual([4, ...rest]);
          expect(largestDifference(y.dataSync(), reference(x.data, ids, row, 4))).toBeLessThan(1e-5);
          y.dispose();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is the gradient of gather, along any axis', () => {
    for (const axis of [0, 1, 2]) {
      const x = randomArray([3, 4, 5], axis);
      const indices = [2, 0, 2, 1, 2];
      const outShape = [3, 4, 5].map((n, i) => (i === axis ? indices.length : n));
      const dy = randomArray(outShape, axis + 10);
      const dx = tf.grad((t: tf.Tensor) => tf.gather(t, tf.tensor1d(indices, 'int32'), axis))(
        tensorOf(x),
        tensorOf(dy),
      );
      const expected = new Float64Array(60);
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j < 4; j++) {
          for (let k = 0; k < 5; k++) {
            const at = [i, j, k];
            indices.forEach((index, position) => {
              if (at[axis] !== index) return;
              const from = at.map((n, a) => (a === axis ? position : n));
              expected[(i * 4 + j) * 5 + k]! +=
                dy.data[(from[0]! * outShape[1]! + from[1]!) * outShape[2]! + from[2]!]!;
            });
          }
        }
      }
      expect(largestDifference(dx.dataSync(), expected)).toBeLessThan(1e-5);
    }
  });

  it('gives back dy as its gradient, and zeros for ids that name no segment', () => {
    const dy = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const ids = tf.tensor1d([1, 0, 1, -1], 'int32');
    const dx = tf.grad((t: tf.Tensor) => tf.unsortedSegmentSum(t, ids, 2))(tf.ones([4, 2]), dy);
    expect(Array.from(dx.dataSync())).toEqual([3, 4, 1, 2, 3, 4, 0, 0]);
  });

  it('refuses ids whose shape does not begin that of x', () => {
    for (const shape of [[5], [3], [4, 3], [4, 2, 1]]) {
      const ids = tf.zeros(shape as never, 'int32');
      const { x, attrs } = { x: tf.ones([4, 2]), attrs: { numSegments: 2 } };
      expect(() => tf.engine().runKernel('UnsortedSegmentSum', { x, segmentIds: ids }, attrs)).toThrow(
        `segmentIds expected a shape that begins x's [4,2], got [${shape}]`,
      );
    }
  });

  it('of whole numbers is whole numbers', () => {
    const y = tf.unsortedSegmentSum(tf.tensor1d([1, 2, 3], 'int32'), tf.tensor1d([0, 1, 0], 'int32'), 3);
    expect([y.dtype, ...y.dataSync()]).toEqual(['int32', 4, 2, 0]);
  });
});
