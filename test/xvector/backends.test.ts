import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createXvector } from '../../src/xvector/create-xvector.ts';
import { madeFrames, madeWeights } from './made-weights.ts';
import { naiveEmbedding } from './naive-xvector.ts';

// wasm as tfjs has it, without ser-kit's kernels, and cpu.
describe.each(['wasm', 'cpu'])('on the backend %s of tfjs', (backend) => {
  it.each(['reflect', 'zeros', 'valid'] as const)('an x-vector network with %s gives its numbers', async (padding) => {
    await tf.setBackend(backend);
    expect(tf.getBackend()).toBe(backend);
    for (const slope of [0, 0.01]) {
      const before = tf.memory().numTensors;
      const weights = madeWeights({ padding }, { slope, segments: [6, 5] });
      const xvector = createXvector(weights);
      for (const frames of [16, 150]) {
        const matrix = madeFrames(frames);
        const expected = naiveEmbedding(weights, matrix);
        const greatest = Math.max(...expected.map(Math.abs));
        (await xvector.embed(matrix)).forEach((value, i) => {
          expect(Math.abs(value - expected[i]!)).toBeLessThan(3e-6 * greatest);
        });
      }
      xvector.dispose();
      expect(tf.memory().numTensors).toBe(before);
    }
  });
});
