import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestDifference, randomArray } from '../support/reference-arrays.ts';
import { sum as reference, spread } from '../support/reference-kernels.ts';
import { tensorOf, useWasm } from '../support/wasm.ts';

describe('Sum on wasm', () => {
  useWasm();

  it('equals the float64 sum over any axes, kept or not, and its gradient is dy spread out', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
        fc.record({ keepDims: fc.boolean(), seed: fc.nat(1e6), backwards: fc.boolean() }),
        (shape, chosen, { keepDims, seed, backwards }) => {
          const axes = shape.map((_, axis) => axis).filter((axis) => chosen[axis]);
          if (axes.length === 0) return;
          const given = backwards ? axes.map((axis) => axis - shape.length).reverse() : axes;
          const x = randomArray(shape, seed);
          const expected = reference(x, axes, keepDims);
          tf.tidy(() => {
            const y = tf.sum(tensorOf(x), given, keepDims);
            expect(y.shape).toEqual(expected.shape);
            expect(largestDifference(y.dataSync(), expected.data)).toBeLessThan(1e-5);
            const dy = randomArray(expected.shape, seed + 1);
            const dx = tf.grad((t: tf.Tensor) => tf.sum(t, given, keepDims))(tensorOf(x), tensorOf(dy));
            expect(Array.from(dx.dataSync())).toEqual(Array.from(spread(dy, axes, shape).data));
          });
        },
      ),
      { numRuns: 100 },
    );
  });

  it('and Mean over axes that lie side by side, of many rows and columns, equal float64', () => {
    fc.assert(
      fc.property(
        fc.record({
          outer: fc.integer({ min: 1, max: 3 }),
          reduced: fc.integer({ min: 1, max: 600 }),
          inner: fc.integer({ min: 1, max: 37 }),
          keepDims: fc.boolean(),
          seed: fc.nat(1e6),
        }),
        ({ outer, reduced, inner, keepDims, seed }) => {
          const x = randomArray([outer, 1, reduced, inner, 1], seed);
          const expected = reference(x, [2], keepDims);
          tf.tidy(() => {
            const y = tf.sum(tensorOf(x), 2, keepDims);
            expect(y.shape).toEqual(expected.shape);
            expect(largestDifference(y.dataSync(), expected.data)).toBeLessThan(1e-6);
            const mean = tf.mean(tensorOf(x), 2, keepDims);
            expect(mean.shape).toEqual(expected.shape);
            expect(
              largestDifference(
                mean.dataSync(),
                expected.data.map((v) => v / reduced),
              ),
            ).toBeLessThan(1e-6);
            const dx = tf.grad((t: tf.Tensor) => tf.mean(t, [2, 4], keepDims))(tensorOf(x));
            expect(
              largestDifference(
                dx.dataSync(),
                x.data.map(() => 1 / reduced),
              ),
            ).toBeLessThan(1e-6);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('and Mean of whole numbers, and of axes apart, come from the stock kernel', () => {
    expect(Array.from(tf.mean(tf.tensor2d([1, 2, 3, 5], [2, 2], 'int32'), 0).dataSync())).toEqual([2, 3.5]);
    expect(Array.from(tf.mean(tf.reshape(tf.range(0, 8), [2, 2, 2]), [0, 2]).dataSync())).toEqual([2.5, 4.5]);
  });

  it('over everything is a scalar', () => {
    expect(tf.sum(tf.ones([3, 4])).dataSync()[0]).toBe(12);
    expect(tf.sum(tf.scalar(5)).dataSync()[0]).toBe(5);
    expect(tf.sum(tf.ones([3, 4]), undefined, true).shape).toEqual([1, 1]);
  });

  it('of no numbers is 0', () => {
    expect(Array.from(tf.sum(tf.zeros([0, 3]), 0).dataSync())).toEqual([0, 0, 0]);
    expect(Array.from(tf.sum(tf.zeros([2, 0]), 1).dataSync())).toEqual([0, 0]);
  });

  it('keeps small numbers beside large ones, as float32 addition would not', () => {
    const values = new Float32Array(20_001).fill(1);
    values[0] = 2 ** 24; // above it, float32 cannot count by ones
    expect(tf.sum(tf.tensor1d(values)).dataSync()[0]).toBe(2 ** 24 + 20_000);
    expect(tf.sum(tf.tensor2d(values, [values.length, 1]), 0).dataSync()[0]).toBe(2 ** 24 + 20_000);
  });

  it('passes NaN on', () => {
    expect(
      Array.from(
        tf
          .sum(
            tf.tensor2d([
              [1, Number.NaN],
              [1, 2],
            ]),
            0,
          )
          .dataSync(),
      ),
    ).toEqual([2, Number.NaN]);
  });

  it('leaves whole numbers to the stock kernel', () => {
    const y = tf.sum(
      tf.tensor2d(
        [
          [1, 2],
          [3, 4],
        ],
        [2, 2],
        'int32',
      ),
      0,
    );
    expect([y.dtype, ...y.dataSync()]).toEqual(['int32', 4, 6]);
  });
});
