import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import {
  attentionPooling,
  bidirectional,
  gru,
  lstm,
  maskedBatchNorm,
  maskedConv1d,
  simpleRnn,
} from '../../src/layers/index.ts';
import { errorOf } from '../models/error-of.ts';

const seed = 1;
const name = 'mine';
const inputShape = [5, 2];
const refusal = (who: string) => ({
  code: 'no-backend',
  message: `${who}: expected a tfjs backend, got none; import one (for Node: 'ser-kit/wasm') and await tf.setBackend('wasm')`,
});

// This file imports no backend, and vitest runs it in a process of its own.
describe('without a tfjs backend', () => {
  it.each([
    ['lstm', () => lstm({ name, units: 2, seed, inputShape })],
    ['gru', () => gru({ name, units: 2, seed, inputShape })],
    ['simpleRnn', () => simpleRnn({ name, units: 2, seed, inputShape })],
    ['maskedConv1d', () => maskedConv1d({ name, filters: 2, kernelSize: 3, seed, inputShape })],
    ['maskedBatchNorm', () => maskedBatchNorm({ name, inputShape })],
    ['attentionPooling', () => attentionPooling({ name, seed, inputShape })],
  ])('the weights of %s() name the layer and say what to import', async (_, create) => {
    expect(await errorOf(() => tfl.sequential({ layers: [create()] }))).toEqual(refusal('mine'));
  });

  it('the weights of bidirectional() do, too', async () => {
    const layer = lstm({ name, units: 2, seed });
    expect(await errorOf(() => tfl.sequential({ layers: [bidirectional({ layer, inputShape })] }))).toEqual(
      refusal('forward_mine'),
    );
  });
});
