import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { exportModel } from '../../src/models/artifact.ts';
import type { Example } from '../../src/models/examples.ts';
import { type BatchOptions, prepareBatch } from '../../src/models/train-batch.ts';
import { trainModel } from '../../src/models/train-model.ts';
import type { TrainOptions } from '../../src/models/train-options.ts';
import { Gradient } from '../../src/models/train-step.ts';
import type { TrainingEvent } from '../../src/models/training-events.ts';
import { WeightAverage } from '../../src/models/weight-average.ts';
import { useWasm } from '../support/wasm.ts';
import { errorOf } from './error-of.ts';
import { builders, CLASSES, smallProblem } from './small-problem.ts';

const data = { train: smallProblem(21, 1), validation: smallProblem(12, 2) };
const options: TrainOptions = { seed: 1, epochs: 2, batchSize: 8, learningRate: 0.02 };
const batchOptions: BatchOptions = {
  classWeights: new Float32Array(CLASSES).fill(1),
  labelSmoothing: 0,
  featureMasks: undefined,
  mixup: undefined,
};
const lstm = (): tfl.LayersModel => builders[1].build(1, 0);
const valuesOf = async (model: tfl.LayersModel): Promise<Float32Array> =>
  new Float32Array((await exportModel(model)).bytes.buffer);
const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

