import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attentionPooling, MaskedAttention } from '../../src/layers/masked-attention.ts';
import { averagePooling } from '../../src/layers/masked-average.ts';
import { MaskedStatistics, statisticsPooling } from '../../src/layers/masked-statistics.ts';
import { exportModel, importModel } from '../../src/models/artifact.ts';
import { largestDifference, randomArray } from '../support/reference-arrays.ts';
import { attention, attentionWeights, average, type Mask, statistics } from '../support/reference-layers.ts';
import { tensorOf, useWasm } from '../support/wasm.ts';
import { expectLayerEquals, maskTensor, paddingMask } from './layer-check.ts';

const x = randomArray([3, 7, 4], 1);
const masks: readonly { name: string; mask: Mask | undefined }[] = [
  { name: 'without a mask', mask: undefined },
  { name: 'with padding', mask: paddingMask([7, 4, 2], 7) },
  { name: 'with gaps', mask: [0, 1, 2].map((n) => Array.from({ length: 7 }, (_, t) => (t + n) % 3 !== 0)) },
];
const attentionWeightsOf = (dims: number, hidden: number, heads: number, seed = 2) => [
  randomArray([dims, hidden], seed, 0.7),
  randomArray([hidden], seed + 1, 0.5),
  randomArray([hidden, heads], seed + 2),
];
const shapes = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  frames: fc.integer({ min: 1, max: 6 }),
  dims: fc.integer({ min: 1, max: 9 }),
  heads: fc.integer({ min: 1, max: 3 }),
  hidden: fc.integer({ min: 1, max: 9 }),
  deviations: fc.boolean(),
  seed: fc.nat(1e6),
});
/** At least two real frames in each row where there are so many, so that no deviation is at its floor. */
const someMask = (batch: number, frames: number, seed: number): Mask =>
  Array.from({ length: batch }, (_, n) =>
    Array.from({ length: frames }, (_, t) => t < 2 || (seed >> ((n * frames + t) % 20)) % 2 === 1),
  );

describe('MaskedStatistics', () => {
  useWasm();

  for (const { name, mask } of masks) {
    it(`${name} is the mean and the deviation over the real frames, with its gradient`, () => {
      expectLayerEquals({
        layer: statisticsPooling(),
        x,
        weights: [],
        mask,
        reference: (input) => statistics(input, mask),
      });
    });
  }

  it('equals the float64 statistics for any shape and mask', () => {
    fc.assert(
      fc.property(shapes, ({ batch, frames, dims, seed }) => {
        const mask = someMask(batch, frames, seed);
        const input = randomArray([batch, frames, dims], seed);
        const y = statisticsPooling().apply(tensorOf(input), { mask: maskTensor(mask) }) as tf.Tensor;
        expect(largestDifference(y.dataSync(), statistics(input, mask).data)).toBeLessThan(1e-5);
      }),
      { numRuns: 40 },
    );
  });

  it('keeps the digits of a small deviation about a large mean', () => {
    const input = randomArray([2, 50, 3], 5, 0.01);
    input.data.forEach((v, i) => {
      input.data[i] = Math.fround(v + 100);
    });
    const y = (statisticsPooling().apply(tensorOf(input)) as tf.Tensor).dataSync().slice();
    const expected = statistics(input).data;
    for (const i of [3, 4, 5, 9, 10, 11]) expect(y[i]! / expected[i]!).toBeCloseTo(1, 3);
  });

  it('of a constant, of one frame and of padding alone is the floor, with a finite gradient', () => {
    const layer = statisticsPooling({ floor: 0.25 });
    const kwargs = { mask: maskTensor(paddingMask([3, 1, 0], 3)) };
    const weigh = (t: tf.Tensor): tf.Tensor => tf.sum(layer.apply(t, kwargs) as tf.Tensor);
    const input = tf.fill([3, 3, 1], 0.3);
    const y = Array.from((layer.apply(input, kwargs) as tf.Tensor).dataSync());
    expect(largestDifference(y, [0.3, 0.25, 0.3, 0.25, 0, 0.25])).toBeLessThan(1e-6);
    const dx = Array.from(tf.grad(weigh)(input).dataSync());
    expect(largestDifference(dx, [1 / 3, 1 / 3, 1 / 3, 1, 0, 0, 0, 0, 0])).toBeLessThan(1e-6);
  });

  it('is NaN only for a clip whose padding is not finite, and does not see large numbers there', () => {
    const input = tf.tensor3d([1, 3, 1e15, 1, 3, Number.NaN], [2, 3, 1]);
    const kwargs = { mask: maskTensor(paddingMask([2, 2], 3)) };
    const numbers = (layer: tfl.layers.Layer): number[] =>
      Array.from((layer.apply(input, kwargs) as tf.Tensor).dataSync());
    expect(numbers(statisticsPooling())).toEqual([2, 1, Number.NaN, Number.NaN]);
    expect(numbers(averagePooling())).toEqual([2, Number.NaN]);
  });

  it('ends the mask and doubles the width', () => {
    const layer = statisticsPooling();
    expect(layer.computeOutputShape([null, null, 5] as never)).toEqual([null, 10]);
    expect(layer.computeMask()).toBeNull();
  });
});

