import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { exportModel } from '../../src/models/artifact.ts';
import { describeCheckpoint, type TrainingCheckpoint } from '../../src/models/checkpoint.ts';
import { trainModel } from '../../src/models/train-model.ts';
import type { TrainOptions } from '../../src/models/train-options.ts';
import type { TrainingEvent } from '../../src/models/training-events.ts';
import { useWasm } from '../support/wasm.ts';
import { errorOf } from './error-of.ts';
import { builders, smallProblem } from './small-problem.ts';

const data = { train: smallProblem(30, 1), validation: smallProblem(12, 2) };
const plain: TrainOptions = { seed: 1, epochs: 4, batchSize: 7, learningRate: 0.02 };
const everything: TrainOptions = {
  ...plain,
  optimizer: 'adamw',
  weightDecay: 0.1,
  betas: [0.8, 0.98],
  clipNorm: 0.5,
  schedule: 'plateau',
  plateau: { patience: 0, factor: 0.5, threshold: 0.2 },
  accumulate: 2,
  labelSmoothing: 0.1,
  classWeights: 'balanced',
  mixup: { alpha: 0.4 },
  featureMasks: { time: { count: 1, maxFrames: 2 }, dims: { count: 1, maxDims: 1 } },
  weightAverage: { decay: 0.9 },
  trainingMetricsOn: 9,
};

const bytesOf = async (model: tfl.LayersModel): Promise<Uint8Array> => (await exportModel(model)).bytes;

/** A run from a new network: its end, its checkpoints and its events. */
async function run(options: TrainOptions, build: (seed: number) => tfl.LayersModel = builders[3].build) {
  const checkpoints: TrainingCheckpoint[] = [];
  const events: TrainingEvent[] = [];
  const model = build(1);
  const history = await trainModel(model, data, {
    ...options,
    onEvent: (event) => events.push(event),
    onCheckpoint: async (checkpoint) => {
      checkpoints.push(await Promise.resolve(checkpoint));
    },
  });
  const bytes = await bytesOf(model);
  model.dispose();
  return { history, bytes, checkpoints, events };
}

