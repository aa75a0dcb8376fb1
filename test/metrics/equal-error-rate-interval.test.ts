import { describe, expect, it } from 'vitest';
import { createRandom, deriveSeed, gaussian } from '../../src/core/random.ts';
import {
  compareEqualErrorRates,
  detectionCost,
  equalErrorRate,
  equalErrorRateInterval,
} from '../../src/metrics/index.ts';
import { codeOf, errorOf } from '../support/error-of.ts';

/** Pairs of clips of speakers who differ by 1, their clips by `noise`; some speakers are noisier than others. */
function drawn(seed: number, speakers: number, each: number, noise = 1) {
  const random = createRandom(seed);
  const clips = Array.from({ length: speakers }, (_, s) => {
    const centre = [gaussian(random), gaussian(random), gaussian(random)];
    const own = noise * (0.5 + random());
    return Array.from({ length: each }, () => ({
      speaker: `s${s}`,
      at: centre.map((c) => c + own * gaussian(random)),
    }));
  }).flat();
  const scores: number[] = [];
  const first: string[] = [];
  const second: string[] = [];
  for (const [i, a] of clips.entries()) {
    for (const b of clips.slice(0, i)) {
      scores.push(-Math.hypot(...a.at.map((x, d) => x - b.at[d]!)));
      first.push(a.speaker);
      second.push(b.speaker);
    }
  }
  return { scores, pairs: { first, second }, same: first.map((speaker, i) => speaker === second[i]) };
}

describe('equalErrorRateInterval()', () => {
  it("has equalErrorRate()'s value, and errs as often both ways at its threshold", () => {
    const { scores, pairs, same } = drawn(1, 12, 5);
    const { value, low, high, threshold } = equalErrorRateInterval(scores, pairs, { seed: 1, resamples: 100 });
    expect(value).toBe(equalErrorRate(scores, same));
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
    const share = (kind: boolean, wrong: (score: number) => boolean): number => {
      const own = scores.filter((_, i) => same[i] === kind);
      return own.filter(wrong).length / own.length;
    };
    expect(share(false, (score) => score >= threshold)).toBeCloseTo(value, 2);
    expect(Math.abs(share(true, (score) => score < threshold) - value)).toBeLessThan(0.02);
  });
  it('is what resampling by copying pairs gives: own pairs once a draw, others once for each two draws', () => {
    const { scores, pairs } = drawn(2, 6, 4);
    const resamples = 41;
    const names = [...new Set(pairs.first.concat(pairs.second))].sort();
    const random = createRandom(deriveSeed(5, 'speaker-bootstrap'));
    const rates: number[] = [];
    while (rates.length < resamples) {
      const draws = names.map(() => names[Math.floor(random() * names.length)]!);
      const copied: number[] = [];
      const same: boolean[] = [];
      for (const [i, a] of draws.entries()) {
        for (const [j, b] of draws.entries()) {
          // Two draws of one speaker are of neither kind.
          if (i !== j && a === b) continue;
          for (const [k, score] of scores.entries()) {
            const isThis = pairs.first[k] === a && pairs.second[k] === b;
            if (!isThis) continue;
            copied.push(score);
            same.push(i === j);
          }
        }
      }
      if (same.includes(true) && same.includes(false)) rates.push(equalErrorRate(copied, same));
    }
    rates.sort((a, b) => a - b);
    const got = equalErrorRateInterval(scores, pairs, { seed: 5, resamples, level: 0.9 });
    // The 5th and the 95th of 100 steps between 41 values lie on the third from either end.
    expect(got.low).toBeCloseTo(rates[2]!, 12);
    expect(got.high).toBeCloseTo(rates[38]!, 12);
  });
  it('holds the rate of all speakers about as often as it says', () => {
    // Of very many speakers; 40 of them are drawn each time.
    const rates = [1, 2, 3].map((seed) => {
      const { scores, same } = drawn(900 + seed, 200, 3);
      return equalErrorRate(scores, same);
    });
    const truth = rates.reduce((sum, rate) => sum + rate / rates.length, 0);
    let held = 0;
    const times = 100;
    for (let seed = 0; seed < times; seed++) {
      const { scores, pairs } = drawn(seed, 40, 3);
      const { low, high } = equalErrorRateInterval(scores, pairs, { seed, resamples: 200 });
      if (low <= truth && truth <= high) held++;
    }
    expect(held / times).toBeGreaterThan(0.88);
  });
  it('gives the same interval for the same seed, in whatever order the pairs come', () => {
    const { scores, pairs } = drawn(3, 8, 3);
    const reversed = { first: [...pairs.second].reverse(), second: [...pairs.first].reverse() };
    const options = { seed: 4, resamples: 50 };
    const once = equalErrorRateInterval(scores, pairs, options);
    expect(equalErrorRateInterval([...scores].reverse(), reversed, options)).toEqual(once);
    expect(equalErrorRateInterval(scores, pairs, { ...options, seed: 6 })).not.toEqual(once);
  });
  it('takes 100,000 pairs and 1,000 resamples within seconds', () => {
    const { scores, pairs } = drawn(4, 16, 28);
    expect(scores.length).toBeGreaterThan(100_000);
    const began = performance.now();
    equalErrorRateInterval(scores, pairs, { seed: 1 });
    expect(performance.now() - began).toBeLessThan(8000);
  });
  it('refuses what it cannot be measured on, each by name', () => {
    const pairs = { first: ['a', 'a', 'b'], second: ['a', 'b', 'b'] };
    const run = (scores: unknown, of: unknown = pairs, options: unknown = { seed: 1 }) =>
      errorOf(() => equalErrorRateInterval(scores as number[], of as typeof pairs, options as { seed: number }));
    expect(run([1, 2]).message).toBe('equalErrorRateInterval: scores expected a number for each of 3 pairs, got 2');
    expect(run([1, 2, Number.NaN])).toMatchObject({ code: 'not-finite' });
    expect(run([1, 2], { first: ['a', 'b'], second: ['a', 'b'] }).message).toMatch(/none of different speakers/);
    expect(run([1], { first: ['a'], second: ['b'] }).message).toMatch(/none of the same speaker/);
    expect(run([], { first: [], second: [] })).toMatchObject({ code: 'empty' });
    expect(run([1], { first: ['a'], second: [] })).toMatchObject({ code: 'bad-input' });
    expect(run([1, 2, 3], { first: ['a', 'a', 1], second: ['a', 'b', 'b'] })).toMatchObject({ code: 'bad-input' });
    expect(run([1, 2, 3], null)).toMatchObject({ code: 'bad-input' });
    expect(run([1, 2, 3], pairs, {})).toMatchObject({ code: 'bad-option' });
    expect(run([1, 2, 3], pairs, { seed: 1, draws: 5 }).message).toMatch(/unknown option "draws"/);
    expect(run([1, 2, 3], pairs, { seed: 1, level: 1 })).toMatchObject({ code: 'bad-option' });
  });
  it('redraws until there are pairs of both kinds, with as few as two speakers', () => {
    const pairs = { first: ['a', 'a', 'b'], second: ['a', 'b', 'b'] };
    expect(equalErrorRateInterval([3, 1, 2], pairs, { seed: 1, resamples: 30 })).toMatchObject({ low: 0, high: 0 });
  });
});

