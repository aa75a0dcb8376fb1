import type * as tf from '@tensorflow/tfjs-core';
import { epilogueOf } from './activation.ts';
import { type Kernel, type KernelArguments, stockKernel } from './backend.ts';
import { planConvolution, withConvolution } from './convolution-geometry.ts';
import { addressOf } from './native/engine.ts';

export const CONVOLUTIONS = ['Conv2D', 'FusedConv2D', 'DepthwiseConv2dNative', 'FusedDepthwiseConv2D'] as const;

/**
 * A kernel for one of tfjs's convolutions over images, with any strides, paddings and dilations, and what is fused to it.
 * tfjs's own shifts the zeros of 'same' where a stride is larger than the filter, writes beyond its output where
 * tfjs-core's sizes are not XNNPACK's (a padding by number beside a filter that is not square), and packs each new filter
 * under its memory alone.
 */
export function createConv2D(name: (typeof CONVOLUTIONS)[number]): Kernel {
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
      withConvolution(backend, plan, out, (native, sizes, scratch) => {
        const { bias, activation, slopes } = epilogue;
        const [from, weights, to] = [x, filter, out].map((t) => addressOf(backend, t)) as [number, number, number];
        const convolve = plan.depthwise ? native.depthwise : native.convolve;
        convolve(sizes, from, weights, to, bias, activation, slopes, scratch);
      });
      return epilogue.after(out);
    } finally {
      epilogue.dispose();
    }
  };
}
