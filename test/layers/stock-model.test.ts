import { execFileSync } from 'node:child_process';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { bidirectional } from '../../src/layers/bidirectional.ts';
import { gru } from '../../src/layers/gru.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { MaskedAverage } from '../../src/layers/masked-average.ts';
import { MaskedBatchNorm } from '../../src/layers/masked-batch-norm.ts';
import { MaskedConv1d } from '../../src/layers/masked-conv1d.ts';
import { MaskedMaxPool1d } from '../../src/layers/masked-max-pool1d.ts';
import { SeededDropout } from '../../src/layers/seeded-dropout.ts';
import { registerLayers } from '../../src/layers/serialization.ts';
import { simpleRnn } from '../../src/layers/simple-rnn.ts';
import { fromStockModel, toStockModel } from '../../src/layers/stock-model.ts';
import { buildLstm } from '../../src/models/build-lstm.ts';
import { buildSimpleRnn } from '../../src/models/build-simple-rnn.ts';
import { errorOf } from '../models/error-of.ts';
import { largestDifference, randomArray } from '../support/reference-arrays.ts';
import { tensorOf, useWasm } from '../support/wasm.ts';

const dims = 4;
const inputShape = [null, dims];
const masking = (): tfl.layers.Layer => tfl.layers.masking({ maskValue: 0, inputShape: inputShape as number[] });

/** Clips of 8 frames, the last ones padded to it with zeros. */
function clips(lengths: readonly number[]): tf.Tensor3D {
  const x = randomArray([lengths.length, 8, dims], 3);
  lengths.forEach((length, n) => {
    x.data.fill(0, (n * 8 + length) * dims, (n + 1) * 8 * dims);
  });
  return tensorOf(x);
}

/** Weights that are not those a layer starts with. */
function stir<M extends tfl.LayersModel>(model: M): M {
  model.setWeights(
    model.getWeights().map((w, i) => {
      const values = randomArray(w.shape, 50 + i, 0.5).data;
      return tf.tensor(Float32Array.from(values, Math.abs), w.shape); // variances are not negative
    }),
  );
  return model;
}

const outputs = (model: tfl.LayersModel, x: tf.Tensor): number[] =>
  [model.predict(x)].flat().flatMap((y) => Array.from(y.dataSync()));
const classNames = (model: tfl.LayersModel): string[] => model.layers.map((layer) => layer.getClassName());

const recurrent = (): tfl.LayersModel =>
  stir(
    tfl.sequential({
      layers: [
        masking(),
        new SeededDropout({ rate: 0.2, seed: 1 }),
        lstm({ units: 5, seed: 1, returnSequences: true, recurrentActivation: 'hardSigmoid', dropout: 0.1 }),
        bidirectional({ layer: gru({ units: 3, seed: 2, returnSequences: true, recurrentDropout: 0.1 }) }),
        gru({ units: 4, seed: 3, returnSequences: true, goBackwards: true }),
        bidirectional({ layer: lstm({ units: 3, seed: 2, returnSequences: true, useBias: false }), mergeMode: 'mul' }),
        simpleRnn({ units: 5, seed: 1 }),
        tfl.layers.dense({ units: 2, activation: 'softmax' }),
      ],
    }),
  );

const convolutional = (): tfl.LayersModel =>
  stir(
    tfl.sequential({
      layers: [
        masking(),
        new MaskedConv1d({ filters: 6, kernelSize: 4, useBias: true, seed: 1 }),
        new MaskedBatchNorm({ epsilon: 0.01, momentum: 0.9 }),
        new MaskedMaxPool1d({ poolSize: 2 }),
        lstm({ units: 5, seed: 1, returnSequences: true }),
        new MaskedAverage(),
        tfl.layers.dense({ units: 2 }),
      ],
    }),
  );

/** The model saved by tfjs, loaded and run in a process that knows nothing of ser-kit. */
async function inPlainTfjs(model: tfl.LayersModel, x: readonly tf.Tensor3D[]) {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save({
    save: async (artifacts: tf.io.ModelArtifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' as const } };
    },
  });
  const input = JSON.stringify({
    topology: saved!.modelTopology,
    specs: saved!.weightSpecs,
    weights: Buffer.from(saved!.weightData as ArrayBuffer).toString('base64'),
    x: x.map((clip) => clip.arraySync()),
  });
  const script = new URL('./plain-tfjs.mjs', import.meta.url).pathname;
  const printed = execFileSync(process.execPath, [script], { input, encoding: 'utf8' });
  return JSON.parse(printed.slice(printed.lastIndexOf('\n'))) as { outputs: number[][]; layers: string[] };
}

