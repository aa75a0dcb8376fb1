import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import {
  attentionPooling,
  averagePooling,
  maskedBatchNorm,
  maskedConv1d,
  maskedMaxPool1d,
  seededDropout,
  statisticsPooling,
} from '../../src/layers/index.ts';
import { exportModel, importModel } from '../../src/models/artifact.ts';
import { useWasm } from '../support/wasm.ts';

const seed = 1;
const factories: readonly (readonly [string, (o: never) => tfl.layers.Layer, object, object])[] = [
  ['averagePooling', averagePooling, {}, { floor: 1 }],
  ['statisticsPooling', statisticsPooling, { floor: 0.1 }, { floor: -1 }],
  ['attentionPooling', attentionPooling, { seed, heads: 2, hiddenUnits: 3, statistics: true }, { seed, heads: 0.5 }],
  ['maskedConv1d', maskedConv1d, { seed, filters: 2, kernelSize: 3, useBias: false }, { seed, filters: 0 }],
  ['maskedBatchNorm', maskedBatchNorm, { momentum: 0.5, epsilon: 0.25 }, { momentum: 1 }],
  ['maskedMaxPool1d', maskedMaxPool1d, { poolSize: 3 }, { poolSize: 0 }],
  ['seededDropout', seededDropout, { seed, rate: 0.25 }, { seed, rate: 1 }],
];

describe.each(factories)('%s', (name, create, good, bad) => {
  useWasm();

  it('is a layer with the options it was given, saved and loaded too', async () => {
    const options = { ...good, name: 'mine', inputShape: [null, 4] };
    const model = tfl.sequential();
    model.add(create(options as never));
    expect(model.inputs[0]!.shape).toEqual([null, null, 4]);
    expect(model.getLayer('mine').getConfig()).toMatchObject(good);
    const loaded = await importModel(await exportModel(model));
    expect(loaded.getLayer('mine').getConfig()).toMatchObject(good);
    expect(loaded.getLayer('mine').getConfig()).toEqual(model.getLayer('mine').getConfig());
  });

  it('refuses options that do not fit, and unknown ones, by name', () => {
    const refusal = (options: object): { code?: string; message?: string } => {
      try {
        create(options as never);
      } catch (error) {
        return error as { code: string; message: string };
      }
      return {};
    };
    expect(refusal(bad)).toMatchObject({ code: 'bad-option', message: expect.stringMatching(`^${name}: `) });
    expect(refusal({ ...good, nosuch: 1 })).toMatchObject({
      code: 'bad-option',
      message: expect.stringMatching(`^${name}: unknown option "nosuch"`),
    });
  });

  it('keeps its weights where it is not trainable', () => {
    const layer = create({ ...good, trainable: false } as never);
    layer.build([null, null, 4] as never);
    expect(layer.trainableWeights).toEqual([]);
  });
});

describe("maskedConv1d's bias", () => {
  useWasm();

  it("is there unless it is declined, as in tfjs's own layers", () => {
    expect(maskedConv1d({ seed, filters: 2, kernelSize: 3 }).getConfig().useBias).toBe(true);
  });
});
