import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomArray } from '../support/reference-arrays.ts';
import { tensorOf, useWasm } from '../support/wasm.ts';

const upTo = (max: number, min = 1): fc.Arbitrary<number> => fc.integer({ min, max });
const sides = fc.tuple(upTo(2, 0), upTo(2, 0));
type Padding = 'same' | 'valid' | number | readonly (readonly [number, number])[];

const cases = fc.record({
  shape: fc.tuple(upTo(2), upTo(8, 4), upTo(8, 4), upTo(6)),
  size: fc.tuple(upTo(4), upTo(4)),
  strides: fc.tuple(upTo(3), upTo(3)),
  pad: fc.oneof<fc.Arbitrary<Padding>[]>(
    fc.constantFrom<Padding>('same', 'valid', 0, 1, 2),
    fc.tuple(sides, sides).map(([y, x]): Padding => [[0, 0], y, x, [0, 0]]),
  ),
  rounding: fc.constantFrom<'floor' | 'round' | 'ceil'>('floor', 'round', 'ceil'),
  shift: fc.constantFrom(-4, 0, 4),
  seed: fc.nat(1e6),
});

/** The numbers, and which of them are none: windows outside of the image, which tfjs-core's sizes may hold. */
const close = (actual: ArrayLike<number>, expected: ArrayLike<number>): void => {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    if (Number.isFinite(expected[i])) expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(1e-5);
    else expect(actual[i]).toBe(expected[i]);
  }
};

describe('pooling on wasm', () => {
  useWasm();

  const { maxPool, avgPool } = tf;
  for (const [name, pool] of Object.entries({ maxPool, avgPool })) {
    it(`${name} equals tfjs's cpu backend for any window, stride, padding and rounding`, async () => {
      await fc.assert(
        fc.asyncProperty(cases, async ({ shape, size, strides, pad, rounding, shift, seed }) => {
          const { data } = randomArray(shape, seed);
          const x = { shape, data: data.map((v) => Math.fround(v + shift)) };
          const mode = typeof pad === 'string' ? undefined : rounding;
          // A window of one position: the cpu backend hands back its input where the sizes happen to agree, padding or not.
          fc.pre(typeof pad === 'string' || Math.max(...size) > 1);
          const run = async (backend: string): Promise<Float32Array> => {
            await tf.setBackend(backend);
            return tf.tidy(() => pool(tensorOf<tf.Rank.R4>(x), size, strides, pad as 'same', mode).dataSync()) as never;
          };
          const expected = await run('cpu');
          close(await run('wasm'), expected);
        }),
        { numRuns: 150 },
      );
    });
  }

  it('does not write beyond its output where the window is not square', () => {
    const around = Array.from({ length: 50 }, () => tf.fill([20], 7));
    for (let i = 0; i < 20; i++)
      tf.tidy(() => tf.maxPool(tf.ones([1, 5, 5, 4]) as tf.Tensor4D, [3, 1], 1, 1).dataSync());
    for (const tensor of around) expect(Array.from(tensor.dataSync())).toEqual(new Array(20).fill(7));
    tf.dispose(around);
  });

  it("max pooling's gradient has the value's size where that was rounded up", () => {
    const x = tf.tensor4d([1, 2, 3, 4, 5], [1, 5, 1, 1]);
    const pool = (t: tf.Tensor): tf.Tensor => tf.maxPool(t as tf.Tensor4D, [2, 1], 2, 0, 'ceil');
    expect(pool(x).shape).toEqual([1, 3, 1, 1]);
    const dx = tf.grad(pool)(x, tf.tensor4d([10, 20, 30], [1, 3, 1, 1]));
    expect(Array.from(dx.dataSync())).toEqual([0, 10, 0, 20, 30]);
  });
});
