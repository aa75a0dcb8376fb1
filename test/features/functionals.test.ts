import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeatureMatrix } from '../../src/core/feature-matrix.ts';
import { type FunctionalsOptions, functionals, type Statistic } from '../../src/features/index.ts';
import { pitch } from '../../src/features/pitch.ts';
import { errorOf } from '../support/error-of.ts';
import { pitchSignal } from './pitch-signals.ts';
import { readFixture } from './support.ts';

const STATISTICS: readonly Statistic[] = [
  'mean',
  'standardDeviation',
  'min',
  'max',
  'range',
  'slope',
  'skewness',
  'kurtosis',
];
const EVERYTHING: FunctionalsOptions = { statistics: STATISTICS, percentiles: [0, 5, 20, 50, 80.5, 100] };

/** The matrix of make_functionals.py: multiples of 1/64. */
function matrixOf(frames: number, dims: number, seed = 1): FeatureMatrix {
  let state = seed;
  const data = Float32Array.from({ length: frames * dims }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 20) / 64 - 20;
  });
  return { data, frames, dims };
}

const column = (...values: number[]): FeatureMatrix => ({
  data: Float32Array.from(values),
  frames: values.length,
  dims: 1,
});

/** What is said under a name. */
function said(m: FeatureMatrix, name: string, options?: FunctionalsOptions): number {
  const { values, names } = functionals(m, options);
  return values[names.indexOf(name)];
}

