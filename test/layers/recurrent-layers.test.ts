import type * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { Lstm } from '../../src/layers/lstm.ts';
import { SimpleRnn } from '../../src/layers/simple-rnn.ts';
import { largestDifference, randomArray } from '../support/reference-arrays.ts';
import { lstm, type Mask, simpleRnn } from '../support/reference-layers.ts';
import { tensorOf, useWasm } from '../support/wasm.ts';
import { expectLayerEquals, maskTensor, paddingMask } from './layer-check.ts';

const units = 5;
const x = randomArray([3, 6, 4], 1);
const masks: readonly { name: string; mask: Mask | undefined }[] = [
  { name: 'without a mask', mask: undefined },
  { name: 'with padding', mask: paddingMask([6, 3, 1], 6) },
  {
    name: 'with gaps, also first and last',
    mask: [0, 1, 2].map((n) => Array.from({ length: 6 }, (_, t) => (t + n) % 3 !== 0)),
  },
];
const kinds = [
  {
    name: 'SimpleRnn',
    gates: 1,
    create: (returnSequences: boolean) => new SimpleRnn({ units, returnSequences, seed: 1 }),
    reference: simpleRnn,
    stock: (returnSequences: boolean) =>
      tfl.layers.simpleRNN({ units, returnSequences, recurrentInitializer: 'zeros' }),
  },
  {
    name: 'Lstm',
    gates: 4,
    create: (returnSequences: boolean) => new Lstm({ units, returnSequences, seed: 1 }),
    reference: lstm,
    stock: (returnSequences: boolean) =>
      tfl.layers.lstm({ units, returnSequences, recurrentActivation: 'sigmoid', recurrentInitializer: 'zeros' }),
  },
];

for (const { name, gates, create, reference, stock } of kinds) {
  const weights = [
    randomArray([4, gates * units], 2, 0.5),
    randomArray([units, gates * units], 3, 0.5),
    randomArray([gates * units], 4, 0.5),
  ];

  describe(name, () => {
    useWasm();

    for (const { name: how, mask } of masks) {
      it.each([true, false])(`${how}, sequences %s, equals the float64 recurrence and its gradients`, (sequences) => {
        expectLayerEquals({
          layer: create(sequences),
          x,
          weights,
          mask,
          reference: (input, ws) => reference(input, ws, sequences, mask),
        });
      });
    }

    it('of one frame, too', () => {
      const one = randomArray([2, 1, 4], 7);
      expectLayerEquals({
        layer: create(false),
        x: one,
        weights,
        reference: (input, ws) => reference(input, ws, false),
      });
    });

    it.each([true, false])("gives the numbers of tfjs's own layer with the same weights, sequences %s", (sequences) => {
      const [ours, theirs] = [create(sequences), stock(sequences)];
      for (const layer of [ours, theirs]) {
        layer.apply(tensorOf(x)); // builds it
        layer.setWeights(weights.map((w) => tensorOf(w)));
      }
      for (const { mask } of masks) {
        const kwargs = mask === undefined ? {} : { mask: maskTensor(mask) };
        const actual = (ours.apply(tensorOf(x), kwargs) as tf.Tensor).dataSync();
        expect(largestDifference(actual, (theirs.apply(tensorOf(x), kwargs) as tf.Tensor).dataSync())).toBeLessThan(
          1e-5,
        );
      }
    });

    it("has weights of tfjs's names, shapes and order", () => {
      const described = [create(true), stock(true)].map((layer) => {
        const model = tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: [null, 4] as never }), layer] });
        return model.weights.map((w) => `${w.originalName.split('/').pop()} ${w.shape}`);
      });
      expect(described[0]).toEqual(described[1]);
    });

    it('ends the mask where it gives only the last state', () => {
      const mask = maskTensor(paddingMask([2, 1], 2));
      expect(create(false).computeMask(tensorOf(x), mask)).toBeNull();
      expect(create(true).computeMask(tensorOf(x), mask)).toBe(mask);
    });
  });
}

describe("Lstm's start", () => {
  useWasm();

  it('has a forget gate that is open, and other biases of 0', () => {
    const layer = new Lstm({ units: 2, returnSequences: false, seed: 3 });
    layer.build([null, null, 3]);
    expect(Array.from(layer.getWeights()[2]!.dataSync())).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
  });
});
