import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll } from 'vitest';
import { registerWasmKernels } from '../../src/wasm/register.ts';
import type { NdArray } from './reference-arrays.ts';

/** Runs a test file on the wasm backend, with ser-kit's kernels. */
export function useWasm(): void {
  let undo = (): void => {};
  beforeAll(async () => {
    undo = registerWasmKernels();
    await tf.setBackend('wasm');
  });
  afterAll(() => undo());
}

/** A reference's array as a float32 tensor. */
export function tensorOf<R extends tf.Rank>(x: NdArray): tf.Tensor<R> {
  return tf.tensor(Float32Array.from(x.data), [...x.shape] as never);
}
