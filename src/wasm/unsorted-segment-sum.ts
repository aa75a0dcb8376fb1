import type * as tf from '@tensorflow/tfjs-core';
import { type Kernel, type KernelArguments, sizeOf } from './backend.ts';

/**
 * A kernel for UnsortedSegmentSum, which the wasm backend lacks and the gradient of `gather` needs:
 * out[segmentIds[i], ...] += x[i, ...]. Ids outside [0, numSegments) are passed over, as TensorFlow does. Throws an Error
 * where the shape of segmentIds does not begin that of x.
 */
export function createUnsortedSegmentSum(): Kernel {
  return ({ inputs, backend, attrs }: KernelArguments) => {
    const x = inputs.x as tf.TensorInfo;
    const segmentIds = inputs.segmentIds as tf.TensorInfo;
    const segments = attrs.numSegments as number;
    const rest = x.shape.slice(segmentIds.shape.length);
    if (segmentIds.shape.some((n, axis) => n !== x.shape[axis])) {
      throw new Error(
        `UnsortedSegmentSum: segmentIds expected a shape that begins x's [${x.shape}], got [${segmentIds.shape}]`,
      );
    }
    const row = sizeOf(rest);
    const out = backend.makeOutput([segments, ...rest], x.dtype);
    const from = backend.typedArrayFromHeap(x);
    const ids = backend.typedArrayFromHeap(segmentIds);
    const sums = new Float64Array(segments * row);
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      if (id < 0 || id >= segments) continue;
      for (let j = 0; j < row; j++) sums[id * row + j]! += from[i * row + j]!;
    }
    backend.typedArrayFromHeap(out).set(sums);
    return out;
  };
}