describe('a step of training', () => {
  useWasm();

  async function gradientOf(parts: readonly (readonly Example[])[]): Promise<{ values: Float32Array; norm: number }> {
    const model = lstm();
    const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const gradient = new Gradient(model, variables);
    const clips = parts.reduce((sum, part) => sum + part.length, 0);
    let norm = 0;
    for (const part of parts) norm = (await gradient.add(prepareBatch(part, batchOptions, 1), clips)).norm;
    const values = (await gradient.vector.data()).slice() as Float32Array;
    gradient.clear();
    model.dispose();
    return { values, norm };
  }

  it('of several batches has the gradient of one that holds them all, also where the last is smaller', async () => {
    const { train } = data;
    const whole = await gradientOf([train]);
    const parts = await gradientOf([train.slice(0, 8), train.slice(8, 16), train.slice(16)]);
    const size = Math.max(...whole.values.map(Math.abs));
    expect(largestDifference(parts.values, whole.values)).toBeLessThan(1e-5 * Math.max(1, size));
    expect(parts.norm).toBeCloseTo(Math.hypot(...whole.values), 5);
    expect(whole.norm).toBeGreaterThan(0.05);
  });

  it('is made after `accumulate` batches, and after those that an epoch has left', async () => {
    const trained = async (change: Partial<TrainOptions>) => {
      const model = lstm();
      const rates: number[] = [];
      const onEvent = (event: TrainingEvent): void => {
        if (event.type === 'batch') rates.push(event.learningRate);
      };
      const { epochs } = await trainModel(model, data, { ...options, epochs: 1, ...change, onEvent });
      return { values: await valuesOf(model), loss: epochs[0]!.loss, rates };
    };
    const whole = await trained({ batchSize: 32 });
    const three = await trained({ batchSize: 8, accumulate: 3 });
    const nine = await trained({ batchSize: 8, accumulate: 9 });
    expect(largestDifference(three.values, whole.values)).toBeLessThan(1e-5);
    expect(three.loss).toBeCloseTo(whole.loss, 5);
    expect(nine.values).toEqual(three.values);
    const two = await trained({ batchSize: 8, accumulate: 2, schedule: 'cosine' });
    expect(largestDifference(two.values, whole.values)).toBeGreaterThan(1e-3);
    // The rate is that of the step, which its batches share.
    expect(two.rates).toHaveLength(3);
    expect(two.rates[0]).toBe(two.rates[1]);
    expect(two.rates[2]).toBeLessThan(two.rates[0]!);
  });

  it('smooths targets before weights are multiplied in', () => {
    const weighted = { ...batchOptions, classWeights: Float32Array.of(1, 2, 4), labelSmoothing: 0.3 };
    const { features } = data.train[0]!;
    const { targets } = prepareBatch(
      [
        { features, target: 1, weight: 3 },
        { features, target: Float32Array.of(0.5, 0, 0.5) },
      ],
      weighted,
      1,
    );
    const expected = [0.1 * 3, 0.8 * 2 * 3, 0.1 * 4 * 3, 0.45, 0.1 * 2, 0.45 * 4];
    expect(largestDifference(targets, expected)).toBeLessThan(1e-6);
  });

  it.each([
    { labelSmoothing: 0.2 },
    { mixup: { alpha: 1 } },
    { featureMasks: { dims: { count: 1, maxDims: 2 } } },
    { accumulate: 2 },
    { optimizer: 'adam', weightDecay: 0.1 },
    { weightDecay: 0.1 },
    { schedule: 'cosine' },
    { clipNorm: 0.01 },
    { betas: [0.5, 0.9] },
    { epsilon: 0.1 },
    { weightAverage: { decay: 0.9 } },
  ] as Partial<TrainOptions>[])('is changed by %o', async (change) => {
    const run = async (o: TrainOptions) => {
      const model = lstm();
      await trainModel(model, data, o);
      return valuesOf(model);
    };
    expect(largestDifference(await run({ ...options, ...change }), await run(options))).toBeGreaterThan(1e-5);
  });

  it('refuses options that are out of range', async () => {
    const refused = (wrong: object) => errorOf(() => trainModel(lstm(), data, { ...options, ...wrong } as never));
    for (const wrong of [
      { optimizer: 'sgd' },
      { betas: [0.9] },
      { betas: [0.9, 1] },
      { epsilon: 0 },
      { schedule: 'step' },
      { plateau: { factor: 1 } },
      { plateau: { wait: 1 } },
      { accumulate: 0 },
      { labelSmoothing: 1 },
      { mixup: { alpha: 0 } },
      { mixup: 0.2 },
      { featureMasks: { time: { count: 1 } } },
      { featureMasks: { frames: 3 } },
      { weightAverage: { decay: 1 } },
      { onCheckpoint: 'run.ckpt' },
    ]) {
      expect((await refused(wrong)).code, JSON.stringify(wrong)).toBe('bad-option');
    }
    expect((await refused({ accumulate: 0 })).message).toBe('trainModel: accumulate expected > 0, got 0');
  });

  it('that has a gradient without a number says where, and whose', async () => {
    const model = lstm();
    const apply = model.apply.bind(model);
    let calls = 0;
    model.apply = ((x: tf.Tensor, kwargs: { training: boolean }) => {
      const y = apply(x, kwargs) as tf.Tensor;
      if (!kwargs.training || ++calls !== 5) return y;
      // The value is as it was; the gradient is not.
      return tf.customGrad((t) => ({ value: (t as tf.Tensor).clone(), gradFunc: (dy) => tf.mul(dy, Number.NaN) }))(y);
    }) as typeof model.apply;
    const before = tf.memory().numTensors;
    const error = await errorOf(() => trainModel(model, data, options));
    expect(error.code).toBe('diverged');
    expect(error.message).toMatch(
      /^trainModel: gradient of lstm1.*kernel.* expected finite numbers, got NaN in epoch 2, batch 2; a lower learningRate/,
    );
    expect(tf.memory().numTensors).toBe(before);
    expect((await valuesOf(model)).every(Number.isFinite)).toBe(true);
  });

  it("becomes 'out-of-memory' where the backend runs out of it, the best weights in place", async () => {
    const model = lstm();
    const one = lstm();
    await trainModel(one, data, { ...options, epochs: 1 });
    const apply = model.apply.bind(model);
    let steps = 0;
    model.apply = ((x: tf.Tensor, kwargs: { training: boolean }) => {
      // After the forward pass, of which tfjs then holds what the gradients need.
      const y = apply(x, kwargs);
      if (kwargs.training && ++steps > 4) throw new Error('memory access out of bounds');
      return y;
    }) as typeof model.apply;
    const before = tf.memory().numTensors;
    expect(await errorOf(() => trainModel(model, data, options))).toEqual({
      code: 'out-of-memory',
      message: 'trainModel: out of memory; take smaller batches or shorter recordings',
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(await valuesOf(model)).toEqual(await valuesOf(one));
  });
});

describe('WeightAverage', () => {
  useWasm();

  it('is the weighted mean of the weights at each step, the first of them not counted as nothing', () => {
    const model = lstm();
    const average = new WeightAverage(model, 0.75);
    const [sums, weights] = [
      [0, 0, 0],
      [1, -2, 4],
    ];
    weights.forEach((value, step) => {
      const filled = model.getWeights().map(({ shape }) => tf.fill(shape, value));
      model.setWeights(filled);
      tf.dispose(filled);
      average.update();
      let share = 0;
      for (let i = 0; i <= step; i++) {
        sums[step]! += 0.25 * 0.75 ** (step - i) * weights[i]!;
        share += 0.25 * 0.75 ** (step - i);
      }
      const averaged = average.weights();
      expect(averaged.map(({ shape }) => shape)).toEqual(model.getWeights().map(({ shape }) => shape));
      for (const tensor of averaged) {
        for (const got of tensor.dataSync()) expect(got).toBeCloseTo(sums[step]! / share, 5);
      }
      tf.dispose(averaged);
    });
    average.dispose();
  });

  it('is what is measured and kept, while training goes on with the weights themselves', async () => {
    const own = builders[3].build(1, 0);
    const averaged = builders[3].build(1, 0);
    const plain = await trainModel(own, data, { ...options, epochs: 6 });
    const smooth = await trainModel(averaged, data, { ...options, epochs: 6, weightAverage: { decay: 0.8 } });
    // Batch norm has no part in the losses of training, which are those of the weights themselves.
    expect(smooth.epochs.map(({ loss }) => loss)).toEqual(plain.epochs.map(({ loss }) => loss));
    expect(smooth.epochs[3]!.validation).not.toEqual(plain.epochs[3]!.validation);
    expect(await valuesOf(averaged)).not.toEqual(await valuesOf(own));
  });
});
