import type * as tf from '@tensorflow/tfjs-core';
import { type Kernel, type KernelArguments, sizeOf, stockKernel } from './backend.ts';
import { addressOf, nativeOf } from './native/engine.ts';

const COMPARISONS = { Equal: 0, NotEqual: 1, Greater: 2, GreaterEqual: 3, Less: 4, LessEqual: 5 } as const;

/** A kernel for a comparison of two tensors of one shape, or of a tensor with one number; the stock one does the rest. */
export function createComparison(kernelName: keyof typeof COMPARISONS): Kernel {
  const stock = stockKernel(kernelName);
  const comparison = COMPARISONS[kernelName];
  return (args: KernelArguments) => {
    const { backend } = args;
    const a = args.inputs.a as tf.TensorInfo;
    const b = args.inputs.b as tf.TensorInfo;
    if (a.dtype !== 'float32' || b.dtype !== 'float32') return stock(args);
    const single = b.shape.length === 0;
    const same = a.shape.length === b.shape.length && a.shape.every((n, axis) => n === b.shape[axis]);
    if (!single && !same) return stock(args);
    const out = backend.makeOutput(a.shape, 'bool');
    const n = sizeOf(a.shape);
    const native = nativeOf(backend);
    if (n > 0) {
      native.compare(comparison, n, addressOf(backend, a), addressOf(backend, b), single, addressOf(backend, out));
    }
    return out;
  };
}
