import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { bidirectional } from '../../src/layers/bidirectional.ts';
import { gru } from '../../src/layers/gru.ts';
import { MaskedBatchNorm } from '../../src/layers/masked-batch-norm.ts';
import { fromStockModel, toStockModel } from '../../src/layers/stock-model.ts';
import { useWasm } from '../support/wasm.ts';

const learnt = (model: tfl.LayersModel): number => model.trainableWeights.length;

const ours = (): tfl.Sequential =>
  tfl.sequential({
    layers: [
      bidirectional({ layer: gru({ units: 2, seed: 1, returnSequences: true }), inputShape: [null, 3] }),
      new MaskedBatchNorm({}),
      gru({ units: 2, seed: 2 }),
    ],
  });

const stock = (): tfl.Sequential =>
  tfl.sequential({
    layers: [
      tfl.layers.gru({
        units: 2,
        recurrentInitializer: 'zeros',
        returnSequences: true,
        inputShape: [null, 3] as never,
      }),
      tfl.layers.dense({ units: 2 }),
    ],
  });

const ways = [
  { way: 'toStockModel', make: ours, convert: (model: tfl.LayersModel) => toStockModel(model) },
  { way: 'fromStockModel', make: stock, convert: (model: tfl.LayersModel) => fromStockModel(model) },
];

describe.each(ways)('$way', ({ make, convert }) => {
  useWasm();

  it('leaves a frozen model frozen, and one that is not as it is', async () => {
    const model = make();
    expect(learnt(await convert(model))).toBe(learnt(model));
    expect(learnt(model)).toBeGreaterThan(0);
    model.trainable = false;
    const converted = await convert(model);
    expect(converted.trainable).toBe(false);
    expect(learnt(converted)).toBe(0);
  });

  it('leaves a frozen model inside another one frozen', async () => {
    const inner = make();
    inner.trainable = false;
    const model = tfl.sequential({ layers: [inner, tfl.layers.dense({ units: 2 })] });
    expect(learnt(model)).toBe(2);
    expect(learnt(await convert(model))).toBe(2);
  });

  it('leaves frozen the layers of a frozen model that are used in another one', async () => {
    const base = make();
    base.trainable = false;
    const head = tfl.layers.dense({ units: 2 }).apply(base.outputs) as tfl.SymbolicTensor;
    const whole = tfl.model({ inputs: base.inputs, outputs: head });
    expect(learnt(whole)).toBeLessThan(learnt(make()) + 2);
    expect(learnt(await convert(whole))).toBe(learnt(whole));
  });
});
