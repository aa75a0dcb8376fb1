import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createXvector } from '../../src/xvector/create-xvector.ts';
import type { XvectorWeights } from '../../src/xvector/weights.ts';
import { useWasm } from '../support/wasm.ts';
import { madeFrames, madeWeights } from './made-weights.ts';
import { naiveEmbedding } from './naive-xvector.ts';

useWasm();

/** The largest difference, as a part of the largest value. */
function furthest(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  const greatest = Math.max(...Array.from(expected, Math.abs));
  return Math.max(...Array.from(expected, (value, i) => Math.abs(got[i]! - value))) / greatest;
}

async function embeddingOf(weights: XvectorWeights, frames: Parameters<typeof naiveEmbedding>[1]) {
  const xvector = createXvector(weights);
  try {
    return await xvector.embed(frames);
  } finally {
    xvector.dispose();
  }
}

const biased = { deviation: 'biased', added: 0, floor: 1e-10 } as const;

describe('an x-vector network', () => {
  it.each([
    ['reflect', 4],
    ['reflect', 5],
    ['reflect', 37],
    ['reflect', 300],
    ['zeros', 2],
    ['zeros', 41],
    ['valid', 16],
    ['valid', 41],
    ['valid', 300],
  ] as const)('with %s gives the numbers of its definition for %i frames', async (padding, frames) => {
    const weights = madeWeights({ padding, leastFrames: 2 });
    const matrix = madeFrames(frames);
    expect(furthest(await embeddingOf(weights, matrix), naiveEmbedding(weights, matrix))).toBeLessThan(3e-6);
  });

  it('with a rectifier, two segment layers and biased deviations gives the numbers of its definition', async () => {
    const weights = madeWeights(
      { padding: 'valid', pooling: biased, leastFrames: 15 },
      { slope: 0, segments: [6, 5], seed: 3 },
    );
    const matrix = madeFrames(30);
    expect(furthest(await embeddingOf(weights, matrix), naiveEmbedding(weights, matrix))).toBeLessThan(3e-6);
  });

  it.each(['reflect', 'zeros', 'valid'] as const)(
    'with %s takes taps that are not as many on both sides',
    async (padding) => {
      const offsets = [[-4, -2, 0], [0, 1, 2, 3], [1], [-1, 2], [0]];
      const weights = madeWeights({ padding }, { offsets });
      const matrix = madeFrames(29);
      expect(furthest(await embeddingOf(weights, matrix), naiveEmbedding(weights, matrix))).toBeLessThan(3e-6);
    },
  );

  it.each(['reflect', 'zeros', 'valid'] as const)(
    'with %s gives of a long clip, computed in stretches, the numbers of the whole',
    async (padding) => {
      const weights = madeWeights({ padding });
      const matrix = madeFrames(4321);
      expect(furthest(await embeddingOf(weights, matrix), naiveEmbedding(weights, matrix))).toBeLessThan(3e-6);
    },
  );

  it.each([
    ['reflect', [0, 2500], 2600],
    ['reflect', [0, 2500], 5000],
    ['reflect', [-2500, 0], 2600],
    ['reflect', [2500, 2600], 7000],
    ['reflect', [5, 10], 11],
    ['zeros', [-2500, 0], 2600],
    ['zeros', [5, 10], 3],
    ['zeros', [-4000], 3],
    ['valid', [2500, 2600], 7000],
  ] as const)('with %s takes a layer that looks far to one side, %j, at %i frames', async (padding, first, frames) => {
    const weights = madeWeights({ padding, leastFrames: 2 }, { channels: [3, 3], offsets: [first, [0]] });
    const matrix = madeFrames(frames);
    expect(furthest(await embeddingOf(weights, matrix), naiveEmbedding(weights, matrix))).toBeLessThan(3e-6);
  });

  it('makes no more tensors than it gives back', async () => {
    const before = tf.memory().numTensors;
    const xvector = createXvector(madeWeights());
    await xvector.embed(madeFrames(20));
    const between = tf.memory().numTensors;
    await xvector.embed(madeFrames(2500));
    expect(tf.memory().numTensors).toBe(between);
    xvector.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
