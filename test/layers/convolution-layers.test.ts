import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { MaskedAverage } from '../../src/layers/masked-average.ts';
import { MaskedBatchNorm } from '../../src/layers/masked-batch-norm.ts';
import { MaskedConv1d } from '../../src/layers/masked-conv1d.ts';
import { MaskedMaxPool1d } from '../../src/layers/masked-max-pool1d.ts';
import { largestDifference, randomArray } from '../support/reference-arrays.ts';
import { average, batchNorm, conv1d, frameStatistics, type Mask, maxPool } from '../support/reference-layers.ts';
import { tensorOf, useWasm } from '../support/wasm.ts';
import { expectLayerEquals, maskTensor, paddingMask } from './layer-check.ts';

const x = randomArray([3, 7, 4], 1);
const masks: readonly { name: string; mask: Mask | undefined }[] = [
  { name: 'without a mask', mask: undefined },
  { name: 'with padding', mask: paddingMask([7, 4, 1], 7) },
  { name: 'with gaps', mask: [0, 1, 2].map((n) => Array.from({ length: 7 }, (_, t) => (t + n) % 3 !== 0)) },
];

const maskOut = (layer: tfl.layers.Layer, mask: Mask): number[] | null => {
  const out = layer.computeMask(tensorOf(x), maskTensor(mask)) as tf.Tensor | null;
  return out === null ? null : Array.from(out.dataSync());
};

describe('MaskedConv1d', () => {
  useWasm();

  for (const { name, mask } of masks) {
    it.each([
      { kernelSize: 1, useBias: false },
      { kernelSize: 3, useBias: true },
      { kernelSize: 4, useBias: true },
      { kernelSize: 9, useBias: false },
    ])(`of $kernelSize frames, bias $useBias, ${name}, equals the float64 sum and its gradients`, (shape) => {
      expectLayerEquals({
        layer: new MaskedConv1d({ filters: 5, seed: 1, ...shape }),
        x,
        weights: [randomArray([shape.kernelSize, 4, 5], 2), ...(shape.useBias ? [randomArray([5], 3)] : [])],
        mask,
        reference: (input, [kernel, bias]) => conv1d(input, kernel!, bias, mask),
      });
    });
  }

  it('reads nothing of what lies in padded frames', () => {
    const mask = paddingMask([7, 4, 1], 7);
    const layer = new MaskedConv1d({ filters: 2, kernelSize: 3, useBias: false, seed: 1 });
    const noisy = { shape: x.shape, data: x.data.map((v, i) => (i >= (7 + 4) * 4 && i < 14 * 4 ? 1e6 : v)) };
    const kwargs = { mask: maskTensor(mask) };
    const clean = layer.apply(tensorOf(x), kwargs) as tf.Tensor;
    expect(Array.from((layer.apply(tensorOf(noisy), kwargs) as tf.Tensor).dataSync())).toEqual(
      Array.from(clean.dataSync()),
    );
  });

  it('passes the mask on', () => {
    const layer = new MaskedConv1d({ filters: 2, kernelSize: 3, useBias: false, seed: 1 });
    expect(maskOut(layer, paddingMask([2, 1], 3))).toEqual([1, 1, 0, 1, 0, 0]);
  });
});

