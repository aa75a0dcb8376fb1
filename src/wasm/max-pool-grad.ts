import * as tf from '@tensorflow/tfjs-core';
import { floats, type Kernel, type KernelArguments } from './backend.ts';
import { addressOf, nativeOf } from './native/engine.ts';

/**
 * A kernel for MaxPoolGrad: each dy goes to the first of the largest values under its window. The stock one looks for
 * the largest value from 1e-38 up, and so loses the gradient of every window without a positive value.
 */
export function createMaxPoolGrad(): Kernel {
  return ({ inputs, backend, attrs }: KernelArguments) => {
    const dy = inputs.dy as tf.TensorInfo;
    const x = inputs.input as tf.TensorInfo;
    const g = tf.backend_util.computePool2DInfo(
      x.shape as [number, number, number, number],
      attrs.filterSize as [number, number],
      attrs.strides as [number, number],
      1,
      attrs.pad as 'valid',
      attrs.dimRoundingMode as 'floor',
    );
    if (dy.shape[0] !== g.batchSize || dy.shape[3] !== g.inChannels) {
      throw new Error(`MaxPoolGrad: dy expected the output's shape [${g.outShape}], got [${dy.shape}]`);
    }
    const dx = backend.makeOutput(x.shape, 'float32');
    floats(backend, dx).fill(0);
    nativeOf(backend).maxPoolGrad(
      g.batchSize,
      g.inHeight,
      g.inWidth,
      g.inChannels,
      dy.shape[1]!, // not g's: the gradient is not told how the value's size was rounded
      dy.shape[2]!,
      g.filterHeight,
      g.filterWidth,
      g.strideHeight,
      g.strideWidth,
      g.padInfo.top,
      g.padInfo.left,
      addressOf(backend, x),
      addressOf(backend, dy),
      addressOf(backend, dx),
    );
    return dx;
  };
}
