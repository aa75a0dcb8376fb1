import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { registerWasmKernels } from '../../src/wasm/register.ts';

// This file imports no backend, and vitest runs it in a process of its own.
describe("registerWasmKernels() without tfjs's wasm backend", () => {
  it('says what to import, and registers nothing', () => {
    expect(() => registerWasmKernels()).toThrow(
      "registerWasmKernels: expected tfjs's wasm backend to be loaded, got none; import '@tensorflow/tfjs-backend-wasm' first",
    );
    expect(tf.getKernelsForBackend('wasm')).toEqual([]);
  });
});
