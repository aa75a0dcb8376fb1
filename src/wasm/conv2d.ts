import type * as tf from '@tensorflow/tfjs-core';
import { epilogueOf } from './activation.ts';
import { type Kernel, type KernelArguments, sizeOf, stockKernel } from './backend.ts';
import { planConvolution, withConvolution } from './convolution-geometry.ts';
import { addressOf } from './native/engine.ts';

/**
 * A kernel for FusedConv2D, and without a bias and an activation for Conv2D: any strides, paddings and dilations. tfjs's
 * own writes beyond its output, or reads beyond its input, where tfjs-core's sizes are not XNNPACK's (a padding by number
 * beside a filter that is not square), and keeps each filter packed under its memory alone.
 *
 * @param name  Conv2D or FusedConv2D
 */
export function createConv2D(name: 'Conv2D' | 'FusedConv2D'): Kernel {
  const stock = stockKernel(name);
  return (args: KernelArguments) => {
    const { inputs, backend, attrs } = args;
    const x = inputs.x as tf.TensorInfo;
    const filter = inputs.filter as tf.TensorInfo;
    if (x.dtype !== 'float32' || filter.dtype !== 'float32') return stock(args);
    const plan = planConvolution(name, x.shape, filter.shape, attrs);
    const epilogue = epilogueOf(args, plan.outShape[3]);
    try {
      const out = backend.makeOutput(plan.outShape, 'float32');
      if (sizeOf(out.shape) === 0) return out;
      withConvolution(backend, plan, out, (native, sizes, scratch) => {
        const { bias, activation, slopes } = epilogue;
        const [from, weights, to] = [x, filter, out].map((t) => addressOf(backend, t)) as [number, number, number];
        native.convolve(sizes, from, weights, to, bias, activation, slopes, scratch);
      });
      return epilogue.after(out);
    } finally {
      epilogue.dispose();
    }
  };
}