describe('MaskedAttention', () => {
  useWasm();

  for (const { name, mask } of masks) {
    it.each([
      { heads: 1, statistics: false },
      { heads: 3, statistics: false },
      { heads: 1, statistics: true },
      { heads: 2, statistics: true },
    ])(`of $heads heads, statistics $statistics, ${name}, equals the float64 sums and their gradients`, (options) => {
      expectLayerEquals({
        layer: attentionPooling({ ...options, hiddenUnits: 5, seed: 1 }),
        x,
        weights: attentionWeightsOf(4, 5, options.heads),
        mask,
        reference: (input, ws) => attention(input, ws, options.statistics, mask),
      });
    });
  }

  it('equals the float64 sums for any shape and mask', () => {
    fc.assert(
      fc.property(shapes, ({ batch, frames, dims, heads, hidden, deviations, seed }) => {
        const mask = someMask(batch, frames, seed);
        const input = randomArray([batch, frames, dims], seed);
        const ws = attentionWeightsOf(dims, hidden, heads, seed);
        const layer = attentionPooling({ heads, hiddenUnits: hidden, statistics: deviations, seed: 1 });
        layer.build([null, null, dims] as never);
        layer.setWeights(ws.map((w) => tensorOf(w)));
        const y = layer.apply(tensorOf(input), { mask: maskTensor(mask) }) as tf.Tensor;
        // A deviation near its floor is the root of a difference; its square has the digits.
        const squared = (values: ArrayLike<number>): number[] => Array.from(values, (v) => v * Math.abs(v));
        const expected = attention(input, ws, deviations, mask).data;
        expect(largestDifference(squared(y.dataSync()), squared(expected))).toBeLessThan(1e-5);
      }),
      { numRuns: 40 },
    );
  });

  it('tells the weights of each frame: exactly 0 where padded, 1 in sum elsewhere', () => {
    const mask = [...paddingMask([7, 4], 7), [false, true, false, true, false, false, false]];
    const ws = attentionWeightsOf(4, 5, 2);
    const layer = attentionPooling({ heads: 2, hiddenUnits: 5, seed: 1 });
    layer.build([null, null, 4] as never);
    layer.setWeights(ws.map((w) => tensorOf(w)));
    const weights = layer.weightsOf(tensorOf(x), maskTensor(mask));
    expect(weights.shape).toEqual([3, 2, 7]);
    const values = weights.dataSync();
    expect(largestDifference(values, attentionWeights(x, ws, mask).data)).toBeLessThan(1e-6);
    values.forEach((value, i) => {
      if (!mask[Math.floor(i / 14)]![i % 7]!) expect(value).toBe(0);
    });
    expect(Array.from(tf.sum(layer.weightsOf(tensorOf(x)), -1).dataSync(), (s) => s.toFixed(5))).toEqual(
      new Array(6).fill('1.00000'),
    );
  });

  it.each([false, true])('of one frame, and of padding alone, is finite, statistics %s', (deviations) => {
    const layer = attentionPooling({ heads: 2, statistics: deviations, seed: 1 });
    const input = tf.tensor3d([2, -3, 9, 9, 9, 9, 9, 9], [2, 2, 2]);
    const kwargs = { mask: maskTensor(paddingMask([1, 0], 2)) };
    const y = Array.from((layer.apply(input, kwargs) as tf.Tensor).dataSync());
    const tail = deviations ? new Array<number>(4).fill(1e-5) : [];
    expect(largestDifference(y, [2, -3, 2, -3, ...tail, 0, 0, 0, 0, ...tail])).toBeLessThan(1e-6);
    const { grads } = tf.variableGrads(() => tf.sum(layer.apply(input, kwargs) as tf.Tensor) as tf.Scalar);
    for (const g of Object.values(grads)) expect(g.dataSync().every(Number.isFinite)).toBe(true);
    const dx = tf
      .grad((t: tf.Tensor) => tf.sum(layer.apply(t, kwargs) as tf.Tensor))(input)
      .dataSync();
    expect(dx.every(Number.isFinite)).toBe(true);
    expect(Array.from(dx.slice(2))).toEqual(new Array(6).fill(0));
  });

  it('starts from the same weights for the same seed, from others for another', () => {
    const start = (seed: number): string => {
      const layer = attentionPooling({ seed });
      layer.build([null, null, 3] as never);
      return layer
        .getWeights()
        .map((w) => w.dataSync().join())
        .join();
    };
    expect(start(1)).toBe(start(1));
    expect(start(1)).not.toBe(start(2));
  });

  it('refuses options that do not fit, by name', () => {
    expect(() => attentionPooling({ seed: 1, heads: 0 })).toThrow('attentionPooling: heads expected > 0, got 0');
    expect(() => attentionPooling({ seed: 1, head: 2 } as never)).toThrow(/unknown option "head"/);
    expect(() => attentionPooling({} as never)).toThrow(/seed expected/);
    expect(() => statisticsPooling({ floor: 0 })).toThrow('statisticsPooling: floor expected > 0, got 0');
  });
});

