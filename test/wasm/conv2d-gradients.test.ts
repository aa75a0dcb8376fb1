import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestDifference, randomArray } from '../support/reference-arrays.ts';
import { conv2d, conv2dFilterGradient, conv2dInputGradient, planConvolution } from '../support/reference-kernels.ts';
import { tensorOf, useWasm } from '../support/wasm.ts';

interface Case {
  readonly batch: number;
  readonly size: readonly [number, number];
  readonly channels: readonly [number, number];
  readonly filterSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pad: 'same' | 'valid' | number;
  readonly seed: number;
}

const upTo = (max: number, min = 1): fc.Arbitrary<number> => fc.integer({ min, max });
const cases: fc.Arbitrary<Case> = fc.record({
  batch: upTo(3),
  size: fc.tuple(upTo(9, 4), upTo(9, 4)),
  channels: fc.tuple(upTo(9), upTo(17)),
  filterSize: fc.tuple(upTo(4), upTo(4)),
  strides: fc.tuple(upTo(5), upTo(5)),
  pad: fc.constantFrom<Case['pad']>('same', 'valid', 0, 1, 2),
  seed: fc.nat(1e6),
});

function arraysOf({ batch, size, channels, filterSize, strides, pad, seed }: Case) {
  const plan = planConvolution(size, filterSize, strides, pad);
  const x = randomArray([batch, ...size, channels[0]], seed);
  const filter = randomArray([...filterSize, ...channels], seed + 1);
  const dy = randomArray([batch, ...plan.outSize, channels[1]], seed + 2);
  return { plan, x, filter, dy };
}

