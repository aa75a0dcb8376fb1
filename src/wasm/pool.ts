import * as tf from '@tensorflow/tfjs-core';
import { floats, type Kernel, type KernelArguments, stockKernel } from './backend.ts';

/** One output position a channel: from `at` in x, where the window's part inside the image begins. */
type PoolWindow = (
  x: Float32Array,
  at: number,
  height: number,
  width: number,
  rowStride: number,
  channels: number,
) => number;

const largest: PoolWindow = (x, at, height, width, rowStride, channels) => {
  let best = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const value = x[at + i * rowStride + j * channels]!;
      if (value > best) best = value;
    }
  }
  return best;
};

/** Over what lies inside the image: padding does not count. */
const average: PoolWindow = (x, at, height, width, rowStride, channels) => {
  let sum = 0;
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) sum += x[at + i * rowStride + j * channels]!;
  }
  return sum / (height * width);
};

const POOLS: Record<'MaxPool' | 'AvgPool', PoolWindow> = { MaxPool: largest, AvgPool: average };

/**
 * A kernel for MaxPool or AvgPool that takes a padding by number, [x, y] a side or rounded up, as tfjs's other backends do.
 * There XNNPACK's output is not of tfjs-core's size, and the stock kernel writes beyond its own; 'same' and 'valid' stay
 * with it. A window outside the image is -Infinity of MaxPool and NaN of AvgPool, as on tfjs's cpu backend.
 */
export function createPool(name: 'MaxPool' | 'AvgPool'): Kernel {
  const stock = stockKernel(name);
  const pool = POOLS[name];
  return (args: KernelArguments) => {
    const { inputs, backend, attrs } = args;
    const x = inputs.x as tf.TensorInfo;
    if (typeof attrs.pad === 'string' || x.dtype !== 'float32') return stock(args);
    const g = tf.backend_util.computePool2DInfo(
      x.shape as [number, number, number, number],
      attrs.filterSize as [number, number],
      attrs.strides as [number, number],
      1,
      attrs.pad as number,
      attrs.dimRoundingMode as 'floor',
    );
    const out = backend.makeOutput(g.outShape, 'float32');
    const [from, to] = [floats(backend, x), floats(backend, out)];
    const channels = g.inChannels;
    const rowStride = g.inWidth * channels;
    let position = 0;
    for (let n = 0; n < g.batchSize; n++) {
      for (let oy = 0; oy < g.outHeight; oy++) {
        const top = oy * g.strideHeight - g.padInfo.top;
        const y = Math.max(0, top);
        const height = Math.max(0, Math.min(g.inHeight, top + g.filterHeight) - y);
        for (let ox = 0; ox < g.outWidth; ox++) {
          const left = ox * g.strideWidth - g.padInfo.left;
          const z = Math.max(0, left);
          const width = Math.max(0, Math.min(g.inWidth, left + g.filterWidth) - z);
          const corner = (n * g.inHeight + y) * rowStride + z * channels;
          for (let c = 0; c < channels; c++) {
            to[position++] = pool(from, corner + c, height, width, rowStride, channels);
          }
        }
      }
    }
    return out;
  };
}
