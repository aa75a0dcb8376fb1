import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestDifference, randomArray } from '../support/reference-arrays.ts';
import {
  conv2d,
  conv2dFilterGradient,
  conv2dInputGradient,
  gatherDepthwise,
  planConvolution,
  spreadDepthwise,
} from '../support/reference-kernels.ts';
import { tensorOf, useWasm } from '../support/wasm.ts';

const upTo = (max: number, min = 1): fc.Arbitrary<number> => fc.integer({ min, max });
const one: [number, number] = [1, 1];
const cases = fc
  .record({
    batch: upTo(3),
    size: fc.tuple(upTo(9, 4), upTo(9, 4)),
    channels: upTo(9),
    multiplier: upTo(3),
    filterSize: fc.tuple(upTo(4), upTo(4)),
    steps: fc.tuple(upTo(5), upTo(5)),
    dilated: fc.boolean(),
    pad: fc.constantFrom<'same' | 'valid' | number>('same', 'valid', 0, 1, 2),
    seed: fc.nat(1e6),
  })
  .map(({ steps, dilated, ...drawn }) => {
    const [strides, dilations] = dilated ? [one, steps] : [steps, one];
    const plan = planConvolution(drawn.size, drawn.filterSize, strides, drawn.pad, dilations);
    return { ...drawn, dilated, strides, dilations, plan };
  })
  .filter(({ plan }) => Math.min(...plan.outSize) > 0);

describe('depthwise convolution on wasm', () => {
  useWasm();

  it('equals the float64 one, with a bias and an activation or without', () => {
    fc.assert(
      fc.property(cases, fc.boolean(), (drawn, fused) => {
        const { batch, size, channels, multiplier, filterSize, strides, dilations, pad, plan, seed } = drawn;
        const x = randomArray([batch, ...size, channels], seed);
        const filter = randomArray([...filterSize, channels, multiplier], seed + 1);
        const bias = randomArray([channels * multiplier], seed + 2);
        const rounding = typeof pad === 'number' ? ('floor' as const) : undefined;
        const y = tf.tidy(() => {
          const [a, b] = [tensorOf(x) as tf.Tensor4D, tensorOf(filter) as tf.Tensor4D];
          if (!fused) return tf.depthwiseConv2d(a, b, strides, pad, 'NHWC', dilations, rounding);
          return tf.fused.depthwiseConv2d({
            x: a,
            filter: b,
            strides,
            pad,
            dilations,
            bias: tensorOf(bias),
            activation: 'relu',
            ...(rounding === undefined ? {} : { dimRoundingMode: rounding }),
          });
        });
        const expected = conv2d(x, spreadDepthwise(filter), plan);
        const finished = expected.data.map((v, i) => (fused ? Math.max(0, v + bias.data[i % bias.data.length]!) : v));
        expect(y.shape).toEqual(expected.shape);
        expect(largestDifference(y.dataSync(), finished)).toBeLessThan(1e-5);
        y.dispose();
      }),
      { numRuns: 120 },
    );
  });

  it('has the float64 gradients', () => {
    fc.assert(
      fc.property(
        cases.filter(({ dilated }) => !dilated),
        ({ batch, size, channels, multiplier, filterSize, strides, pad, plan, seed }) => {
          const x = randomArray([batch, ...size, channels], seed);
          const filter = randomArray([...filterSize, channels, multiplier], seed + 1);
          const dy = randomArray([batch, ...plan.outSize, channels * multiplier], seed + 2);
          const rounding = typeof pad === 'number' ? 'floor' : undefined;
          const convolve = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
            tf.depthwiseConv2d(a as tf.Tensor4D, b as tf.Tensor4D, strides, pad, 'NHWC', 1, rounding);
          const [dx, dFilter] = tf.tidy(() =>
            tf
              .grads(convolve)([tensorOf(x), tensorOf(filter)], tensorOf(dy))
              .map((t) => t.dataSync()),
          );
          const spread = spreadDepthwise(filter);
          const dSpread = conv2dFilterGradient(x, dy, spread.shape, plan);
          expect(largestDifference(dx!, conv2dInputGradient(dy, spread, x.shape, plan).data)).toBeLessThan(1e-5);
          expect(largestDifference(dFilter!, gatherDepthwise(dSpread, multiplier).data)).toBeLessThan(1e-5);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('trains as part of a separable convolution', () => {
    const shapes = [
      [2, 6, 5, 4],
      [3, 3, 4, 2],
      [1, 1, 8, 3],
    ];
    const inputs = shapes.map((shape, i) => tensorOf(randomArray(shape, i + 1)));
    const gradients = tf.grads((x, depthwise, pointwise) =>
      tf.separableConv2d(x as tf.Tensor4D, depthwise as tf.Tensor4D, pointwise as tf.Tensor4D, 1, 'same'),
    )(inputs);
    expect(gradients.map(({ shape }) => shape)).toEqual(shapes);
    for (const gradient of gradients) expect(Array.from(gradient.dataSync()).every(Number.isFinite)).toBe(true);
  });
});
