import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indicesOf, offsetOf, randomArray } from '../support/reference-arrays.ts';
import { tensorOf, useWasm } from '../support/wasm.ts';

describe('Tile on wasm', () => {
  useWasm();

  it('repeats along any axes, up to six', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 })), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.nat(1e6),
        (axes, seed) => {
          const shape = axes.map(([n]) => n);
          const reps = axes.map(([, times]) => times);
          const x = randomArray(shape, seed);
          const outShape = shape.map((n, i) => n * reps[i]!);
          const expected = Array.from(indicesOf(outShape), (index) => {
            return x.data[
              offsetOf(
                shape,
                index.map((at, i) => at % shape[i]!),
              )
            ]!;
          });
          tf.tidy(() => {
            const y = tf.tile(tensorOf(x), reps);
            expect(y.shape).toEqual(outShape);
            expect(Array.from(y.dataSync())).toEqual(expected);
          });
        },
      ),
      { numRuns: 150 },
    );
  });

  it('repeats a row or a number more often than fits into one piece', () => {
    for (const columns of [1, 3, 5000]) {
      const row = Float32Array.from({ length: columns }, (_, i) => i + 1);
      const y = tf.tile(tf.tensor2d(row, [1, columns]), [700, 1]).dataSync();
      expect(y.length).toBe(700 * columns);
      expect(y.every((value, i) => value === (i % columns) + 1)).toBe(true);
    }
  });

  it('takes whole numbers, truth values, empty tensors and a repetition of one', () => {
    const whole = tf.tile(tf.tensor1d([1, 2], 'int32'), [2]);
    expect([whole.dtype, ...whole.dataSync()]).toEqual(['int32', 1, 2, 1, 2]);
    const truth = tf.tile(tf.tensor1d([true, false], 'bool'), [2]);
    expect([truth.dtype, ...truth.dataSync()]).toEqual(['bool', 1, 0, 1, 0]);
    expect(tf.tile(tf.zeros([0, 3]), [2, 2]).shape).toEqual([0, 6]);
    const x = tf.tensor1d([1, 2]);
    const once = tf.tile(x, [1]);
    x.dispose();
    expect(Array.from(once.dataSync())).toEqual([1, 2]);
  });
});
