import type * as tf from '@tensorflow/tfjs-core';
import type { Kernel, KernelArguments } from './backend.ts';
import { planConvolution, withConvolution } from './convolution-geometry.ts';
import { addressOf } from './native/engine.ts';

// tfjs's own gradients of convolutions refuse dilations above 1 before they call these kernels, which would take them.

/** A kernel for a filter's gradient, of the filter's shape, from x and dy. The wasm backend has neither. */
export function createFilterGradient(name: 'Conv2DBackpropFilter' | 'DepthwiseConv2dNativeBackpropFilter'): Kernel {
  return ({ inputs, backend, attrs }: KernelArguments) => {
    const x = inputs.x as tf.TensorInfo;
    const dy = inputs.dy as tf.TensorInfo;
    const filterShape = attrs.filterShape as number[];
    const plan = planConvolution(name, x.shape, filterShape, attrs, dy.shape);
    const out = backend.makeOutput(filterShape, 'float32');
    return withConvolution(backend, plan, out, (native, sizes, scratch) => {
      const [from, given, to] = [x, dy, out].map((t) => addressOf(backend, t)) as [number, number, number];
      const gradient = plan.depthwise ? native.depthwiseFilterGradient : native.filterGradient;
      gradient(sizes, from, given, to, scratch);
    });
  };
}

/**
 * A kernel for an input's gradient, of the input's shape, from dy and the filter. The first is conv2dTranspose too, where
 * tfjs's own is a scalar loop; the wasm backend lacks the second.
 */
export function createInputGradient(name: 'Conv2DBackpropInput' | 'DepthwiseConv2dNativeBackpropInput'): Kernel {
  return ({ inputs, backend, attrs }: KernelArguments) => {
    const dy = inputs.dy as tf.TensorInfo;
    const filter = inputs.filter as tf.TensorInfo;
    const inputShape = attrs.inputShape as number[];
    const plan = planConvolution(name, inputShape, filter.shape, attrs, dy.shape);
    const out = backend.makeOutput(inputShape, 'float32');
    return withConvolution(backend, plan, out, (native, sizes, scratch) => {
      const [given, weights, to] = [dy, filter, out].map((t) => addressOf(backend, t)) as [number, number, number];
      const gradient = plan.depthwise ? native.depthwiseInputGradient : native.inputGradient;
      gradient(sizes, given, weights, to, scratch);
    });
  };
}
