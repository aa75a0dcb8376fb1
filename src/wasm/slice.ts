import * as tf from '@tensorflow/tfjs-core';
import { floats, type Kernel, type KernelArguments, sizeOf, stockKernel } from './backend.ts';

/**
 * A kernel for Slice that copies what is asked for. The stock one copies the whole source first, which makes a loop
 * over time steps quadratic in their number.
 */
export function createSlice(): Kernel {
  const stock = stockKernel('Slice');
  return (args: KernelArguments) => {
    const { backend, attrs } = args;
    const x = args.inputs.x as tf.TensorInfo;
    if (x.dtype !== 'float32' || x.shape.length === 0) return stock(args);
    const [begin, size] = tf.slice_util.parseSliceParams(
      x as tf.Tensor,
      attrs.begin as number[],
      attrs.size as number[],
    );
    tf.slice_util.assertParamsValid(x as tf.TensorInfo, begin, size); // the stock one reads what it finds there
    const out = backend.makeOutput(size, x.dtype);
    if (sizeOf(size) === 0) return out;
    const from = floats(backend, x);
    const to = floats(backend, out);

    // Axes that are taken whole at the end merge into one run of memory.
    let inner = size.length - 1;
    let run = size[inner]!;
    let stride = x.shape[inner]!;
    while (inner > 0 && run === stride) {
      inner--;
      run *= size[inner]!;
      stride *= x.shape[inner]!;
    }
    const strides = new Array<number>(size.length).fill(1);
    for (let axis = size.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * x.shape[axis + 1]!;
    let start = 0;
    for (let axis = 0; axis < size.length; axis++) start += begin[axis]! * strides[axis]!;

    const counter = new Array<number>(inner).fill(0);
    for (let at = 0; at < to.length; at += run) {
      let offset = start;
      for (let axis = 0; axis < inner; axis++) offset += counter[axis]! * strides[axis]!;
      if (run < 32) for (let i = 0; i < run; i++) to[at + i] = from[offset + i]!;
      else to.set(from.subarray(offset, offset + run), at);
      for (let axis = inner - 1; axis >= 0; axis--) {
        if (++counter[axis]! < size[axis]!) break;
        counter[axis] = 0;
      }
    }
    return out;
  };
}
