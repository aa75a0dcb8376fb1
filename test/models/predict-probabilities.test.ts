import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { predictProbabilities } from '../../src/models/predict-probabilities.ts';
import { useWasm } from '../support/wasm.ts';
import { errorOf } from './error-of.ts';
import { builders, CLASSES, randomMatrix } from './small-problem.ts';

describe('predictProbabilities()', () => {
  useWasm();
  const build = builders[2].build;

  it('answers in the order of the clips, whatever their lengths and the batch size', async () => {
    const model = build(1);
    const clips = [4, 9, 1, 6, 2].map((frames) => randomMatrix(frames, frames));
    const whole = await predictProbabilities(model, clips);
    for (const batchSize of [1, 2, 5]) {
      const again = await predictProbabilities(model, clips, { batchSize });
      again.forEach((p, i) => {
        expect(p).toBeInstanceOf(Float32Array);
        p.forEach((value, k) => {
          expect(Math.abs(value - whole[i]![k]!)).toBeLessThan(1e-5);
        });
      });
    }
  });

  it('gives an empty list for no clips', async () => {
    expect(await predictProbabilities(build(1), [])).toEqual([]);
  });

  it('gives finite probabilities for a clip of nothing but zeros', async () => {
    for (const { build: any } of builders) {
      const [p] = await predictProbabilities(any(1), [{ data: new Float32Array(12), frames: 4, dims: 3 }]);
      expect(p).toHaveLength(CLASSES);
      expect(p!.reduce((sum, v) => sum + v, 0)).toBeCloseTo(1, 5);
    }
  });

  it('refuses what is no matrix of the right width, and says which', async () => {
    const model = build(1);
    const ask = (matrix: unknown) => errorOf(() => predictProbabilities(model, [randomMatrix(2, 1), matrix as never]));
    expect(await ask(randomMatrix(2, 1, 4))).toEqual({
      code: 'bad-input',
      message: 'predictProbabilities: matrices[1] expected 3 dims, got 4',
    });
    expect((await ask({ data: new Float32Array(0), frames: 0, dims: 3 })).code).toBe('empty');
    expect((await ask([1, 2, 3])).code).toBe('bad-input');
    const nan = await ask({ data: Float32Array.of(0, 0, 0, 0, Number.NaN, 0), frames: 2, dims: 3 });
    expect(nan.code).toBe('not-finite');
    expect(nan.message).toMatch(/matrices\[1\].*NaN in frame 1, dimension 1/);
  });

  it('refuses unknown options and networks of another kind', async () => {
    expect((await errorOf(() => predictProbabilities(build(1), [], { batch: 3 } as never))).message).toBe(
      'predictProbabilities: unknown option "batch" (known: batchSize, signal)',
    );
    const flat = tfl.sequential({ layers: [tfl.layers.dense({ units: 2, inputShape: [3] })] });
    expect(await errorOf(() => predictProbabilities(flat, []))).toEqual({
      code: 'bad-input',
      message:
        'predictProbabilities: model expected [batch, frames, dims] -> [batch, classes], got [null,3] -> [null,2]',
    });
  });

  it('says so when the network gives NaN', async () => {
    const model = build(1);
    const weights = model.getWeights().map((w) => tf.fill(w.shape, Number.NaN));
    model.setWeights(weights);
    expect((await errorOf(() => predictProbabilities(model, [randomMatrix(3, 1)]))).code).toBe('diverged');
  });

  it('stops when its signal fires', async () => {
    const error = await errorOf(() =>
      predictProbabilities(build(1), [randomMatrix(3, 1)], { signal: AbortSignal.abort() }),
    );
    expect(error.code).toBe('aborted');
  });

  it('keeps no tensor', async () => {
    const model = build(1);
    await predictProbabilities(model, [randomMatrix(3, 1)]);
    const before = tf.memory().numTensors;
    await predictProbabilities(model, [randomMatrix(3, 1), randomMatrix(5, 2)]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
