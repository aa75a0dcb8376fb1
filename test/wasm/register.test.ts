import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import { registerWasmKernels } from '../../src/wasm/register.ts';

const REPLACED = [
  'BatchMatMul',
  '_FusedMatMul',
  'Add',
  'Cast',
  'Conv2D',
  'Conv2DBackpropInput',
  'DepthwiseConv2dNative',
  'Equal',
  'FusedBatchNorm',
  'FusedConv2D',
  'FusedDepthwiseConv2D',
  'Greater',
  'GreaterEqual',
  'Identity',
  'Less',
  'LessEqual',
  'MaxPoolGrad',
  'Mean',
  'Multiply',
  'NotEqual',
  'RealDiv',
  'Slice',
  'Sub',
  'Sum',
  'Tanh',
  'Tile',
];
const ADDED = [
  'Conv2DBackpropFilter',
  'DepthwiseConv2dNativeBackpropFilter',
  'DepthwiseConv2dNativeBackpropInput',
  'SerKitBatchNorm',
  'SerKitBatchNormGrad',
  'UnsortedSegmentSum',
];

const kernelsNow = (): (tf.KernelFunc | undefined)[] =>
  [...REPLACED, ...ADDED].map((name) => tf.getKernel(name, 'wasm')?.kernelFunc);

describe('registerWasmKernels()', () => {
  let undo = (): void => {};
  afterEach(() => undo());

  it('replaces or adds each kernel, and the returned function restores the very ones that stood there', () => {
    const stock = kernelsNow();
    expect(stock.map((kernel) => kernel !== undefined)).toEqual([
      ...REPLACED.map(() => true),
      ...ADDED.map(() => false),
    ]);
    undo = registerWasmKernels();
    kernelsNow().forEach((kernel, i) => {
      expect(kernel).toBeTypeOf('function');
      expect(kernel).not.toBe(stock[i]);
    });
    undo();
    expect(kernelsNow()).toEqual(stock);
    kernelsNow().forEach((kernel, i) => {
      expect(kernel).toBe(stock[i]);
    });
  });

  it('changes nothing when it is called again', () => {
    undo = registerWasmKernels();
    const once = kernelsNow();
    const again = registerWasmKernels();
    kernelsNow().forEach((kernel, i) => {
      expect(kernel).toBe(once[i]);
    });
    again(); // either undoes it, and a second undoing does nothing
    const stock = kernelsNow();
    undo();
    kernelsNow().forEach((kernel, i) => {
      expect(kernel).toBe(stock[i]);
    });
  });

  it('works again after it was undone, and an old undo does not touch the new registration', async () => {
    const first = registerWasmKernels();
    first();
    undo = registerWasmKernels();
    first();
    await tf.setBackend('wasm');
    const dFilter = tf.grad((filter: tf.Tensor) =>
      tf.conv1d(tf.ones([1, 4, 1]) as tf.Tensor3D, filter as tf.Tensor3D, 1, 'valid'),
    )(tf.ones([2, 1, 1]));
    expect(Array.from(dFilter.dataSync())).toEqual([3, 3]);
  });

  it('leaves other backends alone', async () => {
    await import('@tensorflow/tfjs-backend-cpu');
    const before = tf.getKernel('Tanh', 'cpu')?.kernelFunc;
    undo = registerWasmKernels();
    expect(tf.getKernel('Tanh', 'cpu')?.kernelFunc).toBe(before);
  });
});
