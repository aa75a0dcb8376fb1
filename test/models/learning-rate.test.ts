import { describe, expect, it } from 'vitest';
import { learningRateAt } from '../../src/models/learning-rate.ts';

describe('learningRateAt()', () => {
  it('is the peak all the time when constant', () => {
    for (const progress of [0, 0.3, 0.99]) expect(learningRateAt('constant', 0.01, progress)).toBe(0.01);
  });

  it('of one cycle rises from a tenth to the peak in the first fifth and falls to nothing', () => {
    expect(learningRateAt('one-cycle', 0.01, 0)).toBeCloseTo(0.001, 12);
    expect(learningRateAt('one-cycle', 0.01, 0.1)).toBeCloseTo(0.0055, 12);
    expect(learningRateAt('one-cycle', 0.01, 0.2)).toBeCloseTo(0.01, 12);
    expect(learningRateAt('one-cycle', 0.01, 0.6)).toBeCloseTo(0.005, 12);
    expect(learningRateAt('one-cycle', 0.01, 0.9999)).toBeLessThan(1e-8);
    const falling = Array.from({ length: 80 }, (_, i) => learningRateAt('one-cycle', 1, 0.2 + i / 100));
    for (let i = 1; i < falling.length; i++) expect(falling[i]!).toBeLessThan(falling[i - 1]!);
  });
});
