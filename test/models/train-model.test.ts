import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { unweightedAverageRecall } from '../../src/metrics/unweighted-average-recall.ts';
import { exportModel } from '../../src/models/artifact.ts';
import { type Example, indexOfLargest, targetClass } from '../../src/models/examples.ts';
import { predictProbabilities } from '../../src/models/predict-probabilities.ts';
import { trainModel } from '../../src/models/train-model.ts';
import type { TrainOptions } from '../../src/models/train-options.ts';
import type { TrainingEvent } from '../../src/models/training-events.ts';
import { useWasm } from '../support/wasm.ts';
import { errorOf } from './error-of.ts';
import { builders, CLASSES, DIMS, smallProblem } from './small-problem.ts';

const data = { train: smallProblem(45, 1), validation: smallProblem(24, 2) };
const options: TrainOptions = { seed: 1, epochs: 3, batchSize: 8, learningRate: 0.01 };
const { build } = builders[2];

/** Mean cross-entropy and UAR, measured apart from the trainer. */
async function measured(model: tfl.LayersModel, examples: readonly Example[]): Promise<{ loss: number; uar: number }> {
  const all = await predictProbabilities(
    model,
    examples.map((e) => e.features),
  );
  const truth = examples.map((e) => targetClass(e.target));
  const loss = truth.reduce((sum, k, i) => sum - Math.log(all[i]![k]!), 0) / truth.length;
  return { loss, uar: unweightedAverageRecall(truth, all.map(indexOfLargest)) };
}

const bytesOf = async (model: tfl.LayersModel): Promise<Uint8Array> => (await exportModel(model)).bytes;