describe('compareEqualErrorRates()', () => {
  it('is surer of a difference than the two intervals are, as both are drawn together', () => {
    const { scores, pairs, same } = drawn(7, 16, 6);
    const random = createRandom(9);
    const noisier = scores.map((score) => score + 1.6 * gaussian(random));
    const { a, b, difference, ratio } = compareEqualErrorRates(scores, noisier, pairs, { seed: 1, resamples: 200 });
    expect(a).toEqual(equalErrorRateInterval(scores, pairs, { seed: 1, resamples: 200 }));
    expect(b).toEqual(equalErrorRateInterval(noisier, pairs, { seed: 1, resamples: 200 }));
    expect(difference.value).toBe(equalErrorRate(noisier, same) - equalErrorRate(scores, same));
    expect(ratio.value).toBe(b.value / a.value);
    expect(difference.high - difference.low).toBeLessThan(a.high - a.low);
    expect(difference.low).toBeGreaterThan(0);
    expect(compareEqualErrorRates(scores, scores, pairs, { seed: 1, resamples: 9 })).toMatchObject({
      difference: { value: 0, low: 0, high: 0 },
      ratio: { value: 1, low: 1, high: 1 },
    });
  });
});

describe('detectionCost()', () => {
  it('is the least over thresholds, against always deciding the same way', () => {
    const { scores, same } = drawn(8, 9, 4);
    const options = { targetPrior: 0.05, missCost: 2, falseAlarmCost: 1 };
    const [hits, others] = [true, false].map((kind) => scores.filter((_, i) => same[i] === kind)) as [
      number[],
      number[],
    ];
    const costs = [...scores, Number.POSITIVE_INFINITY].map((threshold) => {
      const missed = hits.filter((score) => score < threshold).length / hits.length;
      const letIn = others.filter((score) => score >= threshold).length / others.length;
      return (2 * 0.05 * missed + 0.95 * letIn) / Math.min(2 * 0.05, 0.95);
    });
    const { cost, threshold } = detectionCost(scores, same, options);
    expect(cost).toBeCloseTo(Math.min(...costs), 12);
    expect(costs[scores.indexOf(threshold)]).toBeCloseTo(cost, 12);
  });
  it('is 0 for scores that part the two kinds, 1 for those that say nothing or the contrary', () => {
    expect(detectionCost([2, 1], [true, false])).toEqual({ cost: 0, threshold: 2 });
    expect(detectionCost([1, 1], [true, false])).toEqual({ cost: 1, threshold: Number.POSITIVE_INFINITY });
    expect(detectionCost([1, 2], [true, false]).cost).toBe(1);
    expect(detectionCost([1, 2], [true, false], { falseAlarmCost: 0 })).toEqual({ cost: 0, threshold: 1 });
    expect(codeOf(() => detectionCost([1, 2], [true, false], { targetPrior: 0 }))).toBe('bad-option');
    expect(codeOf(() => detectionCost([1, 2], [true, true]))).toBe('bad-input');
  });
});
