import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { exportModel, importModel } from '../../src/models/artifact.ts';
import { buildCnn } from '../../src/models/build-cnn.ts';
import { buildCnnLstm } from '../../src/models/build-cnn-lstm.ts';
import { buildGru } from '../../src/models/build-gru.ts';
import { buildLstm } from '../../src/models/build-lstm.ts';
import { buildSimpleRnn } from '../../src/models/build-simple-rnn.ts';
import { predictProbabilities } from '../../src/models/predict-probabilities.ts';
import { randomArray } from '../support/reference-arrays.ts';
import { tensorOf, useWasm } from '../support/wasm.ts';
import { errorOf } from './error-of.ts';
import { builders, CLASSES, DIMS, randomMatrix } from './small-problem.ts';

const layersOf = (model: tfl.LayersModel): string[] => model.layers.map((layer) => layer.name);
const weightsOf = (model: tfl.LayersModel): number[][] => model.getWeights().map((w) => Array.from(w.dataSync()));

/** Gives every weight, running statistics too, a value that is not its first. */
function disturb(model: tfl.LayersModel): void {
  const moved = model
    .getWeights()
    .map((weight, i) => tf.tidy(() => tf.add(weight, tf.abs(tensorOf(randomArray(weight.shape, i, 0.3))))));
  model.setWeights(moved);
  tf.dispose(moved);
}

for (const { name, build } of builders) {
  describe(name, () => {
    useWasm();

    it('gives probabilities for clips of any length, also of one frame', async () => {
      const model = build(1);
      expect(model.inputs[0]!.shape).toEqual([null, null, DIMS]);
      expect(model.outputs[0]!.shape).toEqual([null, CLASSES]);
      const all = await predictProbabilities(
        model,
        [1, 2, 17].map((frames) => randomMatrix(frames, frames)),
      );
      for (const probabilities of all) {
        expect(probabilities).toHaveLength(CLASSES);
        expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
      }
    });

    it('gives a clip the same probabilities alone and in a padded batch', async () => {
      const model = build(1);
      disturb(model);
      const clips = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((frames) => randomMatrix(frames, frames));
      const together = await predictProbabilities(model, clips);
      const alone = await predictProbabilities(model, clips, { batchSize: 1 });
      together.forEach((probabilities, clip) => {
        probabilities.forEach((p, k) => {
          expect(Math.abs(p - alone[clip]![k]!)).toBeLessThan(1e-5);
        });
      });
      expect(new Set(alone.map(String)).size).toBe(clips.length); // and they are not all alike
    });

    it('trains alike however much padding a batch has', () => {
      const short = randomArray([2, 5, DIMS], 3);
      const long = { shape: [2, 12, DIMS], data: new Float64Array(2 * 12 * DIMS) };
      for (let n = 0; n < 2; n++) long.data.set(short.data.subarray(n * 5 * DIMS, (n + 1) * 5 * DIMS), n * 12 * DIMS);
      const results = [short, long].map((x) => {
        const model = build(1, 0); // dropout's masks depend on the batch's shape
        const variables = model.trainableWeights.map((w) => w.read() as tf.Variable);
        const { value, grads } = tf.variableGrads(
          () => tf.sum(tf.square(model.apply(tensorOf(x), { training: true }) as tf.Tensor)),
          variables,
        );
        return [value, ...variables.map((v) => grads[v.name]!)].map((t) => Array.from(t.dataSync()));
      });
      results[0]!.forEach((values, i) => {
        values.forEach((v, j) => {
          expect(Math.abs(v - results[1]![i]![j]!)).toBeLessThan(1e-5);
        });
      });
    });

    it('starts from the same weights for the same seed, from others for another', () => {
      expect(weightsOf(build(5))).toEqual(weightsOf(build(5)));
      expect(weightsOf(build(5))).not.toEqual(weightsOf(build(6)));
    });

    it('gives every layer its own seed', () => {
      const seeds = build(1).layers.flatMap((layer) => {
        const config = layer.getConfig() as { seed?: number; kernelInitializer?: { config: { seed?: number } } };
        return [config.seed, config.kernelInitializer?.config.seed].filter((seed) => seed !== undefined);
      });
      expect(seeds.length).toBeGreaterThan(3);
      expect(new Set(seeds).size).toBe(seeds.length);
    });

    it('has the same topology byte for byte, however many were built before', () => {
      const text = (): string => JSON.stringify(build(1).toJSON(undefined, false));
      expect(text()).toBe(text());
    });

    it('keeps no tensor after it was disposed', () => {
      build(1).dispose(); // whatever is made once
      const before = tf.memory().numTensors;
      build(1).dispose();
      expect(tf.memory().numTensors).toBe(before);
    });
  });
}