describe('toStockModel()', () => {
  useWasm();

  it('of recurrent layers gives the same outputs in plain tfjs, padded or not', async () => {
    const model = recurrent();
    const stock = await toStockModel(model);
    expect(classNames(stock)).toEqual([
      ...['Masking', 'Dropout', 'LSTM', 'Bidirectional', 'GRU', 'Bidirectional', 'SimpleRNN', 'Dense'],
    ]);
    const x = [clips([8, 8]), clips([8, 5, 1])];
    const plain = await inPlainTfjs(stock, x);
    x.forEach((clip, i) => {
      expect(largestDifference(outputs(stock, clip), outputs(model, clip))).toBeLessThan(1e-6);
      expect(largestDifference(plain.outputs[i]!, outputs(model, clip))).toBeLessThan(1e-6);
    });
    expect(plain.layers).toEqual(classNames(stock));
  });

  it('of masked convolution, norm, pooling and averaging gives the same outputs for clips without padding', async () => {
    const model = convolutional();
    const stock = await toStockModel(model);
    expect(classNames(stock)).toEqual([
      ...['Activation', 'Conv1D', 'BatchNormalization', 'MaxPooling1D', 'LSTM', 'GlobalAveragePooling1D', 'Dense'],
    ]);
    const x = [clips([8, 8]), tf.slice(clips([7, 7]), [0, 0, 0], [2, 7, dims]) as tf.Tensor3D];
    const plain = await inPlainTfjs(stock, x);
    x.forEach((clip, i) => {
      expect(largestDifference(outputs(stock, clip), outputs(model, clip))).toBeLessThan(1e-6);
      expect(largestDifference(plain.outputs[i]!, outputs(model, clip))).toBeLessThan(1e-6);
    });
    const padded = clips([8, 4]);
    expect(largestDifference(outputs(stock, padded), outputs(model, padded))).toBeGreaterThan(1e-4); // as documented
  });

  it.each([3, 4])('pooling %i frames, is the same where their number is a multiple', async (poolSize) => {
    const model = tfl.sequential({ layers: [masking(), new MaskedMaxPool1d({ poolSize })] });
    const stock = await toStockModel(model);
    const x = tf.slice(clips([8, 8]), [0, 0, 0], [2, 2 * poolSize > 8 ? poolSize : 2 * poolSize, dims]);
    expect(outputs(stock, x)).toEqual(outputs(model, x));
  });

  it.each([
    { name: 'buildSimpleRnn', build: () => buildSimpleRnn({ dims, classes: 3, seed: 1 }) },
    { name: 'buildLstm', build: () => buildLstm({ dims, classes: 3, seed: 1, layers: 2 }) },
  ])('takes a network of $name', async ({ build }) => {
    const model = stir(build());
    const stock = await toStockModel(model);
    expect(JSON.stringify(stock.toJSON(undefined, false))).not.toContain('SerKit');
    const x = clips([8, 8]);
    expect(largestDifference(outputs(stock, x), outputs(model, x))).toBeLessThan(1e-6);
  });

  it('takes a functional network with a network in it, layers that are frozen, and two outputs', async () => {
    const input = tfl.input({ shape: inputShape });
    const inner = tfl.sequential({ layers: [gru({ units: 3, seed: 1, inputShape, trainable: false })], name: 'inner' });
    const one = inner.apply(input) as tfl.SymbolicTensor;
    const frozen = bidirectional({ layer: simpleRnn({ units: 2, seed: 1 }), trainable: false });
    const two = tfl.layers.concatenate().apply([frozen.apply(input) as tfl.SymbolicTensor, one]) as tfl.SymbolicTensor;
    const model = stir(tfl.model({ inputs: input, outputs: [one, two] }));
    const stock = await toStockModel(model);
    const back = await fromStockModel(stock);
    const x = clips([8, 8]);
    for (const other of [stock, back]) {
      expect(largestDifference(outputs(other, x), outputs(model, x))).toBeLessThan(1e-6);
    }
  });

  it('and fromStockModel() refuse what is no model, in words', async () => {
    for (const [who, convert] of [
      ['toStockModel', toStockModel],
      ['fromStockModel', fromStockModel],
    ] as const) {
      for (const [model, got] of [
        [undefined, 'undefined'],
        ['lstm', '"lstm"'],
        [lstm({ units: 2, seed: 1 }), 'a Lstm'],
      ] as const) {
        expect(await errorOf(() => convert(model as never))).toEqual({
          code: 'bad-input',
          message: `${who}: model expected a tfjs-layers model, got ${got}`,
        });
      }
    }
  });

  it('names the layer that tfjs has no twin for', async () => {
    class Odd extends tfl.layers.Layer {
      static readonly className = 'SerKitOdd';
    }
    registerLayers();
    const model = tfl.sequential({ layers: [masking(), new Odd({ name: 'odd_one' })] });
    const error = await errorOf(() => toStockModel(model));
    expect(error.code).toBe('unsupported');
    expect(error.message).toBe(
      `toStockModel: expected layers that tfjs has, but layer "odd_one" (SerKitOdd) has no twin among tfjs's own layers`,
    );
  });

  it('leaves nothing behind but the model', async () => {
    const model = recurrent();
    const before = tf.memory().numTensors;
    (await toStockModel(model)).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('fromStockModel()', () => {
  useWasm();
  const zeros = { recurrentInitializer: 'zeros' } as const;

  it("gives the outputs of tfjs's recurrent layers, and toStockModel() gives them back", async () => {
    const { layers } = tfl;
    const model = stir(
      tfl.sequential({
        layers: [
          masking(),
          layers.lstm({ units: 5, returnSequences: true, ...zeros }), // hard sigmoids, as is tfjs's default
          layers.gru({ units: 3, returnSequences: true, goBackwards: true, recurrentActivation: 'sigmoid', ...zeros }),
          layers.bidirectional({
            layer: layers.gru({ units: 3, returnSequences: true, dropout: 0.2, ...zeros }) as never,
            mergeMode: 'ave' as never,
          }),
          layers.dropout({ rate: 0.5 }),
          layers.simpleRNN({ units: 4, useBias: false, ...zeros }),
          layers.dense({ units: 2 }),
        ],
      }),
    );
    const ours = await fromStockModel(model, { seed: 7 });
    expect(classNames(ours)).toEqual([
      ...['Masking', 'SerKitLstm', 'SerKitGru', 'SerKitBidirectional', 'Dropout', 'SerKitSimpleRnn', 'Dense'],
    ]);
    const back = await toStockModel(ours);
    const x = clips([8, 5, 1]);
    for (const other of [ours, back]) {
      expect(largestDifference(outputs(other, x), outputs(model, x))).toBeLessThan(1e-6);
    }
  });

  it.each([
    { options: { returnState: true }, message: 'returnState of layer "mine" expected false, got true' },
    { options: { activation: 'relu' as const }, message: 'activation of layer "mine" expected tanh, got "relu"' },
    {
      options: { recurrentActivation: 'relu' as const },
      message: 'recurrentActivation of layer "mine" expected "sigmoid" | "hardSigmoid", got "relu"',
    },
    { options: { recurrentConstraint: 'unitNorm' as const }, message: 'recurrentConstraint of layer "mine"' },
    { options: { kernelRegularizer: 'l1l2' as const }, message: 'kernelRegularizer of layer "mine"' },
    {
      options: { stateful: true, batchInputShape: [2, 3, dims] },
      message: 'stateful of layer "mine" expected false, got true',
    },
  ])('refuses $options', async ({ options, message }) => {
    const input = tfl.input({ batchShape: [2, 3, dims] });
    const layer = tfl.layers.lstm({ units: 2, name: 'mine', ...zeros, ...options });
    const model = tfl.model({ inputs: input, outputs: [layer.apply(input)].flat()[0] as tfl.SymbolicTensor });
    const error = await errorOf(() => fromStockModel(model));
    expect(error.code).toBe('unsupported');
    expect(error.message).toContain(`fromStockModel: ${message}`);
  });

  it('refuses a layer that is given its first state, and options it does not know', async () => {
    const [input, state] = [tfl.input({ shape: inputShape }), tfl.input({ shape: [2] })];
    const layer = tfl.layers.gru({ units: 2, name: 'mine', ...zeros });
    const y = layer.apply([input, state]) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: [input, state], outputs: y });
    const error = await errorOf(() => fromStockModel(model));
    expect(error.message).toBe('fromStockModel: layer "mine" expected no initial state, got one');
    expect((await errorOf(() => fromStockModel(model, { seeds: 1 } as never))).code).toBe('bad-option');
  });
});
