import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalErrorRate } from '../../src/metrics/index.ts';
import { codeOf } from '../support/error-of.ts';

describe('equalErrorRate()', () => {
  it('is 0 for scores that part the two kinds, 1 upside down, 0.5 where all are equal', () => {
    expect(equalErrorRate([3, 2, 1, 0], [true, true, false, false])).toBe(0);
    expect(equalErrorRate([3, 2, 1, 0], [false, false, true, true])).toBe(1);
    expect(equalErrorRate([1, 1, 1], [true, false, false])).toBe(0.5);
  });
  it('reads between two thresholds where none errs as often either way', () => {
    // Let in / missed go from 0 / 2/3 to 1 / 1/3 at the one different pair: the step down meets the diagonal at 2/3.
    expect(equalErrorRate([4, 3, 2, 1], [true, false, true, true])).toBeCloseTo(2 / 3, 15);
    // From 0 / 1/2 to 1 / 0 through a tie of one of each: a slope, met at 1/3.
    expect(equalErrorRate([4, 3, 3], [true, true, false])).toBeCloseTo(1 / 3, 15);
  });
  it('depends on the order of scores alone, and stays in [0, 1]', () => {
    const pairs = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.boolean()), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(pairs, (drawn) => {
        const same = drawn.map(([, value]) => value);
        fc.pre(same.includes(true) && same.includes(false));
        const scores = drawn.map(([score]) => score);
        const rate = equalErrorRate(scores, same);
        expect(rate).toBeGreaterThanOrEqual(0);
        expect(rate).toBeLessThanOrEqual(1);
        expect(
          equalErrorRate(
            Float32Array.from(scores, (x) => Math.exp(x / 4)),
            same,
          ),
        ).toBe(rate);
        // Upside down and with the kinds exchanged, both errors change places.
        const mirrored = equalErrorRate(
          scores.map((x) => -x),
          same.map((x) => !x),
        );
        expect(mirrored).toBeCloseTo(rate, 12);
      }),
      { numRuns: 200 },
    );
  });
  it('refuses no scores, one kind alone, unequal lengths, and what is not a number', () => {
    expect(codeOf(() => equalErrorRate([], []))).toBe('empty');
    expect(codeOf(() => equalErrorRate([1, 2], [true, true]))).toBe('bad-input');
    expect(codeOf(() => equalErrorRate([1, 2], [false, false]))).toBe('bad-input');
    expect(codeOf(() => equalErrorRate([1, 2], [true]))).toBe('bad-input');
    expect(codeOf(() => equalErrorRate([1, Number.NaN], [true, false]))).toBe('not-finite');
    expect(codeOf(() => equalErrorRate(5 as unknown as number[], [true]))).toBe('bad-input');
    expect(codeOf(() => equalErrorRate([1, 2], [1, 0] as unknown as boolean[]))).toBe('bad-input');
  });
});
