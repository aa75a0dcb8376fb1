import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportModel } from '../../src/models/artifact.ts';
import { predictProbabilities } from '../../src/models/predict-probabilities.ts';
import { trainModel } from '../../src/models/train-model.ts';
import { builders, smallProblem } from './small-problem.ts';

describe("on tfjs's cpu backend", () => {
  beforeAll(() => tf.setBackend('cpu'));
  const data = { train: smallProblem(18, 1), validation: smallProblem(6, 2) };

  it.each(builders)('$name trains and predicts, and repeats itself', async ({ build }) => {
    const run = async () => {
      const model = build(1);
      const history = await trainModel(model, data, { seed: 1, epochs: 5, batchSize: 6, learningRate: 0.02 });
      const [p] = await predictProbabilities(model, [data.train[0]!.features]);
      return { history, p: p!, bytes: (await exportModel(model)).bytes };
    };
    const one = await run();
    expect(one.history.epochs[4]!.loss).toBeLessThan(one.history.epochs[0]!.loss);
    expect(one.p.reduce((sum, v) => sum + v, 0)).toBeCloseTo(1, 5);
    expect(await run()).toEqual(one);
  });
});
