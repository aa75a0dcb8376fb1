import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestDifference, type NdArray, randomArray } from '../support/reference-arrays.ts';
import { planConvolution, conv2d as reference } from '../support/reference-kernels.ts';
import { tensorOf, useWasm } from '../support/wasm.ts';

type Activation = NonNullable<Parameters<typeof tf.fused.conv2d>[0]['activation']>;

const ALPHA = 0.3;
const activations: Readonly<Record<string, (x: number) => number>> = {
  linear: (x) => x,
  relu: (x) => Math.max(0, x),
  relu6: (x) => Math.min(6, Math.max(0, x)),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  leakyrelu: (x) => (x > 0 ? x : ALPHA * x),
  prelu: (x) => (x > 0 ? x : ALPHA * x),
};

type Padding = 'same' | 'valid' | number;

const upTo = (max: number, min = 1): fc.Arbitrary<number> => fc.integer({ min, max });
const one: [number, number] = [1, 1];
const cases = fc
  .record({
    batch: upTo(3),
    size: fc.tuple(upTo(12, 4), upTo(12, 4)),
    channels: fc.tuple(upTo(9), upTo(17)),
    filterSize: fc.tuple(upTo(4), upTo(4)),
    steps: fc.tuple(upTo(5), upTo(5)),
    dilated: fc.boolean(), // tfjs takes strides or dilations, not both
    pad: fc.constantFrom<Padding>('same', 'valid', 0, 1, 2),
    seed: fc.nat(1e6),
  })
  .map(({ steps, dilated, ...rest }) => ({
    ...rest,
    strides: dilated ? one : steps,
    dilations: dilated ? steps : one,
  }))
  .map((drawn) => ({
    ...drawn,
    plan: planConvolution(drawn.size, drawn.filterSize, drawn.strides, drawn.pad, drawn.dilations),
  }))
  .filter(({ plan }) => Math.min(...plan.outSize) > 0);

function apply(x: NdArray, f: (x: number) => number, bias: NdArray): Float64Array {
  return x.data.map((value, i) => f(value + bias.data[i % bias.data.length]!));
}