describe("the builders' options", () => {
  useWasm();
  const base = { dims: 4, classes: 2, seed: 1 };

  it('set depth, widths and dropout', () => {
    const base = { dims: 4, classes: 2, seed: 1, inputDropout: 0 };
    expect(layersOf(buildSimpleRnn({ ...base, layers: 2, units: 3, dropout: 0, denseUnits: [5, 4] }))).toEqual([
      'padding',
      'simple_rnn1',
      'simple_rnn2',
      'dense1',
      'dense2',
      'probabilities',
    ]);
    expect(layersOf(buildLstm({ ...base, layers: 2, units: 3, denseUnits: [], summary: 'last' }))).toEqual([
      'padding',
      'lstm1',
      'dropout_lstm1',
      'lstm2',
      'dropout_head',
      'probabilities',
    ]);
    expect(layersOf(buildCnn({ ...base, layers: 1, units: 3, dropout: 0, poolSize: 1, denseUnits: [] }))).toEqual([
      'padding',
      'conv1',
      'norm1',
      'relu1',
      'average',
      'probabilities',
    ]);
    const deep = buildCnnLstm({ ...base, filters: [3, 5], kernelSize: 2, poolSize: 3, units: 7, dropout: 0 });
    expect(layersOf(deep)).toEqual([
      ...['padding', 'conv1', 'norm1', 'relu1', 'pool1', 'conv2', 'norm2', 'relu2', 'pool2'],
      ...['lstm1', 'average', 'dense1', 'probabilities'],
    ]);
    expect(deep.getLayer('conv1').getWeights()[0]!.shape).toEqual([2, 4, 3]);
    expect(deep.getLayer('lstm1').getWeights()[1]!.shape).toEqual([7, 28]);
    expect(deep.getLayer('dense1').getWeights()[0]!.shape).toEqual([7, 64]);
  });

  it('default to what the documentation says', () => {
    const rnn = buildSimpleRnn(base);
    expect(rnn.getLayer('simple_rnn1').getWeights()[1]!.shape).toEqual([256, 256]);
    expect(layersOf(rnn).filter((name) => name.startsWith('dense'))).toEqual(['dense1', 'dense2']);
    expect(rnn.getLayer('dropout_head').getConfig().rate).toBe(0.3);
    expect(rnn.getLayer('dropout_input').getConfig().rate).toBe(0.1);
  });

  const each = { buildSimpleRnn, buildLstm, buildGru, buildCnn, buildCnnLstm };
  it.each(Object.entries(each))('of %s that do not exist or do not fit are refused by name', async (name, build) => {
    const refused = async (options: object): Promise<{ code: string; message: string }> =>
      errorOf(() => build({ ...base, ...options } as never));
    const unknown = await refused({ unit: 3 });
    expect(unknown.code).toBe('bad-option');
    expect(unknown.message).toMatch(new RegExp(`^${name}: unknown option "unit" \\(known: dims, classes, seed, units`));
    expect((await refused({ dropout: 1 })).message).toBe(`${name}: dropout expected < 1, got 1`);
    expect((await refused({ classes: 1 })).message).toBe(`${name}: classes expected >= 2, got 1`);
    expect((await refused({ dims: 0 })).message).toBe(`${name}: dims expected > 0, got 0`);
    expect((await refused({ seed: undefined })).message).toMatch(/seed expected/);
    expect((await refused({ units: 2.5 })).message).toBe(`${name}: units expected a whole number, got 2.5`);
    expect((await refused({ denseUnits: [0] })).message).toBe(`${name}: denseUnits[0] expected > 0, got 0`);
  });

  it('of one builder are not silently taken by another', async () => {
    expect((await errorOf(() => buildSimpleRnn({ ...base, filters: [3] } as never))).message).toMatch(/"filters"/);
    expect((await errorOf(() => buildCnn({ ...base, summary: 'last' } as never))).message).toMatch(
      /^buildCnn: summary expected "average" \| "statistics" \| "attention", got "last"/,
    );
    expect((await errorOf(() => buildCnn({ ...base, filters: [] }))).message).toMatch(/filters expected at least 1/);
  });

  it('that contradict the filters of a CNN are refused', async () => {
    const refusal = async (options: object): Promise<string> => {
      const { code, message } = await errorOf(() => buildCnn({ ...base, filters: [4, 8], ...options }));
      return `${code} ${message}`;
    };
    expect(await refusal({ layers: 3 })).toBe('bad-option buildCnn: layers expected 2 beside filters [4,8], got 3');
    expect(await refusal({ units: 8 })).toBe('bad-option buildCnn: units expected none beside filters [4,8], got 8');
    expect(layersOf(buildCnn({ ...base, filters: [4, 8], layers: 2 }))).toContain('conv2');
  });
});