describe('resuming a training', () => {
  useWasm();

  it.each([
    { name: 'plain options', options: plain },
    { name: 'one cycle', options: { ...plain, schedule: 'one-cycle' } as TrainOptions },
    { name: 'every option on', options: everything },
  ])('from any epoch ends with the same bytes, with $name', async ({ options }) => {
    const whole = await run(options);
    expect(whole.checkpoints.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    for (const { epoch, bytes } of whole.checkpoints) {
      // A network of another seed: every weight has to be the checkpoint's.
      const resumed = await run({ ...options, resumeFrom: bytes }, () => builders[3].build(2));
      expect(resumed.history).toEqual(whole.history);
      expect(resumed.bytes).toEqual(whole.bytes);
      expect(resumed.checkpoints).toEqual(whole.checkpoints.slice(epoch));
      expect(resumed.events[0]).toMatchObject({ type: 'start', resumedFrom: epoch });
      const rest = whole.events.filter((event) => 'epoch' in event && event.epoch > epoch);
      expect(resumed.events.slice(1, -1)).toEqual(rest);
    }
  });

  it("takes a Buffer, as Node's readFile gives it", async () => {
    const whole = await run(plain);
    const { bytes } = whole.checkpoints[1]!;
    const pool = Buffer.alloc(bytes.length + 11);
    pool.set(bytes, 11);
    for (const resumeFrom of [Buffer.from(bytes), pool.subarray(11)]) {
      expect((await run({ ...plain, resumeFrom })).bytes).toEqual(whole.bytes);
    }
  });

  it.each(builders)('ends with the same bytes, for $name', async ({ build }) => {
    const whole = await run(plain, build);
    const resumed = await run({ ...plain, resumeFrom: whole.checkpoints[1]!.bytes }, build);
    expect(resumed.bytes).toEqual(whole.bytes);
  });

  it('goes on after a kill in the middle of an epoch', async () => {
    const whole = await run(everything);
    const model = builders[3].build(1);
    let last: Uint8Array | undefined;
    const killed = trainModel(model, data, {
      ...everything,
      onCheckpoint: ({ bytes }) => {
        last = bytes;
      },
      onEvent: (event) => {
        if (event.type === 'batch' && event.epoch === 3 && event.batch === 2) throw new Error('killed');
      },
    });
    await expect(killed).rejects.toThrow('killed');
    expect(describeCheckpoint(last!).epoch).toBe(2);
    expect(describeCheckpoint(last!).records).toEqual(whole.history.epochs.slice(0, 2));
    expect((await run({ ...everything, resumeFrom: last! })).bytes).toEqual(whole.bytes);
  });

  it('with more epochs ends as a run that asked for them at once', async () => {
    const whole = await run({ ...plain, epochs: 6 });
    const first = await run({ ...plain, epochs: 3 });
    const resumed = await run({ ...plain, epochs: 6, patience: 6, resumeFrom: first.checkpoints[2]!.bytes });
    expect(resumed.history.epochs).toEqual(whole.history.epochs);
    expect(resumed.bytes).toEqual(whole.bytes);
  });

  it('after the last epoch of its patience ends at once', async () => {
    const options = { ...plain, epochs: 30, patience: 1 };
    const whole = await run(options);
    expect(whole.history.stopped).toBe('patience');
    const resumed = await run({ ...options, resumeFrom: whole.checkpoints.at(-1)!.bytes });
    expect(resumed.history).toEqual(whole.history);
    expect(resumed.bytes).toEqual(whole.bytes);
    expect(resumed.events.map(({ type }) => type)).toEqual(['start', 'end']);
  });

  it('refuses a checkpoint of another run, names what differs, and changes nothing', async () => {
    const { bytes } = (await run({ ...plain, epochs: 1, schedule: 'cosine' })).checkpoints[0]!;
    const resume = async (
      change: Partial<TrainOptions>,
      other: Partial<typeof data> = {},
      build = builders[3].build,
    ) => {
      const model = build(1);
      const before = await bytesOf(model);
      const tensors = tf.memory().numTensors;
      const options = { ...plain, epochs: 1, schedule: 'cosine', ...change, resumeFrom: bytes } as const;
      const error = await errorOf(() => trainModel(model, { ...data, ...other }, options));
      expect(await bytesOf(model)).toEqual(before);
      expect(tf.memory().numTensors).toBe(tensors);
      expect(error.code).toBe('mismatch');
      return error.message.replace('trainModel: resumeFrom expected a checkpoint of this run, got one with ', '');
    };
    expect(await resume({ batchSize: 8 })).toBe('batchSize 7 in place of 8');
    expect(await resume({ epochs: 2, seed: 3 })).toBe('seed 1 in place of 3, epochs 1 in place of 2');
    expect(await resume({ mixup: { alpha: 1 } })).toBe('mixup null in place of {"alpha":1}');
    expect(await resume({}, { train: data.train.slice(1) })).toBe('30 train examples in place of 29');
    const changed = data.validation.map((e, i) => (i === 3 ? { ...e, target: 2 - (e.target as number) } : e));
    expect(await resume({}, { validation: changed.map((e, i) => (i === 3 ? { ...e, weight: 2 } : e)) })).toBe(
      'other validation examples',
    );
    expect(await resume({}, {}, builders[1].build as never)).toBe('another network');
    expect(await resume({}, {}, ((seed: number) => builders[3].build(seed, 0)) as never)).toBe('another network');
  });

  it('refuses damaged bytes', async () => {
    const { bytes } = (await run({ ...plain, epochs: 1 })).checkpoints[0]!;
    const resume = (resumeFrom: Uint8Array) => errorOf(() => run({ ...plain, resumeFrom }));
    expect((await resume(bytes.subarray(0, 5000))).code).toBe('truncated');
    const altered = bytes.slice();
    altered[bytes.length - 100]! ^= 1;
    expect((await resume(altered)).code).toBe('altered');
    expect((await resume(Uint8Array.of(1, 2, 3))).code).toBe('bad-format');
    expect((await resume('text' as never)).message).toMatch(
      /^trainModel: resumeFrom expected the bytes of a checkpoint/,
    );
  });

  it('ends with the error that onCheckpoint throws, the best weights in place and no tensor left', async () => {
    for (const fail of [
      () => Promise.reject(new Error('no space left on device')),
      () => {
        throw new RangeError('Array buffer allocation failed');
      },
    ]) {
      const model = builders[3].build(1);
      const tensors = tf.memory().numTensors;
      let calls = 0;
      const failing = trainModel(model, data, {
        ...plain,
        onCheckpoint: () => (++calls === 2 ? fail() : undefined),
      });
      await expect(failing).rejects.toThrow(/^no space left|^Array buffer/);
      expect(tf.memory().numTensors).toBe(tensors);
      const two = await run({ ...plain, epochs: 2 });
      expect(await bytesOf(model)).toEqual(two.bytes);
    }
  });
});
