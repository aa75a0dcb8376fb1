import type * as tf from '@tensorflow/tfjs-core';
import { floats, type Kernel, type KernelArguments, sizeOf, stockKernel } from './backend.ts';
import { addressOf, nativeOf, withScratch } from './native/engine.ts';
import { wideLength, widened } from './wide-row.ts';

/**
 * A kernel for FusedBatchNorm (what tf.batchNorm runs) with one mean, variance, scale and offset a channel, four
 * numbers at a time; the stock loop takes one, and does other shapes.
 */
export function createFusedBatchNorm(): Kernel {
  const stock = stockKernel('FusedBatchNorm');
  return (args: KernelArguments) => {
    const { backend, attrs } = args;
    const x = args.inputs.x as tf.TensorInfo;
    const mean = args.inputs.mean as tf.TensorInfo;
    const variance = args.inputs.variance as tf.TensorInfo;
    const { scale, offset } = args.inputs;
    const channels = x.shape.at(-1) ?? 1;
    const perChannel = [mean, variance, scale, offset].every(
      (t) =>
        t === undefined || t === null || (t.dtype === 'float32' && t.shape.length === 1 && t.shape[0] === channels),
    );
    if (x.dtype !== 'float32' || x.shape.length === 0 || sizeOf(x.shape) === 0 || !perChannel) return stock(args);

    const factor = backend.makeOutput([channels], 'float32');
    const shift = backend.makeOutput([channels], 'float32');
    const out = backend.makeOutput(x.shape, 'float32');
    const factors = floats(backend, factor);
    const variances = floats(backend, variance);
    const scales = scale ? floats(backend, scale) : undefined;
    const epsilon = attrs.varianceEpsilon as number;
    for (let c = 0; c < channels; c++) factors[c] = (scales?.[c] ?? 1) / Math.sqrt(variances[c]! + epsilon);
    if (offset) floats(backend, shift).set(floats(backend, offset));
    else floats(backend, shift).fill(0);
    const length = wideLength(channels);
    const native = nativeOf(backend);
    withScratch(backend, 12 * length, (scratch) => {
      const [m, f, s] = [mean, factor, shift].map((row, i) =>
        widened(backend, row, channels, scratch + i * 4 * length),
      );
      native.affineRow(sizeOf(x.shape), length, addressOf(backend, x), m!, f!, s!, addressOf(backend, out));
    });
    backend.disposeData(factor.dataId);
    backend.disposeData(shift.dataId);
    return out;
  };
}
