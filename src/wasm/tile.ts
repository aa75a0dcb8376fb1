import type * as tf from '@tensorflow/tfjs-core';
import { type Kernel, type KernelArguments, sizeOf, stockKernel } from './backend.ts';
import { addressOf, nativeOf } from './native/engine.ts';

interface Axis {
  readonly length: number;
  readonly times: number;
}

/** The same tiling with as few axes as possible. */
function mergeAxes(shape: readonly number[], reps: readonly number[]): Axis[] {
  const merged: Axis[] = [];
  for (let axis = 0; axis < shape.length; axis++) {
    const last = merged.at(-1);
    const [length, times] = [shape[axis]!, reps[axis]!];
    if (last !== undefined && (last.length === 1 || times === 1)) {
      // One number repeated outside repeats the block inside; an axis that is not repeated belongs to the block outside.
      merged[merged.length - 1] = { length: last.length * length, times: last.times * times };
    } else {
      merged.push({ length, times });
    }
  }
  return merged;
}

/**
 * A kernel for Tile that copies blocks. The stock one computes every number's index: 240 ms for the 4 million of a
 * batch norm's gradient, where this takes 2.
 */
export function createTile(): Kernel {
  const stock = stockKernel('Tile');
  return (args: KernelArguments) => {
    const { backend, attrs } = args;
    const x = args.inputs.x as tf.TensorInfo;
    const reps = attrs.reps as number[];
    const outShape = x.shape.map((n, axis) => n * reps[axis]!);
    if ((x.dtype !== 'float32' && x.dtype !== 'int32') || sizeOf(outShape) === 0) return stock(args);
    const axes = mergeAxes(x.shape, reps);
    const native = nativeOf(backend);
    let done = x;
    // From the last axis to the first, each a pass; nearly always there is one.
    let tail = 1;
    let head = sizeOf(x.shape);
    const passes = axes.filter(({ times }) => times !== 1).length;
    let pass = 0;
    for (let i = axes.length - 1; i >= 0; i--) {
      const { length, times } = axes[i]!;
      head /= length;
      tail *= length;
      if (times !== 1) {
        pass++;
        const next = backend.makeOutput(pass === passes ? outShape : [head * tail * times], x.dtype);
        native.repeatBlocks(head, 4 * tail, times, addressOf(backend, done), addressOf(backend, next));
        if (done !== x) backend.disposeData(done.dataId);
        done = next;
      }
      tail *= times;
    }
    if (done !== x) return done;
    backend.incRef(x.dataId);
    return { dataId: x.dataId, shape: outShape, dtype: x.dtype };
  };
}
