import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { registerWasmKernels } from '../../src/wasm/register.ts';

const NAMES = ['SerKitSimpleRnn', 'SerKitLstm', 'SerKitGru'];

it('registerWasmKernels() adds the recurrent kernels with their gradients, and undoing removes both', () => {
  for (let round = 0; round < 2; round++) {
    const undo = registerWasmKernels();
    for (const name of NAMES) {
      expect(tf.getKernel(name, 'wasm')).toBeDefined();
      expect(tf.getGradient(name)).toBeDefined();
    }
    undo();
    for (const name of NAMES) {
      expect(tf.getKernel(name, 'wasm')).toBeUndefined();
      expect(tf.getGradient(name)).toBeUndefined();
    }
  }
});