describe('a summary', () => {
  useWasm();
  const base = { dims: 4, classes: 2, seed: 1, units: 3, denseUnits: [5], dropout: 0, inputDropout: 0 };
  const widths = { average: 1, last: 1, statistics: 2, attention: 1 };
  const each = Object.entries({ buildSimpleRnn, buildLstm, buildGru, buildCnn, buildCnnLstm });
  const cases = each.flatMap(([name, build]) =>
    Object.entries(widths)
      .filter(([summary]) => name !== 'buildCnn' || summary !== 'last')
      .map(([summary, width]) => ({ name, build, summary, width })),
  );

  it.each(cases)('of $name can be $summary, and does not hear padding', async ({ build, summary, width }) => {
    const model = build({ ...base, summary } as never);
    expect(model.getLayer('dense1').getWeights()[0]!.shape).toEqual([width * 3, 5]);
    expect(layersOf(model).includes(summary)).toBe(summary !== 'last');
    const clips = [1, 3, 9].map((frames) => randomMatrix(frames, frames, 4));
    const together = await predictProbabilities(model, clips);
    const alone = await predictProbabilities(model, clips, { batchSize: 1 });
    together.forEach((probabilities, clip) => {
      probabilities.forEach((p, k) => {
        expect(Math.abs(p - alone[clip]![k]!)).toBeLessThan(1e-5);
      });
    });
  });
});

describe('recurrent layers in both directions', () => {
  useWasm();
  const base = { dims: 4, classes: 2, seed: 1, units: 3, denseUnits: [5], dropout: 0, inputDropout: 0 };

  it.each(Object.entries({ buildSimpleRnn, buildLstm, buildGru, buildCnnLstm }))(
    'of %s give twice the width, and are saved and loaded',
    async (_name, build) => {
      const model = build({ ...base, layers: 2, bidirectional: true, summary: 'statistics' });
      expect(model.getLayer('dense1').getWeights()[0]!.shape).toEqual([2 * 2 * 3, 5]);
      disturb(model);
      const clips = [1, 4, 9].map((frames) => randomMatrix(frames, frames, 4));
      const loaded = await importModel(await exportModel(model));
      expect(await predictProbabilities(loaded, clips)).toEqual(await predictProbabilities(model, clips));
    },
  );

  it('of the last states alone need no layer to sum them up', () => {
    const model = buildLstm({ ...base, bidirectional: true, summary: 'last' });
    expect(layersOf(model)).toEqual(['padding', 'lstm1', 'dense1', 'probabilities']);
  });
});

describe('recurrentDropout', () => {
  useWasm();
  const base = { dims: 4, classes: 2, seed: 1, units: 8, denseUnits: [], dropout: 0, inputDropout: 0 };

  it.each(Object.entries({ buildSimpleRnn, buildLstm, buildGru }))(
    'of %s changes what is heard in training and nothing else',
    (_name, build) => {
      const [plain, dropping] = [build(base), build({ ...base, recurrentDropout: 0.5 })];
      const x = tensorOf(randomArray([2, 6, 4], 3));
      const heard = (model: tfl.LayersModel, training: boolean): number[] =>
        Array.from((model.apply(x, { training }) as tf.Tensor).dataSync());
      expect(heard(dropping, false)).toEqual(heard(plain, false));
      expect(heard(dropping, true)).not.toEqual(heard(plain, true));
    },
  );
});