describe('convolution on wasm', () => {
  useWasm();

  it('equals the float64 one for any size, filter, stride, dilation and padding', () => {
    fc.assert(
      fc.property(cases, ({ batch, size, channels, filterSize, strides, dilations, pad, plan, seed }) => {
        const x = randomArray([batch, ...size, channels[0]], seed);
        const filter = randomArray([...filterSize, ...channels], seed + 1);
        const rounding = typeof pad === 'number' ? 'floor' : undefined;
        const y = tf.tidy(() => {
          const [a, b] = [tensorOf(x) as tf.Tensor4D, tensorOf(filter) as tf.Tensor4D];
          return tf.conv2d(a, b, strides, pad, 'NHWC', dilations, rounding);
        });
        const expected = reference(x, filter, plan);
        expect(y.shape).toEqual(expected.shape);
        expect(largestDifference(y.dataSync(), expected.data)).toBeLessThan(1e-5);
        y.dispose();
      }),
      { numRuns: 200 },
    );
  });

  it('adds a bias and applies an activation once', () => {
    fc.assert(
      fc.property(
        cases,
        fc.constantFrom(...Object.keys(activations)),
        ({ batch, size, channels, filterSize, strides, dilations, pad, plan, seed }, activation) => {
          const x = randomArray([batch, ...size, channels[0]], seed);
          const filter = randomArray([...filterSize, ...channels], seed + 1, 0.5);
          const bias = randomArray([channels[1]], seed + 2);
          const y = tf.tidy(() =>
            tf.fused
              .conv2d({
                x: tensorOf(x) as tf.Tensor4D,
                filter: tensorOf(filter) as tf.Tensor4D,
                strides,
                dilations,
                pad,
                bias: tensorOf(bias),
                activation: activation as Activation,
                leakyreluAlpha: ALPHA,
                ...(activation === 'prelu' ? { preluActivationWeights: tf.fill([channels[1]], ALPHA) } : {}),
                ...(typeof pad === 'number' ? { dimRoundingMode: 'floor' as const } : {}),
              })
              .dataSync(),
          );
          const expected = apply(reference(x, filter, plan), activations[activation]!, bias);
          expect(largestDifference(y, expected)).toBeLessThan(1e-5);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('takes zeros of unlike number on each side, and fewer than none', () => {
    for (const [top, bottom, left, right] of [
      [0, 0, 3, 1],
      [2, 1, 0, 0],
      [4, 4, 4, 4],
    ] as const) {
      const x = randomArray([2, 6, 5, 3], 1);
      const filter = randomArray([3, 2, 3, 5], 2);
      const outSize = [6 + top + bottom - 2, 5 + left + right - 1] as const;
      const y = tf.conv2d(
        tensorOf(x) as tf.Tensor4D,
        tensorOf(filter) as tf.Tensor4D,
        1,
        [
          [0, 0],
          [top, bottom],
          [left, right],
          [0, 0],
        ],
        'NHWC',
        1,
        'floor',
      );
      const expected = reference(x, filter, { strides: [1, 1], before: [top, left], outSize });
      expect(y.shape).toEqual(expected.shape);
      expect(largestDifference(y.dataSync(), expected.data)).toBeLessThan(1e-5);
    }
  });

  it('equals the float64 one where an image has more positions than are taken at once', () => {
    const x = randomArray([2, 33, 17, 5], 1);
    const filter = randomArray([5, 5, 5, 10], 2);
    const y = tf.conv2d(tensorOf(x) as tf.Tensor4D, tensorOf(filter) as tf.Tensor4D, 1, 'same');
    const expected = reference(x, filter, planConvolution([33, 17], [5, 5], [1, 1], 'same'));
    expect(largestDifference(y.dataSync(), expected.data)).toBeLessThan(1e-5);
  });

  it('takes a bias that broadcasts in another way than by channel, and slopes likewise', () => {
    const x = randomArray([2, 4, 3, 2], 1);
    const filter = randomArray([1, 1, 2, 5], 2);
    const value = reference(x, filter, planConvolution([4, 3], [1, 1], [1, 1], 'same'));
    for (const shape of [[], [1], [3, 1], [4, 3, 5], [2, 1, 1, 5]]) {
      const bias = randomArray(shape, 3);
      const slopeShape = shape.length > 3 ? shape.slice(1) : shape.length === 2 ? [1, ...shape] : shape;
      const slopes = randomArray(slopeShape, 4);
      const y = tf.tidy(() =>
        tf.fused.conv2d({
          x: tensorOf(x) as tf.Tensor4D,
          filter: tensorOf(filter) as tf.Tensor4D,
          strides: 1,
          pad: 'same',
          bias: tensorOf(bias),
          activation: 'prelu',
          preluActivationWeights: tensorOf(slopes),
        }),
      );
      const at = (of: NdArray, index: readonly number[]): number => {
        const own = index.slice(4 - of.shape.length).map((i, axis) => (of.shape[axis] === 1 ? 0 : i));
        return of.data[own.reduce((sum, i, axis) => sum * of.shape[axis]! + i, 0)]!;
      };
      const expected = value.data.map((v, i) => {
        const index = [Math.floor(i / 60), Math.floor(i / 15) % 4, Math.floor(i / 5) % 3, i % 5];
        const sum = v + at(bias, index);
        return sum > 0 ? sum : sum * at(slopes, index);
      });
      expect(largestDifference(y.dataSync(), expected)).toBeLessThan(1e-5);
      y.dispose();
    }
  });

  it('keeps NaN where it is, through every activation', () => {
    for (const activation of Object.keys(activations).filter((name) => name !== 'prelu')) {
      const y = tf.fused.conv2d({
        x: tf.tensor4d([1, Number.NaN, -1], [1, 1, 3, 1]),
        filter: tf.ones([1, 1, 1, 5]),
        strides: 1,
        pad: 'same',
        activation: activation as Activation,
      });
      expect(Array.from(y.dataSync(), Number.isNaN)).toEqual(Array.from({ length: 15 }, (_, i) => i > 4 && i < 10));
    }
  });

  it('of no images is empty', () => {
    expect(tf.conv2d(tf.zeros([0, 5, 4, 2]) as tf.Tensor4D, tf.ones([3, 3, 2, 6]), 1, 'same').shape).toEqual([
      0, 5, 4, 6,
    ]);
  });

  it('names a format and an activation that it does not have, and keeps nothing of the attempt', () => {
    const backend = tf.backend() as unknown as { numDataIds(): number };
    const [x, filter] = [tf.ones([1, 4, 4, 4]) as tf.Tensor4D, tf.ones([3, 3, 4, 2]) as tf.Tensor4D];
    const before = backend.numDataIds();
    expect(() => tf.conv2d(x, filter, 1, 'same', 'NCHW')).toThrow(/NCHW/);
    const activation = 'gelu' as Activation;
    expect(() => tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', activation })).toThrow(/gelu/);
    expect(() => tf.conv2d(x, tf.ones([6, 6, 4, 2]), 1, 'valid')).toThrow();
    expect(backend.numDataIds()).toBe(before + 1); // the last filter
  });

  it('frees what it makes on the way', () => {
    const backend = tf.backend() as unknown as { numDataIds(): number };
    const [x, filter] = [tf.ones([1, 4, 4, 3]) as tf.Tensor4D, tf.ones([3, 3, 3, 2]) as tf.Tensor4D];
    const bias = tf.ones([1, 4, 1, 1]);
    const before = backend.numDataIds();
    for (const activation of ['relu', 'leakyrelu'] as const) {
      tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', bias, activation }).dispose();
      tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', activation }).dispose();
    }
    const slopes = tf.ones([4, 1, 2]);
    const kept = backend.numDataIds();
    tf.fused
      .conv2d({ x, filter, strides: 1, pad: 'same', activation: 'prelu', preluActivationWeights: slopes })
      .dispose();
    expect(backend.numDataIds()).toBe(kept);
    slopes.dispose();
    expect(backend.numDataIds()).toBe(before);
  });
});
