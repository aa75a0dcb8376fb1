import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { exportModel, importModel, type ModelArtifact } from '../../src/models/artifact.ts';
import { predictProbabilities } from '../../src/models/predict-probabilities.ts';
import { useWasm } from '../support/wasm.ts';
import { errorOf } from './error-of.ts';
import { builders, randomMatrix } from './small-problem.ts';

describe('exportModel() and importModel()', () => {
  useWasm();
  const clips = [3, 8].map((frames) => randomMatrix(frames, frames));

  it.each(builders)('carry a network of $name through JSON and bytes to the same probabilities', async ({ build }) => {
    const model = build(1);
    const { topology, weights, bytes } = await exportModel(model);
    const through = JSON.parse(JSON.stringify({ topology, weights })) as Pick<ModelArtifact, 'topology' | 'weights'>;
    // Bytes that begin in the middle of a buffer, as a file read from a pool would.
    const pool = new Uint8Array(bytes.length + 3);
    pool.set(bytes, 3);
    const again = await importModel({ ...through, bytes: pool.subarray(3) });
    expect(await predictProbabilities(again, clips)).toEqual(await predictProbabilities(model, clips));
    expect((await exportModel(again)).bytes).toEqual(bytes);
    expect(again.layers.map((layer) => layer.getConfig())).toEqual(model.layers.map((layer) => layer.getConfig()));
  });

  it('write little-endian float32 under names that do not depend on what was built before', async () => {
    const [first, second] = [await exportModel(builders[1].build(1)), await exportModel(builders[1].build(1))];
    expect(first).toEqual(second);
    expect(first.weights.map((w) => w.name)).toEqual([
      ...['lstm1/kernel', 'lstm1/recurrent_kernel', 'lstm1/bias'],
      ...['dense1/kernel', 'dense1/bias', 'probabilities/kernel', 'probabilities/bias'],
    ]);
    const model = builders[1].build(1);
    const view = new DataView(first.bytes.buffer);
    expect(view.getFloat32(0, true)).toBe(model.getWeights()[0]!.dataSync()[0]);
  });

  const cases: { name: string; code: string; message: RegExp; spoil: (a: ModelArtifact) => ModelArtifact }[] = [
    {
      name: 'bytes that end early',
      code: 'truncated',
      message: /got the end inside probabilities\/bias/,
      spoil: (a) => ({ ...a, bytes: a.bytes.subarray(0, a.bytes.length - 1) }),
    },
    {
      name: 'no bytes',
      code: 'truncated',
      message: /inside lstm1\/kernel/,
      spoil: (a) => ({ ...a, bytes: new Uint8Array(0) }),
    },
    {
      name: 'bytes too many',
      code: 'altered',
      message: /expected \d+ bytes, got \d+/,
      spoil: (a) => ({ ...a, bytes: new Uint8Array(a.bytes.length + 4) }),
    },
    {
      name: 'a weight too few',
      code: 'altered',
      message: /expected 7 weights for this topology, got 6/,
      spoil: (a) => ({ ...a, weights: a.weights.slice(1) }),
    },
    {
      name: 'another shape',
      code: 'altered',
      message: /weight 0 expected lstm1\/kernel \[3,32\], got lstm1\/kernel \[32,3\]/,
      spoil: (a) => ({ ...a, weights: a.weights.map((w, i) => (i === 0 ? { ...w, shape: [32, 3] } : w)) }),
    },
    {
      name: 'another name',
      code: 'altered',
      message: /weight 0 expected lstm1\/kernel \[3,32\], got kernel/,
      spoil: (a) => ({ ...a, weights: a.weights.map((w, i) => (i === 0 ? { ...w, name: 'kernel' } : w)) }),
    },
    {
      name: 'a topology of an unknown layer',
      code: 'bad-format',
      message: /SerKitNothing/,
      spoil: (a) => ({ ...a, topology: JSON.parse(JSON.stringify(a.topology).replace('SerKitLstm', 'SerKitNothing')) }),
    },
    {
      name: 'no topology',
      code: 'bad-format',
      message: /^importModel: topology expected/,
      spoil: (a) => ({ ...a, topology: {} }),
    },
  ];
  it.each(cases)('refuse $name', async ({ code, message, spoil }) => {
    const artifact = await exportModel(builders[1].build(1));
    const before = tf.memory().numTensors;
    const error = await errorOf(() => importModel(spoil(artifact)));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('leave no tensor but the weights of the network', async () => {
    const model = builders[2].build(1);
    const artifact = await exportModel(model);
    (await importModel(artifact)).dispose();
    const before = tf.memory().numTensors;
    await exportModel(model);
    (await importModel(artifact)).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