describe('trainModel()', () => {
  useWasm();

  it.each(builders)('teaches a network of $name, over clips of unequal length', async ({ build: any }) => {
    const model = any(1);
    const before = await measured(model, data.validation);
    const history = await trainModel(model, data, { ...options, epochs: 12, learningRate: 0.02 });
    const after = await measured(model, data.validation);
    expect(history.epochs).toHaveLength(12);
    expect(history.epochs[11]!.loss).toBeLessThan(0.7 * history.epochs[0]!.loss);
    expect(after.loss).toBeLessThan(0.7 * before.loss);
    expect(after.uar).toBeGreaterThan(0.75);
  });

  it.each(builders)(
    'gives $name the same weights byte for byte from the same seed, others from another',
    async (one) => {
      const run = async (seed: number): Promise<Uint8Array> => {
        const model = one.build(1);
        await trainModel(
          model,
          { train: data.train.slice(0, 20), validation: data.validation.slice(0, 6) },
          { ...options, seed, epochs: 2 },
        );
        return bytesOf(model);
      };
      const first = await run(1);
      expect(await run(1)).toEqual(first);
      expect(await run(2)).not.toEqual(first);
    },
  );

  it('leaves the weights of the best epoch, whose validation metrics can be measured again', async () => {
    const model = build(1);
    // So high a rate that epochs get worse, too.
    const history = await trainModel(model, data, { ...options, epochs: 8, learningRate: 0.08 });
    const best = history.epochs[history.bestEpoch - 1]!;
    for (const { validation } of history.epochs) {
      expect(validation.unweightedAverageRecall).toBeLessThanOrEqual(best.validation.unweightedAverageRecall);
      if (validation.unweightedAverageRecall === best.validation.unweightedAverageRecall) {
        expect(validation.loss).toBeGreaterThanOrEqual(best.validation.loss);
      }
    }
    expect(history.bestEpoch).toBeLessThan(8); // or the test would prove nothing
    const now = await measured(model, data.validation);
    expect(now.uar).toBe(best.validation.unweightedAverageRecall);
    expect(now.loss).toBeCloseTo(best.validation.loss, 5);
    expect((await measured(model, data.train)).loss).toBeCloseTo(best.train.loss, 5);
  });

  it('ends after `patience` epochs without a better validation', async () => {
    // One clip that is never learnt to be another class: the validation gets worse from the first epoch on.
    const wrong = data.train.slice(0, 12).map((e) => ({ ...e, target: (targetClass(e.target) + 1) % CLASSES }));
    const events: TrainingEvent[] = [];
    const history = await trainModel(
      build(1),
      { train: data.train, validation: wrong },
      { ...options, epochs: 40, learningRate: 0.02, patience: 3, onEvent: (event) => events.push(event) },
    );
    expect(history.stopped).toBe('patience');
    expect(history.epochs).toHaveLength(history.bestEpoch + 3);
    expect(history.epochs.length).toBeLessThan(40);
    expect(events.at(-1)).toEqual({ type: 'end', bestEpoch: history.bestEpoch, stopped: 'patience' });
  });

  it('tells what it does, in order', async () => {
    const events: TrainingEvent[] = [];
    const history = await trainModel(build(1), data, { ...options, epochs: 2, onEvent: (event) => events.push(event) });
    const batches = [1, 2, 3, 4, 5, 6].map((n) => `batch ${n}/6`);
    expect(
      events.map((e) =>
        e.type === 'batch' ? `batch ${e.batch}/${e.batches}` : e.type === 'epoch' ? `epoch ${e.epoch}` : e.type,
      ),
    ).toEqual(['start', ...batches, 'epoch 1', ...batches, 'epoch 2', 'end']);
    expect(events[0]).toEqual({ type: 'start', epochs: 2, batches: 6, examples: 45, resumedFrom: 0 });
    const epochs = events.filter((e) => e.type === 'epoch');
    expect(epochs.map(({ type: _, best: __, ...record }) => record)).toEqual(history.epochs);
    expect(epochs[0]!.best).toBe(true);
    expect(epochs.filter((e) => e.best).at(-1)!.epoch).toBe(history.bestEpoch);
  });

  it('stops after the batch in hand when its signal fires, and keeps the best weights so far', async () => {
    const model = build(1);
    const controller = new AbortController();
    const seen: string[] = [];
    let kept: Promise<Uint8Array> | undefined;
    const history = await trainModel(model, data, {
      ...options,
      signal: controller.signal,
      onEvent: (event) => {
        seen.push(event.type === 'batch' ? `batch ${event.epoch}.${event.batch}` : event.type);
        if (event.type === 'epoch') kept = bytesOf(model);
        if (event.type === 'batch' && event.epoch === 2 && event.batch === 2) controller.abort();
      },
    });
    expect(history).toMatchObject({ stopped: 'aborted', bestEpoch: 1 });
    expect(history.epochs).toHaveLength(1);
    expect(seen.slice(-3)).toEqual(['batch 2.1', 'batch 2.2', 'end']);
    expect(await bytesOf(model)).toEqual(await kept);
  });

  it('leaves the weights as they were when it is aborted before the first epoch is done', async () => {
    for (const abortAt of ['start', 'batch'] as const) {
      const model = build(1);
      const before = await bytesOf(model);
      const controller = new AbortController();
      let steps = 0;
      const history = await trainModel(model, data, {
        ...options,
        signal: controller.signal,
        onEvent: (event) => {
          if (event.type === 'batch') steps++;
          if (event.type === abortAt) controller.abort();
        },
      });
      expect(history).toEqual({ epochs: [], bestEpoch: 0, stopped: 'aborted' });
      expect(steps).toBe(abortAt === 'start' ? 0 : 1);
      expect(await bytesOf(model)).toEqual(before);
    }
  });

  it('weighs classes: one that counts for nothing is not learnt, "balanced" makes up for how rare it is', async () => {
    const uneven = [
      ...data.train.filter((e) => e.target !== 2),
      ...data.train.filter((e) => e.target === 2).slice(0, 2),
    ];
    const lossWith = async (classWeights?: NonNullable<TrainOptions['classWeights']>): Promise<number> => {
      const run = { ...options, epochs: 1, batchSize: 64, ...(classWeights === undefined ? {} : { classWeights }) };
      return (await trainModel(build(1, 0), { train: uneven, validation: data.validation }, run)).epochs[0]!.loss;
    };
    // All in one batch: the loss before the first step, by hand.
    const model = build(1, 0);
    const x = await lossesOf(model, uneven);
    const counts = [0, 1, 2].map((k) => uneven.filter((e) => e.target === k).length);
    const weigh = (ws: readonly number[]): number =>
      x.reduce((sum, loss, i) => sum + ws[targetClass(uneven[i]!.target)]! * loss, 0) / x.length;
    expect(await lossWith()).toBeCloseTo(weigh([1, 1, 1]), 4);
    expect(await lossWith([2, 0, 1])).toBeCloseTo(weigh([2, 0, 1]), 4);
    expect(await lossWith('balanced')).toBeCloseTo(weigh(counts.map((n) => uneven.length / (3 * n))), 4);
    const error = await errorOf(() => lossWith([1, 1]));
    expect(error).toEqual({ code: 'bad-option', message: 'trainModel: classWeights expected 3 numbers, got 2' });
    const nothing = await errorOf(() => lossWith([0, 0, 0]));
    expect(nothing).toMatchObject({
      code: 'bad-option',
      message: expect.stringMatching(/a weight > 0, got \[0, 0, 0\]/),
    });
  });

  it('takes distributions as targets, and weights of examples', async () => {
    const oneHot = (k: number): Float32Array => Float32Array.from({ length: CLASSES }, (_, i) => Number(i === k));
    const asSoft = (examples: readonly Example[]): Example[] =>
      examples.map((e) => ({ ...e, target: oneHot(targetClass(e.target)), weight: 1 }));
    const hard = build(1);
    const soft = build(1);
    const a = await trainModel(hard, data, { ...options, epochs: 1 });
    const b = await trainModel(
      soft,
      { train: asSoft(data.train), validation: asSoft(data.validation) },
      { ...options, epochs: 1 },
    );
    expect(b).toEqual(a);
    expect(await bytesOf(soft)).toEqual(await bytesOf(hard));

    const blurred = data.train.map((e) => ({ ...e, target: Float32Array.of(0.5, 0.25, 0.25), weight: 2 }));
    const x = await lossesOf(build(1, 0), blurred);
    const { epochs } = await trainModel(
      build(1, 0),
      { train: blurred, validation: data.validation },
      { ...options, epochs: 1, batchSize: 64 },
    );
    expect(epochs[0]!.loss).toBeCloseTo((2 * x.reduce((sum, v) => sum + v, 0)) / x.length, 4);
  });

  it('measures the training examples on as many as asked for', async () => {
    const all = await trainModel(build(1), data, { ...options, epochs: 1 });
    const few = await trainModel(build(1), data, { ...options, epochs: 1, trainingMetricsOn: 5 });
    expect(few.epochs[0]!.validation).toEqual(all.epochs[0]!.validation);
    expect(few.epochs[0]!.train.accuracy * 5).toBeCloseTo(Math.round(few.epochs[0]!.train.accuracy * 5), 9);
  });

  it('refuses examples that do not fit, and names them', async () => {
    const bad = (example: unknown, part: 'train' | 'validation' = 'train') =>
      errorOf(() => trainModel(build(1), { ...data, [part]: [data.train[0]!, example as Example] }, options));
    const features = data.train[0]!.features;
    const nan = await bad({
      features: { data: Float32Array.of(0, 1, 2, 3, Number.NaN, 5), frames: 2, dims: 3 },
      target: 0,
    });
    expect(nan.code).toBe('not-finite');
    expect(nan.message).toMatch(/^trainModel: train\[1\]\.features: .* NaN in frame 1, dimension 1$/);
    expect((await bad({ features: { data: new Float32Array(4), frames: 1, dims: 4 }, target: 0 })).message).toBe(
      'trainModel: train[1].features expected 3 dims, got 4',
    );
    expect((await bad({ features: { data: new Float32Array(0), frames: 0, dims: DIMS }, target: 0 })).code).toBe(
      'empty',
    );
    expect((await bad({ features, target: 3 }, 'validation')).message).toBe(
      'trainModel: validation[1].target expected a class from 0 to 2, got 3',
    );
    for (const target of [
      -1,
      0.5,
      Float32Array.of(1, 0),
      Float32Array.of(1, 1, 0),
      Float32Array.of(2, -1, 0),
      'happy',
      Float32Array.of(Number.NaN, 1, 0),
    ]) {
      expect((await bad({ features, target })).code).toBe('bad-input');
    }
    for (const weight of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect((await bad({ features, target: 0, weight })).code).toBe('bad-input');
    }
    for (const example of [null, 3, {}]) expect((await bad(example)).code).toBe('bad-input');
  });

  it('refuses empty parts and unknown or wrong options', async () => {
    for (const part of ['train', 'validation'] as const) {
      expect(await errorOf(() => trainModel(build(1), { ...data, [part]: [] }, options))).toEqual({
        code: 'empty',
        message: `trainModel: ${part} expected at least one example, got none`,
      });
    }
    const refused = async (wrong: object): Promise<string> =>
      (await errorOf(() => trainModel(build(1), data, { ...options, ...wrong } as never))).message;
    expect(await refused({ epoch: 3 })).toMatch(/^trainModel: unknown option "epoch" \(known: seed, epochs, batchSize/);
    expect(await refused({ epochs: 0 })).toBe('trainModel: epochs expected > 0, got 0');
    expect(await refused({ batchSize: 1.5 })).toBe('trainModel: batchSize expected a whole number, got 1.5');
    expect(await refused({ learningRate: -1 })).toBe('trainModel: learningRate expected > 0, got -1');
    expect(await refused({ signal: {} })).toMatch(/^trainModel: signal expected an AbortSignal, got/);
  });

  it('says so when the loss is no number any more, and goes back to the best weights', async () => {
    const model = build(1);
    let kept: Promise<Uint8Array> | undefined;
    const poisoned = {
      ...data,
      // Finite, but its square is not: batch norm's variance overflows in float32.
      train: [...data.train, { features: { data: new Float32Array(6).fill(3e38), frames: 2, dims: DIMS }, target: 0 }],
    };
    const before = await bytesOf(model);
    const error = await errorOf(() => trainModel(model, poisoned, options));
    expect(error.code).toBe('diverged');
    expect(await bytesOf(model)).toEqual(before);

    const broken = await errorOf(() =>
      trainModel(model, data, {
        ...options,
        onEvent: (event) => {
          if (event.type !== 'epoch') return;
          if (kept === undefined) kept = bytesOf(model);
          model.setWeights(model.getWeights().map((w) => tf.fill(w.shape, Number.NaN)));
        },
      }),
    );
    expect(broken.code).toBe('diverged');
    expect(broken.message).toMatch(
      /^trainModel: loss expected a finite number, got NaN in epoch 2, batch 1; a lower learningRate \(now 0.01\)/,
    );
    expect(await bytesOf(model)).toEqual(await kept);
  });

  it('passes on what onEvent throws, with the best weights in place and nothing left behind', async () => {
    const model = build(1);
    const before = await bytesOf(model);
    const tensors = tf.memory().numTensors;
    const run = trainModel(model, data, {
      ...options,
      onEvent: (event) => {
        if (event.type === 'batch') throw new Error('the page was closed');
      },
    });
    await expect(run).rejects.toThrow('the page was closed');
    expect(await bytesOf(model)).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it.each(builders)('keeps no tensor but the weights of $name', async ({ build: any }) => {
    const before = tf.memory().numTensors;
    const model = any(1);
    const built = tf.memory().numTensors;
    await trainModel(model, data, { ...options, epochs: 2 });
    expect(tf.memory().numTensors).toBe(built);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('fails without hiding it, and without leaving tensors, when the network is disposed meanwhile', async () => {
    const before = tf.memory().numTensors;
    const model = build(1);
    const run = trainModel(model, data, {
      ...options,
      onEvent: (event) => {
        if (event.type === 'batch') model.dispose();
      },
    });
    await expect(run).rejects.toThrow(/disposed/);
    expect(tf.memory().numTensors).toBe(before);
  });
});

/** Each example's cross-entropy in training mode, all in one batch. */
async function lossesOf(model: tfl.LayersModel, examples: readonly Example[]): Promise<number[]> {
  const frames = Math.max(...examples.map((e) => e.features.frames));
  const x = new Float32Array(examples.length * frames * DIMS);
  examples.forEach((e, i) => {
    x.set(e.features.data, i * frames * DIMS);
  });
  const p = (model.apply(tf.tensor3d(x, [examples.length, frames, DIMS]), { training: true }) as tf.Tensor).dataSync();
  return examples.map(({ target }, i) => {
    let loss = 0;
    for (let k = 0; k < CLASSES; k++) {
      const share = typeof target === 'number' ? Number(target === k) : target[k]!;
      loss -= share * Math.log(p[i * CLASSES + k]!);
    }
    return loss;
  });
}
