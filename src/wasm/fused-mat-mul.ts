import type * as tf from '@tensorflow/tfjs-core';
import { epilogueOf } from './activation.ts';
import { type Kernel, type KernelArguments, sizeOf, stockKernel } from './backend.ts';
import { multiply } from './batch-mat-mul.ts';
import { addressOf, nativeOf } from './native/engine.ts';

/**
 * A kernel for _FusedMatMul. With a transpose or a batch, tfjs's own adds the bias and applies the activation once per
 * block of 48 inner columns (K = 100 of ones and a bias of 1 give 103), and it packs each new right-hand matrix under its
 * memory alone; here it is a product, then one pass over it.
 */
export function createFusedMatMul(): Kernel {
  const stock = stockKernel('_FusedMatMul');
  return (args: KernelArguments) => {
    const { backend, attrs } = args;
    const b = args.inputs.b as tf.TensorInfo;
    const n = b.shape[b.shape.length - (attrs.transposeB === true ? 2 : 1)]!;
    const epilogue = epilogueOf(args, n);
    try {
      const out = multiply(args);
      if (out === undefined) return stock(args);
      const rows = n === 0 ? 0 : sizeOf(out.shape) / n;
      const { bias, activation, slopes } = epilogue;
      nativeOf(backend).finish(rows, n, addressOf(backend, out), bias, activation, slopes);
      return epilogue.after(out);
    } finally {
      epilogue.dispose();
    }
  };
}
