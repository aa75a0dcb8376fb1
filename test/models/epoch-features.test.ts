import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { FeatureMatrix } from '../../src/core/feature-matrix.ts';
import { exportModel } from '../../src/models/artifact.ts';
import type { TrainingCheckpoint } from '../../src/models/checkpoint.ts';
import type { EpochFeatures } from '../../src/models/epoch-features.ts';
import { trainModel } from '../../src/models/train-model.ts';
import type { TrainOptions } from '../../src/models/train-options.ts';
import { useWasm } from '../support/wasm.ts';
import { errorOf } from './error-of.ts';
import { builders, randomMatrix, smallProblem } from './small-problem.ts';

const data = { train: smallProblem(30, 1), validation: smallProblem(12, 2) };
const plain: TrainOptions = { seed: 1, epochs: 3, batchSize: 7, learningRate: 0.02 };

/** A source that gives what `make` makes of each example. */
function sourceOf(make: (index: number, epoch: number) => FeatureMatrix, about: unknown = 'x') {
  const asked: { epoch: number; batches: readonly (readonly number[])[]; signal: AbortSignal }[] = [];
  const source: EpochFeatures = {
    about,
    of(epoch, batches, signal) {
      asked.push({ epoch, batches, signal });
      return (async function* () {
        for (const batch of batches) yield batch.map((index) => make(index, epoch));
      })();
    },
  };
  return { source, asked };
}

async function run(options: TrainOptions) {
  const checkpoints: TrainingCheckpoint[] = [];
  const model = builders[3].build(1);
  const history = await trainModel(model, data, { ...options, onCheckpoint: (each) => void checkpoints.push(each) });
  const { bytes } = await exportModel(model);
  model.dispose();
  return { history, bytes, checkpoints };
}

const stored = (index: number): FeatureMatrix => data.train[index]!.features;
const longer = (index: number, epoch: number): FeatureMatrix => randomMatrix(3 + (index % 5), 100 * epoch + index);

describe('trainModel({ epochFeatures })', () => {
  useWasm();

  it('gives the same bytes where it gives the stored features back', async () => {
    const without = await run(plain);
    const { source, asked } = sourceOf(stored);
    const got = await run({ ...plain, epochFeatures: source });
    expect(got.bytes).toEqual(without.bytes);
    expect(got.history).toEqual(without.history);
    expect(asked.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    for (const { batches, signal } of asked) {
      expect(batches.flat().sort((a, b) => a - b)).toEqual(data.train.map((_, i) => i));
      expect(signal.aborted).toBe(true);
    }
  });

  it('trains on what it gives, also of other lengths, and goes on from a checkpoint to the same bytes', async () => {
    const options = { ...plain, epochFeatures: sourceOf(longer).source };
    const whole = await run(options);
    expect(whole.bytes).not.toEqual((await run(plain)).bytes);
    const resumed = await run({ ...options, resumeFrom: whole.checkpoints[0]!.bytes });
    expect([resumed.bytes, resumed.history]).toEqual([whole.bytes, whole.history]);
    for (const epochFeatures of [sourceOf(longer, 'y').source, undefined]) {
      expect(
        await errorOf(() => run({ ...plain, epochFeatures, resumeFrom: whole.checkpoints[0]!.bytes })),
      ).toMatchObject({ code: 'mismatch', message: expect.stringContaining('epochFeatures "x" in place of') });
    }
  });

  it('asks for an epoch before the one before is measured', async () => {
    const told: string[] = [];
    const { source } = sourceOf(stored);
    await run({
      ...plain,
      epochFeatures: {
        about: 1,
        of(epoch, ...rest) {
          told.push(`asked ${epoch}`);
          return source.of(epoch, ...rest);
        },
      },
      onEvent: (event) => event.type === 'epoch' && told.push(`epoch ${event.epoch}`),
    });
    expect(told).toEqual(['asked 1', 'asked 2', 'epoch 1', 'asked 3', 'epoch 2', 'epoch 3']);
  });

  it.each<[string, (index: number) => FeatureMatrix, string, string]>([
    ['of other dims', () => randomMatrix(3, 1, 2), 'bad-input', 'clip 1 expected 3 dims, got 2'],
    ['without frames', () => randomMatrix(0, 1), 'empty', 'clip 1 expected frames, got none'],
    [
      'with NaN',
      () => ({ data: new Float32Array([0, Number.NaN, 0]), frames: 1, dims: 3 }),
      'not-finite',
      'clip 1: features expected finite numbers',
    ],
  ])('refuses matrices %s', async (_, make, code, message) => {
    const epochFeatures = sourceOf(make).source;
    expect(await errorOf(() => run({ ...plain, epochFeatures }))).toMatchObject({
      code,
      message: expect.stringContaining(`trainModel: epochFeatures of epoch 1, batch 1, ${message}`),
    });
  });

  it('refuses too few matrices, and too few batches', async () => {
    const few = (batches: readonly (readonly FeatureMatrix[])[]): EpochFeatures => ({
      about: 1,
      of: async function* () {
        yield* batches;
      },
    });
    for (const [batches, got] of [
      [[], 'undefined'],
      [[[stored(0)]], '1'],
    ] as const) {
      expect(await errorOf(() => run({ ...plain, epochFeatures: few(batches) }))).toMatchObject({
        code: 'bad-input',
        message: expect.stringMatching(
          new RegExp(`^trainModel: epochFeatures of epoch 1, batch 1 expected \\d matrices, got ${got}$`),
        ),
      });
    }
  });

  it('passes on what it throws, as it is, and leaves no tensor behind', async () => {
    const mine = new RangeError('mine');
    const tensors = tf.memory().numTensors;
    const epochFeatures: EpochFeatures = {
      about: 1,
      of: async function* (epoch, batches) {
        if (epoch === 2) throw mine;
        for (const batch of batches) yield batch.map(stored);
      },
    };
    const model = builders[3].build(1);
    await expect(trainModel(model, data, { ...plain, epochFeatures })).rejects.toBe(mine);
    model.dispose();
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('ends at once when aborted while it waits, and lets the source know', async () => {
    const abort = new AbortController();
    let closed: AbortSignal | undefined;
    const epochFeatures: EpochFeatures = {
      about: 1,
      of: (_, __, signal) => {
        closed = signal;
        return { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
      },
    };
    setTimeout(() => abort.abort(), 50);
    const { history } = await run({ ...plain, epochFeatures, signal: abort.signal });
    expect(history.stopped).toBe('aborted');
    expect(closed!.aborted).toBe(true);
  });
});
