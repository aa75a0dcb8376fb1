import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tensorOf, useWasm } from '../support/wasm.ts';

const tanhOf = (values: readonly number[]): number[] =>
  tf.tidy(() => Array.from(tf.tanh(tf.tensor1d(values as number[], 'float32')).dataSync()));

describe('Tanh on wasm', () => {
  useWasm();

  it('equals the float64 one within 3e-7, and near zero within 2e-7 of its size', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 64 }), (values) => {
        tanhOf(values).forEach((actual, i) => {
          const expected = Math.tanh(values[i]!);
          expect(Math.abs(actual - expected)).toBeLessThan(3e-7);
          if (Math.abs(values[i]!) < 0.05 && values[i] !== 0) {
            expect(Math.abs(actual - expected)).toBeLessThanOrEqual(2e-7 * Math.abs(expected) + 1e-45);
          }
        });
      }),
      { numRuns: 100 },
    );
  });

  it('has no step where the series gives way to the sigmoid', () => {
    const around = Array.from({ length: 401 }, (_, i) => Math.fround(0.0499 + i * 5e-7));
    const values = tanhOf([...around, ...around.map((v) => -v)]);
    values.forEach((value, i) => {
      const x = i < 401 ? around[i]! : -around[i - 401]!;
      expect(Math.abs(value - Math.tanh(x))).toBeLessThan(2e-7);
    });
  });

  it('is 1 and -1 far out and at the infinities, 0 at 0, and NaN at NaN', () => {
    const far = [20, -20, 3e38, -3e38, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    expect(tanhOf(far)).toEqual([1, -1, 1, -1, 1, -1]);
    expect(tanhOf([0, -0, Number.NaN])).toEqual([0, -0, Number.NaN]);
    // One at a time, and in the middle of a vector of eight: the backend takes them by fours.
    expect(tanhOf([Number.NaN])).toEqual([Number.NaN]);
    expect(tanhOf([1, 1, 1, Number.NaN, 1, 1, 1, 1]).findIndex(Number.isNaN)).toBe(3);
  });

  it('has the gradient 1 - tanh^2', () => {
    const x = [-3, -0.2, -0.04, 0, 0.01, 0.05, 0.7, 5];
    const dx = tf.grad((t: tf.Tensor) => tf.tanh(t))(tensorOf({ shape: [8], data: Float64Array.from(x) }));
    dx.dataSync().forEach((d: number, i: number) => {
      expect(Math.abs(d - (1 - Math.tanh(x[i]!) ** 2))).toBeLessThan(1e-6);
    });
  });

  it('takes scalars, empty tensors and every rank', () => {
    expect(tf.tanh(tf.scalar(0.5)).dataSync()[0]).toBeCloseTo(Math.tanh(0.5), 6);
    expect(tf.tanh(tf.zeros([0, 3])).shape).toEqual([0, 3]);
    expect(tf.tanh(tf.ones([2, 1, 3, 1])).shape).toEqual([2, 1, 3, 1]);
  });
});
