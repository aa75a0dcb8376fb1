import * as tf from '@tensorflow/tfjs-core';
import { floats, type Kernel, type KernelArguments, sizeOf, stockKernel } from './backend.ts';

/**
 * A kernel for Sum over leading or over trailing axes (biases, batch statistics, losses), accumulated in float64.
 * The stock one transposes first and adds in float32; it still does sums over axes in the middle.
 */
export function createSum(): Kernel {
  const stock = stockKernel('Sum');
  return (args: KernelArguments) => {
    const { backend, attrs } = args;
    const x = args.inputs.x as tf.TensorInfo;
    const rank = x.shape.length;
    if (x.dtype !== 'float32' || rank === 0) return stock(args);
    const axes = tf.util.parseAxisParam(attrs.axis as number[], x.shape).sort((p, q) => p - q);
    const leading = axes.every((axis, i) => axis === i);
    const trailing = axes.every((axis, i) => axis === rank - axes.length + i);
    if (axes.length === 0 || !(leading || trailing)) return stock(args);

    const keepDims = attrs.keepDims === true;
    const kept = x.shape.filter((_, axis) => !axes.includes(axis));
    const outShape = keepDims ? x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n)) : kept;
    const out = backend.makeOutput(outShape, 'float32');
    const from = floats(backend, x);
    const to = floats(backend, out);
    const reduced = sizeOf(axes.map((axis) => x.shape[axis]!));
    const others = sizeOf(kept);
    if (trailing) {
      for (let i = 0; i < others; i++) {
        let sum = 0;
        const end = (i + 1) * reduced;
        for (let at = i * reduced; at < end; at++) sum += from[at]!;
        to[i] = sum;
      }
    } else {
      const sums = new Float64Array(others);
      for (let row = 0, at = 0; row < reduced; row++) {
        for (let i = 0; i < others; i++, at++) sums[i]! += from[at]!;
      }
      to.set(sums);
    }
    return out;
  };
}
