import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.ts';
import { lastThroughout, mixRows, symmetricBeta } from '../../src/models/mixup.ts';
import { prepareBatch } from '../../src/models/train-batch.ts';
import { smallProblem } from './small-problem.ts';

describe('symmetricBeta()', () => {
  // Beta(a, a) has mean 1/2 and variance 1 / (4 (2a + 1)).
  it.each([0.1, 0.4, 1, 2, 8])('has the mean and the variance of Beta(%d, same)', (alpha) => {
    const random = createRandom(1);
    const draws = Array.from({ length: 20_000 }, () => symmetricBeta(alpha, random));
    const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
    const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length;
    expect(mean).toBeGreaterThan(0.485);
    expect(mean).toBeLessThan(0.515);
    expect(variance * 4 * (2 * alpha + 1)).toBeGreaterThan(0.95);
    expect(variance * 4 * (2 * alpha + 1)).toBeLessThan(1.05);
  });

  it('stays in [0, 1] for an alpha whose gammas no float64 holds', () => {
    const random = createRandom(2);
    for (let i = 0; i < 1000; i++) {
      const x = symmetricBeta(1e-4, random);
      expect(x >= 0 && x <= 1).toBe(true);
    }
  });
});

describe('mixRows()', () => {
  it('mixes every row with its partner, in all arrays alike', () => {
    const values = Float32Array.of(1, 2, 10, 20, 100, 200);
    const targets = Float32Array.of(1, 10, 100);
    mixRows([values, targets], 3, 0.75, createRandom(2));
    for (let row = 0; row < 3; row++) {
      expect(values[2 * row]).toBeCloseTo(targets[row]!, 4);
      expect(values[2 * row + 1]).toBeCloseTo(2 * targets[row]!, 3);
    }
    // Each is a partner once, so the sums stay.
    expect(targets.reduce((sum, v) => sum + v, 0)).toBeCloseTo(111, 3);
    expect([...targets].some((value, row) => value !== 10 ** row)).toBe(true);
  });

  it('leaves everything at a weight of 1, and a clip that is alone', () => {
    const values = Float32Array.of(1, 2, 3, 4);
    mixRows([values], 2, 1, createRandom(1));
    expect([...values]).toEqual([1, 2, 3, 4]);
    mixRows([values], 1, 0.3, createRandom(1));
    expect([...values]).toEqual([1, 2, 3, 4]);
  });
});

describe('prepareBatch() with mixup', () => {
  const batch = smallProblem(9, 1);
  const options = {
    classWeights: Float32Array.of(1, 2, 3),
    labelSmoothing: 0,
    featureMasks: undefined,
    mixup: { alpha: 2 },
  };

  it('gives mixed clips the length of the longer one, and targets that add up as before', () => {
    const plain = prepareBatch(batch, { ...options, mixup: undefined }, 5);
    const mixed = prepareBatch(batch, options, 5);
    const [clips, frames, dims] = mixed.shape;
    const lengthIn = (values: Float32Array, row: number): number => {
      const clip = values.subarray(row * frames * dims, (row + 1) * frames * dims);
      return Math.ceil(clip.reduce((end, value, i) => (value === 0 ? end : i + 1), 0) / dims);
    };
    let longer = 0;
    for (let row = 0; row < clips; row++) {
      expect(lengthIn(mixed.values, row)).toBeGreaterThanOrEqual(batch[row]!.features.frames);
      longer += Number(lengthIn(mixed.values, row) > batch[row]!.features.frames);
    }
    expect(longer).toBeGreaterThan(0);
    const sum = (values: Float32Array): number => values.reduce((total, v) => total + v, 0);
    expect(sum(mixed.targets)).toBeCloseTo(sum(plain.targets), 4);
    expect(sum(mixed.values)).toBeCloseTo(sum(plain.values), 3);
  });

  it('keeps dimensions of the whole clip the same in all of its frames, mixed as its target is', () => {
    const told = batch.map(({ features, target }, i) => {
      const { data, frames, dims } = features;
      const own = Array.from({ length: frames }, (_, t) => [...data.subarray(t * dims, (t + 1) * dims), i + 1, -i - 1]);
      return { features: { data: Float32Array.from(own.flat()), frames, dims: dims + 2 }, target };
    });
    const mixed = prepareBatch(told, { ...options, mixup: { alpha: 2, utteranceDims: 2 } }, 5);
    const without = prepareBatch(told, options, 5);
    const [clips, frames, dims] = mixed.shape;
    let beyond = 0;
    for (let row = 0; row < clips; row++) {
      const of = ({ values }: typeof mixed) =>
        Array.from({ length: frames }, (_, t) => [...values.subarray((row * frames + t) * dims).subarray(0, dims)]);
      const [rows, plain] = [of(mixed), of(without)];
      const whole = rows[0]!.slice(-2);
      expect(whole).toEqual(plain[0]!.slice(-2));
      rows.forEach((values, t) => {
        const isPadding = plain[t]!.every((value) => value === 0);
        expect(values.slice(-2)).toEqual(isPadding ? [0, 0] : whole);
        expect(values.slice(0, -2)).toEqual(plain[t]!.slice(0, -2));
        beyond += Number(values[dims - 1] !== plain[t]![dims - 1]);
      });
    }
    expect(beyond).toBeGreaterThan(5);
    expect(mixed.targets).toEqual(without.targets);
  });

  it('leaves padding where it is when a clip is not mixed after all', () => {
    const lengths = [1, 3];
    const values = () => Float32Array.of(5, 7, 0, 0, 0, 0, 1, 2, 3, 2, 4, 2);
    for (const [weight, expected] of [
      [1, [7, 0, 0, 2, 2, 2]],
      [0, [7, 7, 7, 2, 0, 0]],
      [0.5, [7, 7, 7, 2, 2, 2]],
    ] as const) {
      const mixed = values();
      // As mixRows() leaves the second clip where all is taken from the first, which is shorter.
      if (weight === 0) mixed.fill(0, 8);
      lastThroughout(mixed, [3, 2], lengths, { partners: [1, 0], weight, utteranceDims: 1 });
      expect([...mixed.filter((_, i) => i % 2 === 1)]).toEqual(expected);
    }
  });

  it('is a function of the seed', () => {
    expect(prepareBatch(batch, options, 5)).toEqual(prepareBatch(batch, options, 5));
    expect(prepareBatch(batch, options, 5)).not.toEqual(prepareBatch(batch, options, 6));
  });

  it('leaves the examples as they were', () => {
    const before = batch.map(({ features }) => features.data.slice());
    prepareBatch(batch, { ...options, featureMasks: { time: { count: 2, maxFrames: 9 } } }, 1);
    expect(batch.map(({ features }) => features.data)).toEqual(before);
  });
});
