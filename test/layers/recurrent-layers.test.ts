import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { lstm } from '../../src/layers/lstm.ts';
import type { RecurrentLayer } from '../../src/layers/recurrent-layer.ts';
import { largestDifference, randomArray } from '../support/reference-arrays.ts';
import { tensorOf, useWasm } from '../support/wasm.ts';
import { expectLayerEquals, maskTensor, paddingMask } from './layer-check.ts';
import {
  dims,
  drawnScale,
  kinds,
  masks,
  type Options,
  referenceOutput,
  units,
  useNoKernels,
  weightsOf,
  x,
} from './recurrent-kinds.ts';

const ways = [
  { way: 'in one kernel', prepare: () => {} },
  { way: "in tfjs's ops", prepare: useNoKernels },
];
const shapes: readonly Options[] = [false, true].flatMap((returnSequences) =>
  [false, true].map((goBackwards) => ({ returnSequences, goBackwards })),
);

/** The layer, with the masks of its first training call at every call. */
function atFirstStep(layer: RecurrentLayer): RecurrentLayer {
  const statesOf = layer.statesOf.bind(layer);
  layer.statesOf = (inputs, kwargs) => {
    layer.drawn = 0;
    return statesOf(inputs, kwargs);
  };
  return layer;
}

for (const kind of kinds) {
  const { name, gates, create, stock } = kind;
  const weights = weightsOf(gates);

  describe.each(ways)(`${name} $way`, ({ prepare }) => {
    useWasm();
    prepare();

    for (const { name: how, mask } of masks) {
      it.each(shapes)(`${how} equals the float64 recurrence and its gradients (%o)`, (options) => {
        expectLayerEquals({
          layer: create(options),
          x,
          weights,
          mask,
          reference: (input, ws) => referenceOutput(kind, input, ws, options, mask),
        });
      });

      it(`with hard sigmoids ${how} does, too`, () => {
        const options = { returnSequences: true, recurrentActivation: 'hardSigmoid' } as const;
        expectLayerEquals({
          layer: create(options),
          x,
          weights,
          mask,
          reference: (input, ws) => referenceOutput(kind, input, ws, options, mask),
        });
      });

      it.each([
        { dropout: 0.4 },
        { recurrentDropout: 0.4, goBackwards: true },
        { dropout: 0.3, recurrentDropout: 0.6, returnSequences: true },
      ])(`in training ${how} drops the same of all frames (%o)`, (options: Options) => {
        const { dropout = 0, recurrentDropout = 0 } = options;
        const dropped = {
          ...(dropout > 0 && { input: drawnScale(1, 'input', 0, dropout, dims) }),
          ...(recurrentDropout > 0 && { state: drawnScale(1, 'state', 0, recurrentDropout, units) }),
        };
        expectLayerEquals({
          layer: atFirstStep(create(options)),
          x,
          weights,
          mask,
          training: true,
          reference: (input, ws) => referenceOutput(kind, input, ws, options, mask, dropped),
        });
      });
    }

    it('of one frame, and without a bias', () => {
      const one = randomArray([2, 1, dims], 7);
      expectLayerEquals({
        layer: create({ useBias: false }),
        x: one,
        weights: weights.slice(0, 2),
        reference: (input, ws) => referenceOutput(kind, input, ws, {}, undefined),
      });
    });

    it.each(
      shapes.flatMap((shape) =>
        (['sigmoid', 'hardSigmoid'] as const).map((recurrentActivation) => ({ ...shape, recurrentActivation })),
      ),
    )("gives the numbers of tfjs's own layer with the same weights (%o)", (options) => {
      const [ours, theirs] = [create(options), stock(options)];
      for (const layer of [ours, theirs]) {
        layer.apply(tensorOf(x)); // builds it
        layer.setWeights(weights.map((w) => tensorOf(w)));
      }
      for (const { mask } of masks) {
        const kwargs = mask === undefined ? {} : { mask: maskTensor(mask) };
        const [actual, expected] = [ours, theirs].map((layer) => layer.apply(tensorOf(x), kwargs) as tf.Tensor);
        expect(actual!.shape).toEqual(expected!.shape);
        expect(largestDifference(actual!.dataSync(), expected!.dataSync())).toBeLessThan(1e-5);
      }
    });

    it('gives back all memory', () => {
      const layer = create({ returnSequences: true, dropout: 0.2, recurrentDropout: 0.2 });
      const input = tensorOf(x);
      const kwargs = { training: true, mask: maskTensor(paddingMask([6, 3, 1], 6)) };
      layer.apply(input, kwargs);
      const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
      const before = tf.memory().numTensors;
      for (let i = 0; i < 3; i++) {
        tf.dispose(tf.variableGrads(() => tf.sum(layer.apply(input, kwargs) as tf.Tensor), variables));
        tf.dispose(layer.apply(input) as tf.Tensor);
      }
      expect(tf.memory().numTensors).toBe(before);
    });
  });

  describe(name, () => {
    useWasm();
    const training = (layer: RecurrentLayer): number[] =>
      Array.from((layer.apply(tensorOf(x), { training: true }) as tf.Tensor).dataSync());

    it("has weights of tfjs's names, shapes and order", () => {
      const described = [create(), stock()].map((layer) => {
        const model = tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: [null, dims] as never }), layer] });
        return model.weights.map((w) => `${w.originalName.split('/').pop()} ${w.shape}`);
      });
      expect(described[0]).toEqual(described[1]);
    });

    it('ends the mask where it gives only the last state', () => {
      const mask = maskTensor(paddingMask([2, 1], 2));
      expect(create().computeMask(tensorOf(x), mask)).toBeNull();
      expect(create({ returnSequences: true }).computeMask(tensorOf(x), mask)).toBe(mask);
    });

    it('repeats itself with the same seed, weights and masks, and not with another', () => {
      const options = { dropout: 0.3, recurrentDropout: 0.3 };
      const run = (seed: number): number[][] => {
        const layer = create({ ...options, seed });
        return [training(layer), training(layer)];
      };
      expect(run(1)).toEqual(run(1));
      expect(run(1)[0]).not.toEqual(run(2)[0]);
      expect(run(1)[0]).not.toEqual(run(1)[1]);
    });

    it('goes on where it was once its seed and step are set again, as a resumed run does', () => {
      const layer = create({ dropout: 0.3, recurrentDropout: 0.3 });
      layer.reseed(5);
      const drawn = [0, 1, 2].map(() => training(layer));
      expect(layer.drawn).toBe(3);
      layer.reseed(5);
      layer.drawn = 2;
      expect(training(layer)).toEqual(drawn[2]);
    });

    it('outside training drops nothing and does not move on', () => {
      const layer = create({ dropout: 0.5, recurrentDropout: 0.5 });
      const plain = create();
      const [y, expected] = [layer, plain].map((one) => (one.apply(tensorOf(x)) as tf.Tensor).dataSync());
      expect(y).toEqual(expected);
      expect(layer.drawn).toBe(0);
    });

    it('comes back from its config with all its options', () => {
      const layer = create({ returnSequences: true, goBackwards: true, useBias: false, dropout: 0.1, name: 'mine' });
      const Kind = layer.constructor as new (config: object) => RecurrentLayer;
      expect(new Kind(layer.getConfig()).getConfig()).toEqual(layer.getConfig());
      expect(layer.getConfig()).toMatchObject({ name: 'mine', units, seed: 1, dropout: 0.1, useBias: false });
    });

    it.each([
      [{ units: 0 }, 'units expected > 0, got 0'],
      [{ seed: undefined }, 'seed expected'],
      [{ dropout: 1 }, 'dropout expected < 1, got 1'],
      [{ width: 3 }, 'unknown option "width"'],
      [{ activation: 'relu' }, 'unknown option "activation"'],
    ])('refuses %o', (wrong, message) => {
      const who = `${name[0]!.toLowerCase()}${name.slice(1)}`;
      expect(() => create(wrong as Options)).toThrow(`${who}: ${message}`);
    });
  });
}

describe("Lstm's start", () => {
  useWasm();

  it.each([
    { options: {}, forget: 1 },
    { options: { unitForgetBias: false }, forget: 0 },
  ])('has a forget gate biased by $forget and other biases of 0 ($options)', ({ options, forget }) => {
    const layer = lstm({ units: 2, seed: 3, ...options });
    layer.build([null, null, 3]);
    expect(Array.from(layer.getWeights()[2]!.dataSync())).toEqual([0, 0, forget, forget, 0, 0, 0, 0]);
  });
});