describe('MaskedBatchNorm', () => {
  useWasm();
  const weights = [randomArray([4], 5), randomArray([4], 6)];

  for (const { name, mask } of masks) {
    it(`in training, ${name}, normalises by the real frames' statistics alone, with the gradients of that`, () => {
      expectLayerEquals({
        layer: new MaskedBatchNorm(),
        x,
        weights,
        mask,
        training: true,
        reference: (input, [gamma, beta]) => batchNorm(input, gamma!, beta!, frameStatistics(input, mask), 1e-3, mask),
      });
    });

    it(`outside training, ${name}, uses the running statistics, with the gradients of that`, () => {
      const layer = new MaskedBatchNorm({ epsilon: 0.01 });
      layer.build([null, null, 4]);
      const running = { mean: [0.1, -0.2, 0.3, 0], variance: [0.5, 1, 2, 3] };
      const [, , mean, variance] = layer.weights;
      mean!.write(tf.tensor1d(running.mean));
      variance!.write(tf.tensor1d(running.variance));
      layer.build = () => {}; // keep what was written
      expectLayerEquals({
        layer,
        x,
        weights,
        mask,
        reference: (input, [gamma, beta]) => batchNorm(input, gamma!, beta!, running, 0.01, mask),
      });
    });
  }

  it('moves the running statistics by 1 - momentum towards those of the real frames', () => {
    const mask = paddingMask([7, 4, 1], 7);
    const layer = new MaskedBatchNorm({ momentum: 0.8 });
    layer.apply(tensorOf(x), { training: true, mask: maskTensor(mask) });
    const now = frameStatistics(x, mask);
    const [, , mean, variance] = layer.getWeights();
    expect(
      largestDifference(
        mean!.dataSync(),
        now.mean.map((m) => 0.2 * m),
      ),
    ).toBeLessThan(1e-6);
    expect(
      largestDifference(
        variance!.dataSync(),
        now.variance.map((v) => 0.8 + 0.2 * v),
      ),
    ).toBeLessThan(1e-6);
    layer.apply(tensorOf(x), { training: true, mask: maskTensor(mask) });
    const twice = layer.getWeights()[2]!.dataSync();
    expect(
      largestDifference(
        twice,
        now.mean.map((m) => 0.36 * m),
      ),
    ).toBeLessThan(1e-6);
  });

  it('leaves the running statistics alone outside training', () => {
    const layer = new MaskedBatchNorm();
    layer.apply(tensorOf(x), {});
    layer.apply(tensorOf(x), { training: false });
    expect(
      layer
        .getWeights()
        .slice(2)
        .map((w) => Array.from(w.dataSync())),
    ).toEqual([
      [0, 0, 0, 0],
      [1, 1, 1, 1],
    ]);
  });

  it('of a single frame is finite', () => {
    const layer = new MaskedBatchNorm();
    const y = layer.apply(tf.tensor3d([3, -2], [1, 1, 2]), { training: true }) as tf.Tensor;
    expect(Array.from(y.dataSync())).toEqual([0, 0]);
  });
});

describe('MaskedMaxPool1d', () => {
  useWasm();

  for (const { name, mask } of masks) {
    it.each([1, 2, 3, 7, 9])(`of %s frames ${name} takes the largest real value, with its gradient`, (poolSize) => {
      expectLayerEquals({
        layer: new MaskedMaxPool1d({ poolSize }),
        x,
        weights: [],
        mask,
        reference: (input) => maxPool(input, poolSize, mask),
      });
    });
  }

  it('of negative values alone is negative: padding does not win', () => {
    const layer = new MaskedMaxPool1d({ poolSize: 2 });
    const y = layer.apply(tf.tensor3d([-5, -6, -7], [1, 3, 1]), { mask: maskTensor(paddingMask([1], 3)) }) as tf.Tensor;
    expect(Array.from(y.dataSync(), (v) => v + 0)).toEqual([-5, 0]); // + 0: -0 is as good
    expect(Array.from((layer.apply(tf.tensor3d([-5, -6, -7], [1, 3, 1])) as tf.Tensor).dataSync())).toEqual([-5, -7]);
  });

  it('keeps a group real as long as one frame of it is', () => {
    const layer = new MaskedMaxPool1d({ poolSize: 2 });
    expect(maskOut(layer, paddingMask([5, 4, 3, 1], 5))).toEqual([1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 0, 0]);
    expect(layer.computeMask(tensorOf(x))).toBeNull();
  });

  it('says the number of groups before it sees data', () => {
    const layer = new MaskedMaxPool1d({ poolSize: 2 });
    expect(layer.computeOutputShape([null, 5, 3])).toEqual([null, 3, 3]);
    expect(layer.computeOutputShape([null, null, 3])).toEqual([null, null, 3]);
  });
});

describe('MaskedAverage', () => {
  useWasm();

  for (const { name, mask } of masks) {
    it(`${name} is the mean over the real frames, with its gradient`, () => {
      expectLayerEquals({
        layer: new MaskedAverage(),
        x,
        weights: [],
        mask,
        reference: (input) => average(input, mask),
      });
    });
  }

  it('of a clip that is all padding is zeros, and the mask ends there', () => {
    const layer = new MaskedAverage();
    const y = layer.apply(tf.ones([1, 3, 2]), { mask: maskTensor([[false, false, false]]) }) as tf.Tensor;
    expect(Array.from(y.dataSync())).toEqual([0, 0]);
    expect(maskOut(layer, paddingMask([2], 3))).toBeNull();
  });
});