describe('the gradients of convolution on wasm', () => {
  useWasm();

  it('equal float64 ones for any size, filter, stride and padding', () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { plan, x, filter, dy } = arraysOf(drawn);
        const rounding = typeof drawn.pad === 'number' ? 'floor' : undefined;
        const convolve = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
          tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, [...drawn.strides], drawn.pad, 'NHWC', 1, rounding);
        const [dx, dFilter] = tf.tidy(() =>
          tf
            .grads(convolve)([tensorOf(x), tensorOf(filter)], tensorOf(dy))
            .map((t) => t.dataSync()),
        );
        expect(largestDifference(dx!, conv2dInputGradient(dy, filter, x.shape, plan).data)).toBeLessThan(1e-5);
        expect(largestDifference(dFilter!, conv2dFilterGradient(x, dy, filter.shape, plan).data)).toBeLessThan(1e-5);
      }),
      { numRuns: 120 },
    );
  });

  it('hold with zeros of unlike number on each side', () => {
    const pad: [number, number][] = [
      [0, 0],
      [2, 1],
      [0, 3],
      [0, 0],
    ];
    const x = randomArray([2, 6, 5, 3], 1);
    const filter = randomArray([3, 4, 3, 2], 2);
    for (const strides of [
      [1, 1],
      [2, 3],
    ] as const) {
      const outSize = [Math.floor(6 / strides[0]) + 1, Math.floor(4 / strides[1]) + 1] as const;
      const plan = { strides, before: [2, 0] as const, outSize };
      const dy = randomArray([2, ...outSize, 2], 3);
      const [dx, dFilter] = tf.grads((a, b) =>
        tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, [...strides], pad as never, 'NHWC', 1, 'floor'),
      )([tensorOf(x), tensorOf(filter)], tensorOf(dy));
      expect(largestDifference(dx!.dataSync(), conv2dInputGradient(dy, filter, x.shape, plan).data)).toBeLessThan(1e-5);
      expect(largestDifference(dFilter!.dataSync(), conv2dFilterGradient(x, dy, filter.shape, plan).data)).toBeLessThan(
        1e-5,
      );
    }
  });

  it('serve conv1d, also at a stride and with more frames under the filter than there are', () => {
    for (const [frames, kernelSize, stride] of [
      [7, 3, 1],
      [8, 5, 2],
      [2, 5, 1],
      [1, 5, 1],
    ] as const) {
      const x = randomArray([3, frames, 4], 1);
      const kernel = randomArray([kernelSize, 4, 2], 2);
      const plan = planConvolution([1, frames], [1, kernelSize], [1, stride], 'same');
      const dy = randomArray([3, plan.outSize[1], 2], 3);
      const asImage = { shape: [3, 1, frames, 4], data: x.data };
      const asFilter = { shape: [1, kernelSize, 4, 2], data: kernel.data };
      const dyImage = { shape: [3, 1, plan.outSize[1], 2], data: dy.data };
      const [dx, dKernel] = tf.grads((a, b) => tf.conv1d(a as tf.Tensor3D, b as tf.Tensor3D, stride, 'same'))(
        [tensorOf(x), tensorOf(kernel)],
        tensorOf(dy),
      );
      const dxExpected = conv2dInputGradient(dyImage, asFilter, asImage.shape, plan);
      expect(largestDifference(dx!.dataSync(), dxExpected.data)).toBeLessThan(1e-5);
      const dKernelExpected = conv2dFilterGradient(asImage, dyImage, asFilter.shape, plan);
      expect(largestDifference(dKernel!.dataSync(), dKernelExpected.data)).toBeLessThan(1e-5);
    }
  });

  it('equal float64 ones where an image has more positions and the filter more numbers than are taken at once', () => {
    const plan = planConvolution([40, 21], [5, 5], [1, 1], 'same');
    const x = randomArray([2, 40, 21, 7], 1);
    const filter = randomArray([5, 5, 7, 12], 2, 0.2);
    const dy = randomArray([2, 40, 21, 12], 3, 0.2);
    const [dx, dFilter] = tf.grads((a, b) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 'same'))(
      [tensorOf(x), tensorOf(filter)],
      tensorOf(dy),
    );
    expect(largestDifference(dx!.dataSync(), conv2dInputGradient(dy, filter, x.shape, plan).data)).toBeLessThan(1e-5);
    const expected = conv2dFilterGradient(x, dy, filter.shape, plan).data;
    expect(largestDifference(dFilter!.dataSync(), expected)).toBeLessThan(1e-5);
  });

  it('of no images are zeros', () => {
    const convolve = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
      tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 'same');
    const [dx, dFilter] = tf.grads(convolve)([tf.zeros([0, 5, 4, 2]), tf.ones([3, 3, 2, 1])]);
    expect(dx!.shape).toEqual([0, 5, 4, 2]);
    expect(Array.from(dFilter!.dataSync())).toEqual(new Array(18).fill(0));
  });

  it('are refused by tfjs itself for dilations above 1', () => {
    const convolve = (a: tf.Tensor): tf.Tensor =>
      tf.conv2d(a as tf.Tensor4D, tf.ones([3, 3, 1, 1]), 1, 'same', 'NHWC', 2);
    expect(() => tf.grad(convolve)(tf.ones([1, 6, 6, 1]))).toThrow(/dilation rates greater than 1/);
  });

  it('serve conv2dTranspose, whose value is a gradient, and have gradients themselves', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom<'same' | 'valid'>('same', 'valid'), (drawn, pad) => {
        const { batch, size, channels, filterSize, strides, seed } = drawn;
        const plan = planConvolution(size, filterSize, strides, pad);
        const outShape = [batch, ...size, channels[0]] as [number, number, number, number];
        const x = randomArray([batch, ...plan.outSize, channels[1]], seed);
        const filter = randomArray([...filterSize, ...channels], seed + 1);
        const dy = randomArray(outShape, seed + 2);
        const transpose = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
          tf.conv2dTranspose(a as tf.Tensor4D, b as tf.Tensor4D, outShape, [...strides], pad);
        const [y, dx, dFilter] = tf.tidy(() => {
          const inputs = [tensorOf(x), tensorOf(filter)];
          const gradients = tf.grads(transpose)(inputs, tensorOf(dy));
          return [transpose(inputs[0]!, inputs[1]!), ...gradients].map((t) => t.dataSync());
        });
        expect(largestDifference(y!, conv2dInputGradient(x, filter, outShape, plan).data)).toBeLessThan(1e-5);
        expect(largestDifference(dx!, conv2d(dy, filter, plan).data)).toBeLessThan(1e-5);
        expect(largestDifference(dFilter!, conv2dFilterGradient(dy, x, filter.shape, plan).data)).toBeLessThan(1e-5);
      }),
      { numRuns: 60 },
    );
  });

  it("refuse a dy that is not of the output's shape", () => {
    const filter = tf.ones([3, 3, 2, 4]) as tf.Tensor4D;
    const transpose = (dy: number[], out: number[], pad: 'same' | number = 'same'): tf.Tensor =>
      tf.conv2dTranspose(tf.ones<tf.Rank.R4>(dy as never), filter, out as [number, number, number, number], 1, pad);
    expect(() => transpose([1, 5, 5, 4], [3, 5, 5, 2])).toThrow(
      "Conv2DBackpropInput: dy expected the output's shape [3,5,5,4], got [1,5,5,4]",
    );
    expect(() => transpose([1, 5, 5, 4], [1, 9, 5, 2])).toThrow('[1,9,5,4], got [1,5,5,4]');
    expect(() => transpose([1, 5, 5, 4], [1, 5, 7, 2], 1)).toThrow('[1,5,7,4], got [1,5,5,4]');
    const x = tf.ones([2, 5, 5, 2]);
    for (const shape of [
      [1, 5, 5, 4],
      [2, 4, 5, 4],
      [2, 5, 5, 3],
    ]) {
      const dy = tf.ones(shape);
      const attrs = { strides: 1, pad: 'same', dataFormat: 'NHWC' };
      const run = (name: string, inputs: tf.NamedTensorMap, more: object): tf.Tensor =>
        tf.engine().runKernel(name, inputs, { ...attrs, ...more } as unknown as tf.NamedAttrMap) as tf.Tensor;
      expect(() => run('Conv2DBackpropFilter', { x, dy }, { filterShape: filter.shape })).toThrow(`got [${shape}]`);
      expect(() => run('Conv2DBackpropInput', { dy, filter }, { inputShape: x.shape })).toThrow(`got [${shape}]`);
    }
  });

  it('take a dy of one position more, where the size was rounded up', () => {
    const x = randomArray([1, 6, 6, 2], 1);
    const filter = randomArray([3, 3, 2, 3], 2);
    const plan = { strides: [2, 2], before: [0, 0], outSize: [3, 3] } as const;
    const dy = randomArray([1, 3, 3, 3], 3);
    const convolve = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
      tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 2, 0, 'NHWC', 1, 'ceil');
    const [dx, dFilter] = tf.grads(convolve)([tensorOf(x), tensorOf(filter)], tensorOf(dy));
    expect(largestDifference(dx!.dataSync(), conv2dInputGradient(dy, filter, x.shape, plan).data)).toBeLessThan(1e-5);
    const expected = conv2dFilterGradient(x, dy, filter.shape, plan).data;
    expect(largestDifference(dFilter!.dataSync(), expected)).toBeLessThan(1e-5);
  });

  it('free what they make on the way', () => {
    const backend = tf.backend() as unknown as { numDataIds(): number };
    const [x, filter] = [tf.ones([2, 6, 6, 3]), tf.ones([3, 3, 3, 4])];
    for (const strides of [1, 2]) {
      const before = backend.numDataIds();
      const gradients = tf.grads((a, b) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, strides, 'same'))([x, filter]);
      tf.dispose(gradients);
      expect(backend.numDataIds()).toBe(before);
    }
  });
});
