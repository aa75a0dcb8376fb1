// Stands in for wasm.ts where scripts/check-layers-tfjs-node.mjs runs the layers' tests on the real tfjs-node.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll } from 'vitest';
import type { NdArray } from './reference-arrays.ts';

/** What useNoKernels() takes away from wasm, so it has to be there; nothing runs on wasm here. */
const KERNELS_OF_WASM = ['SerKitLstm', 'SerKitGru', 'SerKitSimpleRnn'];

/** Runs a test file on the backend `tensorflow`, although its caller says wasm. */
export function useWasm(): void {
  beforeAll(async () => {
    createRequire(join(process.env.TFJS_NODE!, 'from-here.cjs'))('@tensorflow/tfjs-node');
    for (const kernelName of KERNELS_OF_WASM) {
      if (tf.getKernel(kernelName, 'wasm') !== undefined) continue;
      tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc: () => [] });
    }
    await tf.setBackend('tensorflow');
    if (tf.getBackend() !== 'tensorflow') throw new Error(`expected the backend tensorflow, got ${tf.getBackend()}`);
  });
}

/** A reference's array as a float32 tensor. */
export function tensorOf<R extends tf.Rank>(x: NdArray): tf.Tensor<R> {
  return tf.tensor(Float32Array.from(x.data), [...x.shape] as never);
}
