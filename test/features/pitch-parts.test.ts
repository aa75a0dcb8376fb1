import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Autocorrelation } from '../../src/dsp/autocorrelation.ts';
import { betaCumulative } from '../../src/features/pitch/beta-distribution.ts';
import { PitchPath } from '../../src/features/pitch/pitch-path.ts';
import { PeriodRefiner } from '../../src/features/pitch/refine-period.ts';

const finite = (min: number, max: number) => fc.double({ min, max, noNaN: true });

describe('Autocorrelation', () => {
  it('is the sum of products, with zeros beyond the frame', () => {
    fc.assert(
      fc.property(
        fc.array(finite(-1, 1), { minLength: 2, maxLength: 90 }),
        fc.integer({ min: 0, max: 95 }),
        (x, maxLag) => {
          const frameLength = x.length - 1;
          const autocorrelation = new Autocorrelation(frameLength, maxLag);
          autocorrelation.frame.fill(1, 0, frameLength); // what came before leaves no trace
          autocorrelation.run();
          autocorrelation.frame.set(x.slice(1));
          autocorrelation.run();
          expect(autocorrelation.values.length).toBe(maxLag + 1);
          for (let k = 0; k <= maxLag; k++) {
            let sum = 0;
            for (let n = 1; n + k <= frameLength; n++) sum += x[n] * x[n + k];
            expect(Math.abs(autocorrelation.values[k] - sum)).toBeLessThan(1e-12);
          }
        },
      ),
    );
  });
});

describe('betaCumulative()', () => {
  it('is the binomial sum for whole parameters', () => {
    for (const [a, b] of [
      [2, 18],
      [1, 1],
      [5, 2],
      [30, 40],
    ]) {
      for (const x of [0, 1e-6, 0.01, 0.1, 0.3, 0.5, 0.9, 0.999, 1]) {
        const n = a + b - 1;
        let sum = 0;
        let choose = 1;
        for (let j = 0; j <= n; j++) {
          if (j >= a) sum += choose * x ** j * (1 - x) ** (n - j);
          choose = (choose * (n - j)) / (j + 1);
        }
        expect(Math.abs(betaCumulative(x, a, b) - sum)).toBeLessThan(1e-13);
      }
    }
  });

  it('knows the arcsine law, where no parameter is whole', () => {
    for (const x of [0.001, 0.2, 0.5, 0.77]) {
      expect(Math.abs(betaCumulative(x, 0.5, 0.5) - (2 / Math.PI) * Math.asin(Math.sqrt(x)))).toBeLessThan(1e-13);
    }
  });
});

/** The log probability of the best of all paths, by the definition: every state from every state. */
function bestPath(rows: readonly (readonly number[])[], unvoiced: readonly number[], reach: number, p: number) {
  const nBins = rows[0].length;
  const tiny = 2.2250738585072014e-308;
  const move = (from: number, to: number): number => {
    const weight = (k: number, j: number): number => Math.max(0, (reach + 1 - Math.abs(j - k)) / (reach + 1));
    let sum = 0;
    for (let j = 0; j < nBins; j++) sum += weight(from % nBins, j);
    const change = from < nBins === to < nBins ? 1 - p : p;
    return Math.log((change * weight(from % nBins, to % nBins)) / sum + tiny);
  };
  const seen = (t: number, s: number): number => Math.log((s < nBins ? rows[t][s] : unvoiced[t]) + tiny);
  const cost = (states: readonly number[]): number =>
    states.reduce((sum, s, t) => sum + seen(t, s) + (t > 0 ? move(states[t - 1], s) : -Math.log(2 * nBins)), 0);
  let values = Array.from({ length: 2 * nBins }, (_, s) => seen(0, s) - Math.log(2 * nBins));
  for (let t = 1; t < rows.length; t++) {
    values = values.map((_, s) => Math.max(...values.map((value, from) => value + move(from, s))) + seen(t, s));
  }
  return { best: Math.max(...values), cost };
}

describe('PitchPath', () => {
  it('is as likely as the best of all paths, however few frames are held', () => {
    const sparse = fc.oneof(fc.constant(0), finite(0.001, 0.2));
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 17 }).chain((nBins) =>
          fc.record({
            rows: fc.array(fc.array(sparse, { minLength: nBins, maxLength: nBins }), { minLength: 1, maxLength: 12 }),
            reach: fc.integer({ min: 0, max: nBins - 1 }),
            switchProb: finite(0.01, 0.9),
          }),
        ),
        ({ rows, reach, switchProb }) => {
          const nBins = rows[0].length;
          const unvoiced = rows.map((row) => Math.max(0, 1 - row.reduce((sum, x) => sum + x, 0)) / nBins);
          const found = [1, 3, 2048].map((held) => {
            const path = new PitchPath({ nBins, reach, switchProb }, held);
            path.begin(rows.length);
            for (const [t, row] of rows.entries()) path.step(Float64Array.from(row), unvoiced[t]);
            return Array.from(path.finish());
          });
          const states = found[2];
          expect(found[0]).toEqual(states);
          expect(found[1]).toEqual(states);
          const { best, cost } = bestPath(rows, unvoiced, reach, switchProb);
          expect(states.length).toBe(rows.length);
          expect(cost(states)).toBeGreaterThan(best - 1e-6);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('leaps farther than it may rather than stay where no pitch was seen, as librosa does', () => {
    const path = new PitchPath({ nBins: 10, reach: 1, switchProb: 0.01 });
    path.begin(6);
    for (const bin of [0, 0, 0, 9, 9, 9]) path.step(new Float64Array(10).fill(1, bin, bin + 1), 0);
    expect(Array.from(path.finish())).toEqual([0, 0, 0, 9, 9, 9]);
  });
});

describe('PeriodRefiner', () => {
  it('finds the top of a cosine between the lags, and the value there', () => {
    const refiner = new PeriodRefiner();
    for (const period of [3.7, 5.3, 17.77, 60.5, 150.01]) {
      const similarity = Float64Array.from({ length: 200 }, (_, k) => 0.8 * Math.cos((2 * Math.PI * k) / period));
      const found = refiner.refine(similarity, Math.round(period) + 0.3);
      expect(Math.abs(found / period - 1)).toBeLessThan(2e-3);
      expect(Math.abs(refiner.similarity - 0.8)).toBeLessThan(0.02);
    }
  });

  it('stays where no peak is near', () => {
    const falling = Float64Array.from({ length: 200 }, (_, k) => 1 - k / 200);
    expect(new PeriodRefiner().refine(falling, 50.25)).toBe(50.25);
    expect(new PeriodRefiner().refine(new Float64Array(200), 50.25)).toBe(50.25);
  });
});
