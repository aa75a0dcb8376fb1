import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { type Bidirectional, bidirectional, type MergeMode } from '../../src/layers/bidirectional.ts';
import { drawingLayers } from '../../src/layers/drawing.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { largestDifference, type NdArray, zerosOf } from '../support/reference-arrays.ts';
import { tensorOf, useWasm } from '../support/wasm.ts';
import { expectLayerEquals, maskTensor, paddingMask } from './layer-check.ts';
import { dims, kinds, masks, type Options, referenceOutput, turned, units, weightsOf, x } from './recurrent-kinds.ts';

const modes: readonly Exclude<MergeMode, null>[] = ['concat', 'sum', 'ave', 'mul'];

function merged(a: NdArray, b: NdArray, mode: MergeMode): NdArray {
  if (mode === 'concat') {
    const n = a.shape.at(-1)!;
    const y = zerosOf([...a.shape.slice(0, -1), 2 * n]);
    for (let row = 0; row * n < a.data.length; row++) {
      y.data.set(a.data.subarray(row * n, (row + 1) * n), 2 * row * n);
      y.data.set(b.data.subarray(row * n, (row + 1) * n), (2 * row + 1) * n);
    }
    return y;
  }
  const join = { sum: (p: number, q: number) => p + q, ave: (p: number, q: number) => (p + q) / 2, mul: undefined };
  const how = join[mode as 'sum'] ?? ((p: number, q: number) => p * q);
  return { shape: a.shape, data: a.data.map((v, i) => how(v, b.data[i]!)) };
}

for (const kind of kinds) {
  const weights = [...weightsOf(kind.gates), ...weightsOf(kind.gates, 20)];

  describe(`Bidirectional of ${kind.name}`, () => {
    useWasm();

    for (const { name: how, mask } of masks) {
      for (const mergeMode of modes) {
        it.each([{ returnSequences: true }, { returnSequences: false }, { returnSequences: true, goBackwards: true }])(
          `'${mergeMode}' ${how} is both directions and their gradients (%o)`,
          (options: Options) => {
            expectLayerEquals({
              layer: bidirectional({ layer: kind.create(options), mergeMode }),
              x,
              weights,
              mask,
              reference: (input, ws) => {
                const backwards = { ...options, goBackwards: options.goBackwards !== true };
                const y = referenceOutput(kind, input, ws.slice(0, 3), options, mask);
                const back = referenceOutput(kind, input, ws.slice(3), backwards, mask);
                return merged(y, options.returnSequences === true ? turned(back) : back, mergeMode);
              },
            });
          },
        );
      }
    }

    it("has weights of tfjs's names, shapes and order, and gives its numbers in every merge mode", () => {
      for (const mergeMode of [...modes, null]) {
        for (const returnSequences of [true, false]) {
          const both = [kind.create, kind.stock].map((create, i) => {
            const layer = create({ name: 'inner', returnSequences });
            const args = { layer: layer as never, mergeMode: mergeMode as never, name: 'both' };
            return i === 0 ? bidirectional(args) : tfl.layers.bidirectional(args);
          });
          const [names, stockNames] = both.map((layer) => {
            layer.apply(tfl.input({ shape: [null, dims] }));
            layer.setWeights(weights.map((w) => tensorOf(w)));
            return layer.weights.map((w) => `${w.originalName} ${w.shape}`);
          });
          expect(names).toEqual(stockNames);
          expect(both[0]!.computeOutputShape([null, 6, dims])).toEqual(both[1]!.computeOutputShape([null, 6, dims]));
          const kwargs = { mask: maskTensor(paddingMask([6, 3, 1], 6)) };
          const [ours, theirs] = both.map((layer) => [layer.apply(tensorOf(x), kwargs)].flat() as tf.Tensor[]);
          expect(ours!.length).toBe(mergeMode === null ? 2 : 1);
          ours!.forEach((y, i) => {
            expect(largestDifference(y.dataSync(), theirs![i]!.dataSync())).toBeLessThan(1e-5);
          });
        }
      }
    });
  });
}

