import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, deriveSeed, gaussian, shuffled } from '../../src/core/random.ts';

const take = (seed: number, n: number): number[] => {
  const random = createRandom(seed);
  return Array.from({ length: n }, random);
};

// Computed by a second implementation, in Python integers, of sfc32 and MurmurHash3's finalizer.
const words = (seed: number): number[] => take(seed, 3).map((x) => x * 2 ** 32);

describe('createRandom', () => {
  it('gives these numbers for ever: a change would change every training', () => {
    expect(words(0)).toEqual([1653483689, 3040867876, 2449582513]);
    expect(words(1)).toEqual([3693754783, 4236150707, 1615575577]);
    expect(words(2 ** 53 - 1)).toEqual([1635415736, 597198884, 3030900949]);
  });

  it('gives the same numbers for the same seed, others for another, also above 2^32', () => {
    expect(take(7, 20)).toEqual(take(7, 20));
    const firsts = [0, 1, 2, 2 ** 32, 2 ** 32 + 1, 2 ** 33, 2 ** 52].map((seed) => take(seed, 1)[0]);
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  it('is uniform on [0, 1): 100 bins of 100,000 numbers within chi-squared 160 (chance of more: 1 in 10,000)', () => {
    for (const seed of [0, 1, 12345]) {
      const bins = new Array<number>(100).fill(0);
      for (const x of take(seed, 100_000)) bins[Math.floor(x * 100)]!++;
      expect(bins).toHaveLength(100); // a number outside [0, 1) would have made another bin
      const chiSquared = bins.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
      expect(chiSquared).toBeLessThan(160);
    }
  });

  it('has streams of neighbouring seeds that do not go together', () => {
    const [a, b] = [take(1, 10_000), take(2, 10_000)];
    const correlation = a.reduce((sum, x, i) => sum + (x - 0.5) * (b[i]! - 0.5), 0) / a.length / (1 / 12);
    expect(Math.abs(correlation)).toBeLessThan(0.04);
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 53, '1', undefined])('refuses the seed %o', (seed) => {
    expect(() => createRandom(seed as number)).toThrow(/createRandom: seed expected a whole number >= 0, got /);
  });
});

describe('deriveSeed', () => {
  it('gives these seeds for ever', () => {
    expect([deriveSeed(1), deriveSeed(1, 'model'), deriveSeed(2 ** 40, 'order', 3)]).toEqual([
      3473768677, 1153333549, 2757379197,
    ]);
  });

  it('tells purposes apart, their order and where one ends', () => {
    const seeds = [
      deriveSeed(1, 'a'),
      deriveSeed(1, 'b'),
      deriveSeed(1, 'a', 'b'),
      deriveSeed(1, 'b', 'a'),
      deriveSeed(1, 'ab'),
      deriveSeed(1, 'a', 0),
      deriveSeed(1, 'a', 1),
      deriveSeed(2, 'a'),
      deriveSeed(1 + 2 ** 32, 'a'),
    ];
    expect(new Set(seeds).size).toBe(seeds.length);
  });

  it('is a seed that createRandom takes, and hardly ever meets another', () => {
    const seeds = Array.from({ length: 2000 }, (_, i) => deriveSeed(1, 'epoch', i));
    for (const seed of seeds) createRandom(seed);
    expect(new Set(seeds).size).toBeGreaterThan(1997);
  });
});

describe('gaussian', () => {
  it('has mean 0, deviation 1, and is finite also for the ends of [0, 1)', () => {
    const random = createRandom(3);
    const xs = Array.from({ length: 50_000 }, () => gaussian(random));
    const mean = xs.reduce((a, b) => a + b) / xs.length;
    const deviation = Math.sqrt(xs.reduce((a, x) => a + (x - mean) ** 2, 0) / xs.length);
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(deviation - 1)).toBeLessThan(0.02);
    expect(Number.isFinite(gaussian(() => 0))).toBe(true);
    expect(Number.isFinite(gaussian(() => 1 - 2 ** -32))).toBe(true);
  });
});

describe('shuffled', () => {
  it('keeps every item and leaves its input alone', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(), (items, seed) => {
        const before = items.slice();
        const out = shuffled(items, createRandom(seed));
        expect(items).toEqual(before);
        expect(out.slice().sort()).toEqual(before.sort());
      }),
      { numRuns: 100 },
    );
  });

  it('puts each item everywhere equally often', () => {
    const random = createRandom(5);
    const counts = Array.from({ length: 4 }, () => new Array<number>(4).fill(0));
    for (let i = 0; i < 8000; i++) {
      shuffled([0, 1, 2, 3], random).forEach((item, place) => {
        counts[item]![place]!++;
      });
    }
    for (const n of counts.flat()) expect(Math.abs(n - 2000)).toBeLessThan(200);
  });
});
