import type * as tf from '@tensorflow/tfjs-core';
import { floats, type Kernel, type KernelArguments, sizeOf } from './backend.ts';
import { planConvolution, withConvolution } from './convolution-geometry.ts';
import { addressOf } from './native/engine.ts';

// tfjs's own gradient of a convolution refuses dilations above 1 before it calls either kernel; these would take them.

/** A kernel for Conv2DBackpropFilter, which the wasm backend lacks: [filterH, filterW, inC, outC] from x and dy. */
export function createConv2DBackpropFilter(): Kernel {
  return ({ inputs, backend, attrs }: KernelArguments) => {
    const x = inputs.x as tf.TensorInfo;
    const dy = inputs.dy as tf.TensorInfo;
    const filterShape = attrs.filterShape as number[];
    const plan = planConvolution('Conv2DBackpropFilter', x.shape, filterShape, attrs, dy.shape);
    const out = backend.makeOutput(filterShape, 'float32');
    if (sizeOf(dy.shape) === 0) {
      floats(backend, out).fill(0);
      return out;
    }
    return withConvolution(backend, plan, out, (native, sizes, scratch) => {
      const [from, given, to] = [x, dy, out].map((t) => addressOf(backend, t)) as [number, number, number];
      native.filterGradient(sizes, from, given, to, scratch);
    });
  };
}

/**
 * A kernel for Conv2DBackpropInput, which is conv2dTranspose too. tfjs's own is a scalar loop.
 */
export function createConv2DBackpropInput(): Kernel {
  return ({ inputs, backend, attrs }: KernelArguments) => {
    const dy = inputs.dy as tf.TensorInfo;
    const filter = inputs.filter as tf.TensorInfo;
    const inputShape = attrs.inputShape as number[];
    const plan = planConvolution('Conv2DBackpropInput', inputShape, filter.shape, attrs, dy.shape);
    const out = backend.makeOutput(inputShape, 'float32');
    if (sizeOf(dy.shape) === 0) {
      floats(backend, out).fill(0);
      return out;
    }
    return withConvolution(backend, plan, out, (native, sizes, scratch) => {
      const [given, weights, to] = [dy, filter, out].map((t) => addressOf(backend, t)) as [number, number, number];
      native.inputGradient(sizes, given, weights, to, scratch);
    });
  };
}