describe('Bidirectional', () => {
  useWasm();

  it('starts its directions with different weights and masks, and comes back the same from its seed', () => {
    const make = (): Bidirectional => bidirectional({ layer: lstm({ units, seed: 4, dropout: 0.5 }) });
    const y = (layer: Bidirectional): number[] =>
      Array.from((layer.apply(tensorOf(x), { training: true }) as tf.Tensor).dataSync());
    const layer = make();
    expect(y(layer)).toEqual(y(make()));
    const [kernel, , , backwardKernel] = layer.getWeights();
    expect(kernel!.dataSync()).not.toEqual(backwardKernel!.dataSync());
  });

  it('lends the layers that draw to the training loop', () => {
    const quiet = bidirectional({ layer: lstm({ units, seed: 4 }), inputShape: [null, dims] });
    const drawing = bidirectional({ layer: lstm({ units, seed: 4, recurrentDropout: 0.5 }), inputShape: [null, dims] });
    const [none, two] = [quiet, drawing].map((layer) => drawingLayers(tfl.sequential({ layers: [layer] })));
    expect(none).toEqual([]);
    expect(two).toEqual([drawing.forwardLayer, drawing.backwardLayer]);
    drawing.apply(tensorOf(x), { training: true });
    expect(two!.map((layer) => layer.drawn)).toEqual([1, 1]);
  });

  it.each([true, false])('trainable: %s holds for both directions, also after saving', async (trainable) => {
    const layer = bidirectional({ layer: lstm({ units, seed: 4 }), trainable, inputShape: [null, dims] });
    const model = tfl.sequential({ layers: [layer] });
    expect(model.trainableWeights.length).toBe(trainable ? 6 : 0);
    expect(model.weights.length).toBe(6);
    const again = await tfl.models.modelFromJSON(model.toJSON(undefined, false) as never);
    expect(again.trainableWeights.length).toBe(trainable ? 6 : 0);
  });

  it('comes back from a saved topology, weights and all', async () => {
    for (const mergeMode of [...modes, null]) {
      const input = tfl.input({ shape: [null, dims] });
      const layer = bidirectional({ layer: lstm({ units, seed: 4, returnSequences: true }), mergeMode });
      const model = tfl.model({ inputs: input, outputs: layer.apply(input) as tfl.SymbolicTensor });
      const again = await tfl.models.modelFromJSON(model.toJSON(undefined, false) as never);
      again.setWeights(model.getWeights());
      const [y, expected] = [again, model].map((one) => [one.predict(tensorOf(x))].flat() as tf.Tensor[]);
      y!.forEach((part, i) => {
        expect(part.dataSync()).toEqual(expected![i]!.dataSync());
      });
      expect(again.layers[1]!.getConfig()).toEqual(layer.getConfig());
    }
  });

  it('refuses what is not one of the recurrent layers, and a merge mode that does not exist', () => {
    expect(() => bidirectional({ layer: tfl.layers.dense({ units: 1 }) as never })).toThrow(
      "bidirectional: layer expected a layer of ser-kit's lstm(), gru() or simpleRnn(), got a Dense",
    );
    expect(() => bidirectional({ layer: lstm({ units, seed: 1 }), mergeMode: 'max' as never })).toThrow(
      'bidirectional: mergeMode expected',
    );
  });

  it('gives back all memory when it is disposed', () => {
    const before = tf.memory().numTensors;
    const model = tfl.sequential({
      layers: [bidirectional({ layer: lstm({ units, seed: 1 }), inputShape: [null, dims] })],
    });
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('Bidirectional of a frozen layer', () => {
  useWasm();

  const learnt = (args: object, layer: object): number => {
    const both = bidirectional({ layer: lstm({ units: 2, seed: 1, inputShape: [3, 2], ...layer }), ...args });
    both.build([null, 3, 2]);
    return both.trainableWeights.length;
  };

  it('is frozen, unless told otherwise', () => {
    expect(learnt({}, {})).toBe(6);
    expect(learnt({}, { trainable: false })).toBe(0);
    expect(learnt({ trainable: true }, { trainable: false })).toBe(6);
    expect(learnt({ trainable: false }, {})).toBe(0);
  });
});
