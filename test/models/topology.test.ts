import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportModel } from '../../src/models/artifact.ts';
import { buildCnn } from '../../src/models/build-cnn.ts';
import { buildCnnLstm } from '../../src/models/build-cnn-lstm.ts';
import { buildGru } from '../../src/models/build-gru.ts';
import { buildLstm } from '../../src/models/build-lstm.ts';
import { buildSimpleRnn } from '../../src/models/build-simple-rnn.ts';
import '../../src/wasm/index.ts';

const small = { dims: 5, classes: 3, seed: 2, units: 4 };

/** The beginning of the SHA-256 of topology, weights' names and shapes as they were saved before the builders knew `utteranceDims`. */
const BEFORE: Readonly<Record<string, string>> = {
  'simple-rnn': '038d5bf000c134371fdc61d42749d78c7c079',
  lstm: '2cf2115f1804396b91cfdc5ed1b8d6d742da7',
  gru: '4fe964ec8f5eecbf1355197035d43dc985ba5',
  cnn: '9882f32d55c5d514ccfb6e924dafa338f05e5',
  'cnn-lstm': '0a45abc5db0ca0a7cc2241d27119de1604c97',
};

describe('a network of a builder', () => {
  beforeAll(async () => {
    await tf.setBackend('wasm');
  });

  it.each([
    ['simple-rnn', () => buildSimpleRnn(small)],
    ['lstm', () => buildLstm({ ...small, layers: 2, bidirectional: true, summary: 'statistics' })],
    ['gru', () => buildGru({ ...small, summary: 'last' })],
    ['cnn', () => buildCnn({ ...small, summary: 'attention' })],
    ['cnn-lstm', () => buildCnnLstm({ ...small, inputDropout: 0 })],
  ])('is saved as it was before there were utteranceDims: %s', async (name, build) => {
    const model = build();
    const { topology, weights } = await exportModel(model);
    model.dispose();
    const hash = createHash('sha256').update(JSON.stringify({ topology, weights })).digest('hex');
    expect(hash.slice(0, 37)).toBe(BEFORE[name]);
  });
});