describe('averagePooling', () => {
  useWasm();

  it('equals the float64 mean for any shape and mask', () => {
    fc.assert(
      fc.property(shapes, ({ batch, frames, dims, seed }) => {
        const mask = someMask(batch, frames, seed);
        const input = randomArray([batch, frames, dims], seed);
        const y = averagePooling().apply(tensorOf(input), { mask: maskTensor(mask) }) as tf.Tensor;
        expect(largestDifference(y.dataSync(), average(input, mask).data)).toBeLessThan(1e-5);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a pooling layer in a model', () => {
  useWasm();

  it.each([
    ['averagePooling', () => averagePooling({ name: 'pooled' }), undefined],
    ['statisticsPooling', () => statisticsPooling({ name: 'pooled', floor: 0.5 }), MaskedStatistics],
    [
      'attentionPooling',
      () => attentionPooling({ name: 'pooled', seed: 3, heads: 2, hiddenUnits: 4, statistics: true }),
      MaskedAttention,
    ],
  ])('%s does not see padding, and is saved and loaded with its numbers', async (_name, create, kind) => {
    const model = tfl.sequential();
    model.add(tfl.layers.masking({ maskValue: 0, inputShape: [null, 4] as unknown as number[] }));
    model.add(create());
    const long = { shape: [1, 9, 4], data: new Float64Array(36) };
    const short = randomArray([1, 5, 4], 8);
    long.data.set(short.data);
    const numbers = (network: tfl.LayersModel, input: typeof short): Float32Array =>
      (network.apply(tensorOf(input)) as tf.Tensor).dataSync() as Float32Array;
    expect(largestDifference(numbers(model, long), numbers(model, short))).toBeLessThan(1e-6);
    const loaded = await importModel(await exportModel(model));
    expect(numbers(loaded, long)).toEqual(numbers(model, long));
    if (kind !== undefined) expect(loaded.getLayer('pooled')).toBeInstanceOf(kind);
  });
});
