import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { afterPlateauEpoch, learningRateAt, type PlateauState } from '../../src/models/learning-rate.ts';

const fixture = JSON.parse(readFileSync(new URL('fixtures/optimizers.json', import.meta.url), 'utf8')) as {
  readonly cosine: { readonly peak: number; readonly rates: readonly number[] };
  readonly plateaus: readonly {
    readonly mode: 'min' | 'max';
    readonly options: { factor: number; patience: number; threshold?: number; min_lr?: number };
    readonly values: readonly number[];
    readonly rates: readonly number[];
  }[];
};

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

  it("of 'cosine' is that of PyTorch's CosineAnnealingLR", () => {
    const { peak, rates } = fixture.cosine;
    rates.forEach((rate, step) => {
      expect(learningRateAt('cosine', peak, step / rates.length)).toBeCloseTo(rate, 12);
    });
  });
});

describe('afterPlateauEpoch()', () => {
  it.each(fixture.plateaus)("lowers the step size when PyTorch's ReduceLROnPlateau does, mode $mode", (run) => {
    const { factor, patience, threshold, min_lr: minRate } = run.options;
    const options = { factor, patience, threshold, minRate, metric: run.mode === 'min' ? 'loss' : 'uar' } as const;
    let state: PlateauState = { rate: 0.01, badEpochs: 0 };
    let epoch = 0;
    const rates = run.values.map((value) => {
      // The other metric gets better all the time: it must not count.
      const better = ++epoch;
      const validation =
        run.mode === 'min'
          ? { loss: value, unweightedAverageRecall: better }
          : { loss: 1 / better, unweightedAverageRecall: value };
      state = afterPlateauEpoch(state, validation, options);
      return state.rate;
    });
    rates.forEach((rate, i) => {
      expect(rate / run.rates[i]!).toBeCloseTo(1, 9);
    });
  });

  it('waits ten epochs by default and then goes down to a tenth', () => {
    let state: PlateauState = { rate: 1, badEpochs: 0 };
    const rates = Array.from({ length: 12 }, () => {
      state = afterPlateauEpoch(state, { loss: 1, unweightedAverageRecall: 0.5 }, {});
      return state.rate;
    });
    expect(rates.slice(0, 11)).toEqual(new Array(11).fill(1));
    expect(rates[11]).toBeCloseTo(0.1, 12);
  });

  it('never raises the step size, not even to minRate', () => {
    const state: PlateauState = { rate: 0.001, best: 1, badEpochs: 0 };
    const after = afterPlateauEpoch(state, { loss: 2, unweightedAverageRecall: 0.5 }, { patience: 0, minRate: 0.01 });
    expect(after.rate).toBe(0.001);
  });
});