describe('functionals()', () => {
  const { functionals: expected } = readFixture<{ functionals: { all: string; voiced: string } }>('functionals.json');
  const numbers = (text: string) => new Float64Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);
  const mask: FeatureMatrix = column(...Array.from({ length: 57 }, (_, t) => ((t * 7) % 10 < 4 ? 1 : 0)));

  it.each([
    ['all', undefined],
    ['voiced', { mask }],
  ] as const)("has numpy's and scipy's numbers over %s frames, within float32's rounding", (key, voiced) => {
    const { values } = functionals(matrixOf(57, 4), { ...EVERYTHING, voiced });
    const truth = numbers(expected[key]);
    expect(values.length).toBe(truth.length);
    for (let i = 0; i < truth.length; i++)
      expect(Math.abs(values[i] - truth[i])).toBeLessThan(1e-6 * (1 + Math.abs(truth[i])));
  });

  it('names every value, all of a dimension together', () => {
    const m = { ...matrixOf(4, 2), names: ['f0', 'voiced'] };
    const options = { statistics: ['mean', 'slope'], percentiles: [20] } as const;
    expect(functionals(m, options).names).toEqual([
      'mean(f0)',
      'slope(f0)',
      'percentile20(f0)',
      'mean(voiced)',
      'slope(voiced)',
      'percentile20(voiced)',
    ]);
    expect(functionals(m, { ...options, voiced: { mask: 'voiced', threshold: 0.5 } }).names.slice(2, 4)).toEqual([
      'percentile20(f0, voiced)',
      'mean(voiced)',
    ]);
    expect(functionals(matrixOf(4, 1)).names).toEqual([
      ...['mean', 'standardDeviation', 'min', 'max', 'range', 'slope'].map((s) => `${s}(dim0)`),
      ...[20, 50, 80].map((p) => `percentile${p}(dim0)`),
    ]);
  });

  it('summarises voiced frames alone, with their times in the slope, and the mask over all', () => {
    const m: FeatureMatrix = {
      data: Float32Array.of(100, 0.9, 1, 0, 1, 0, 0, 0.2, 140, 0.7),
      frames: 5,
      dims: 2,
      names: ['f0', 'voiced'],
    };
    const options: FunctionalsOptions = { voiced: { mask: 'voiced', threshold: 0.5 } };
    expect(said(m, 'mean(f0, voiced)', options)).toBe(120);
    expect(said(m, 'slope(f0, voiced)', options)).toBe(10);
    expect(said(m, 'slope(f0, voiced)', { ...options, frameRate: 100 })).toBe(1000);
    expect(said(m, 'mean(voiced)', options)).toBeCloseTo(0.36, 6);
    expect(said(m, 'mean(f0, voiced)', { voiced: { mask: 'voiced', threshold: 0.8 } })).toBe(100);
    expect(said(m, 'mean(f0, voiced)', { voiced: { mask: 'f0', threshold: 0, dims: ['f0'] } })).toBe(60.5);
    expect(said(m, 'mean(voiced)', { voiced: { mask: 'f0', threshold: 0, dims: ['f0'] } })).toBeCloseTo(0.36, 6);
    expect(said(m, 'min(f0)', { voiced: { mask: 'f0', dims: [] } })).toBe(0);
  });

  it("takes f0 > 0 for voiced, f0 itself among what is summarised, where pYIN's probability would find too few", () => {
    // Whispered and hoarse frames have a pitch and a low probability, as real clips have many.
    const { samples, sampleRate } = pitchSignal('glide');
    const hoarse = samples.map((x, n) => x + 0.03 * Math.sin(n * n * 0.37));
    const m = pitch({ samples: hoarse, sampleRate }, { frameLength: 1024, hopLength: 160 });
    const frames = Array.from({ length: m.frames }, (_, t) => [m.data[2 * t]!, m.data[2 * t + 1]!] as const);
    const f0s = frames.filter(([f0]) => f0 > 0).map(([f0]) => f0);
    expect(f0s.length).toBeGreaterThan(20);
    expect(frames.filter(([f0, p]) => f0 > 0 && p <= 0.5).length).toBeGreaterThan(f0s.length / 3);
    const mean = f0s.reduce((sum, f0) => sum + f0, 0) / f0s.length;
    expect(said(m, 'mean(f0, voiced)', { voiced: { mask: 'f0' } })).toBeCloseTo(mean, 3);
    expect(functionals(m, { voiced: { mask: 'f0' } }).names).toContain('mean(voiced, voiced)');
  });

  it("refuses the mask 'voiced' without a threshold, and says what to take", () => {
    const m: FeatureMatrix = { ...matrixOf(4, 2), names: ['f0', 'voiced'] };
    const error = errorOf(() => functionals(m, { voiced: { mask: 'voiced' } }));
    expect(error.code).toBe('bad-option');
    expect(error.message).toContain("functionals: voiced expected mask 'f0', or a threshold beside mask 'voiced'");
    expect(functionals(m, { voiced: { mask: 'voiced', threshold: 0 } }).values.length).toBe(18);
  });

  it('is 0 throughout where no frame is voiced', () => {
    const m = { ...column(3, 4, 5), names: ['f0'] };
    const { values } = functionals(m, { ...EVERYTHING, voiced: { mask: column(0, 0, 0) } });
    expect(values.every((x) => x === 0)).toBe(true);
  });

  it('of one frame, or of equal values, has no deviation, range, slope, skewness or kurtosis', () => {
    for (const m of [column(0.1), column(0.1, 0.1, 0.1)]) {
      const { values } = functionals(m, { statistics: STATISTICS, percentiles: [0, 33, 100] });
      const x = Math.fround(0.1);
      expect(Array.from(values)).toEqual([x, 0, x, x, 0, 0, 0, 0, x, x, x]);
    }
  });

  it('does not depend on the order of frames, but for the slope, which turns round when they do', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 40 }), (values) => {
        const there = functionals(column(...values), EVERYTHING);
        const back = functionals(column(...[...values].reverse()), EVERYTHING);
        there.names.forEach((name, i) => {
          const sign = name.startsWith('slope') ? -1 : 1;
          expect(Math.abs(sign * back.values[i] - there.values[i])).toBeLessThan(
            1e-4 * (1 + Math.abs(there.values[i])),
          );
        });
      }),
    );
  });

  it('moves with what is added, and grows with what frames are multiplied by', () => {
    const moving = new Set(['mean', 'min', 'max', 'percentile20', 'percentile50', 'percentile80']);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 1, maxLength: 30 }), (values) => {
        const plain = functionals(column(...values));
        const moved = functionals(column(...values.map((x) => 2 * x + 64)));
        plain.names.forEach((name, i) => {
          const expected = 2 * plain.values[i] + (moving.has(name.split('(')[0]) ? 64 : 0);
          expect(Math.abs(moved.values[i] - expected)).toBeLessThan(1e-3);
        });
      }),
    );
  });

  it('has percentiles between min and max, in order of rank', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 }), { minLength: 1 }),
        (values) => {
          const { values: p } = functionals(column(...values), { statistics: [], percentiles: [0, 10, 50, 90, 100] });
          for (let i = 1; i < p.length; i++) expect(p[i]).toBeGreaterThanOrEqual(p[i - 1]);
          expect(p[0]).toBe(Math.min(...values.map(Math.fround)) + 0);
        },
      ),
    );
  });

  it('refuses no frames, NaN, names that are not there, masks of other lengths, and what it does not know', () => {
    expect(errorOf(() => functionals({ data: new Float32Array(0), frames: 0, dims: 2 })).code).toBe('empty');
    expect(errorOf(() => functionals(column(1, Number.NaN))).code).toBe('not-finite');
    const m = { ...column(1, 2), names: ['f0'] };
    expect(errorOf(() => functionals(m, { voiced: { mask: 'voicing' } })).message).toBe(
      'functionals: voiced.mask expected the name of a dimension, f0, got "voicing"',
    );
    const eight = { data: new Float32Array(8), frames: 1, dims: 8, names: [...'abcdefgh'] };
    expect(errorOf(() => functionals(eight, { voiced: { mask: 'a', dims: ['x'] } })).message).toBe(
      'functionals: voiced.dims expected the name of a dimension, a | b | c | d | e | f or 2 more, got "x"',
    );
    expect(errorOf(() => functionals(m, { voiced: { mask: column(1) } })).message).toBe(
      'functionals: voiced.mask expected 2 frames of 1 dim, got 1 of 1',
    );
    expect(errorOf(() => functionals(m, { voiced: { mask: {} as never } })).code).toBe('bad-input');
    expect(errorOf(() => functionals(m, { median: true } as never)).message).toContain('unknown option "median"');
    expect(errorOf(() => functionals(m, { statistics: ['median' as never] })).code).toBe('bad-option');
    expect(errorOf(() => functionals(m, { percentiles: [101] })).message).toContain('expected <= 100, got 101');
    expect(errorOf(() => functionals(m, { percentiles: [5, 5] })).message).toBe(
      'functionals: percentiles expected each once, got 5 twice',
    );
    expect(errorOf(() => functionals(m, { statistics: [], percentiles: [] })).code).toBe('bad-option');
    expect(errorOf(() => functionals(m, { frameRate: 0 })).message).toContain('frameRate expected > 0, got 0');
  });
});
