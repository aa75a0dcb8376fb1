import * as tf from '@tensorflow/tfjs-core';
import { type Kernel, type KernelArguments, sizeOf, stockKernel } from './backend.ts';
import { addressOf, nativeOf, withScratch } from './native/engine.ts';

/** A tensor as [outer, reduced, inner] around the axes that are summed over. */
interface Plan {
  readonly outer: number;
  readonly reduced: number;
  readonly inner: number;
}

/** Undefined where the axes do not lie side by side (axes of length 1 between them aside). */
function planReduction(shape: readonly number[], axes: readonly number[]): Plan | undefined {
  const reducedAt = shape.map((n, axis) => n !== 1 && axes.includes(axis));
  const first = reducedAt.indexOf(true);
  if (first < 0) return { outer: sizeOf(shape), reduced: 1, inner: 1 };
  const last = reducedAt.lastIndexOf(true);
  for (let axis = first; axis <= last; axis++) if (shape[axis] !== 1 && !reducedAt[axis]) return undefined;
  return {
    outer: sizeOf(shape.slice(0, first)),
    reduced: sizeOf(shape.slice(first, last + 1)),
    inner: sizeOf(shape.slice(last + 1)),
  };
}

/** Sum or mean over axes that lie side by side; the stock kernel does the rest. */
function createReduction(kernelName: 'Sum' | 'Mean'): Kernel {
  const stock = stockKernel(kernelName);
  return (args: KernelArguments) => {
    const { backend, attrs } = args;
    const x = args.inputs.x as tf.TensorInfo;
    if (x.dtype !== 'float32' || x.shape.length === 0) return stock(args);
    const axes = tf.util.parseAxisParam(attrs.axis as number[], x.shape);
    const plan = planReduction(x.shape, axes);
    if (axes.length === 0 || plan === undefined) return stock(args);

    const outShape =
      attrs.keepDims === true
        ? x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
        : x.shape.filter((_, axis) => !axes.includes(axis));
    const out = backend.makeOutput(outShape, 'float32');
    if (sizeOf(outShape) === 0) return out;
    const { outer, reduced, inner } = plan;
    const divisor = kernelName === 'Mean' ? reduced : 1;
    const native = nativeOf(backend);
    withScratch(backend, 8 * inner, (scratch) =>
      native.sumMiddle(outer, reduced, inner, addressOf(backend, x), divisor, addressOf(backend, out), scratch),
    );
    return out;
  };
}

/**
 * A kernel for Sum over axes that lie side by side (biases, batch statistics, losses), accumulated in float64. The
 * stock one transposes first where they are not the last, and adds in float32.
 */
export function createSum(): Kernel {
  return createReduction('Sum');
}

/** A kernel for Mean, like Sum's. */
export function createMean(): Kernel {
  return createReduction('Mean');
}
