import * as tf from '@tensorflow/tfjs-core';
import { floats, type Kernel, type KernelArguments } from './backend.ts';

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
    const channels = g.inChannels;
    const dx = backend.makeOutput(x.shape, 'float32');
    const from = floats(backend, x);
    const given = floats(backend, dy);
    const to = floats(backend, dx);
    to.fill(0);
    let at = 0;
    for (let image = 0; image < g.batchSize; image++) {
      for (let oy = 0; oy < g.outHeight; oy++) {
        for (let ox = 0; ox < g.outWidth; ox++) {
          const window: number[] = [];
          for (let fy = 0; fy < g.filterHeight; fy++) {
            const iy = oy * g.strideHeight - g.padInfo.top + fy;
            if (iy < 0 || iy >= g.inHeight) continue;
            for (let fx = 0; fx < g.filterWidth; fx++) {
              const ix = ox * g.strideWidth - g.padInfo.left + fx;
              if (ix < 0 || ix >= g.inWidth) continue;
              window.push(((image * g.inHeight + iy) * g.inWidth + ix) * channels);
            }
          }
          if (window.length === 0) {
            at += channels;
            continue;
          }
          for (let c = 0; c < channels; c++, at++) {
            let largest = window[0]! + c;
            for (let i = 1; i < window.length; i++)
              if (from[window[i]! + c]! > from[largest]!) largest = window[i]! + c;
            to[largest]! += given[at]!;
          }
        }
      }
    }
    return dx;
  };
}
