import { describe, expect, it } from 'vitest';
import type { FeatureMatrix } from '../../src/core/feature-matrix.ts';
import { deltas, fitStandardizer, parseStandardizer, stack } from '../../src/features/index.ts';

const matrix = (dims: number, values: readonly number[], names?: string[]): FeatureMatrix => ({
  data: Float32Array.from(values),
  frames: values.length / dims,
  dims,
  ...(names && { names }),
});
const near = (values: readonly number[], digits = 6) => values.map((x) => expect.closeTo(x, digits));

describe('deltas', () => {
  it('of a line is its slope, and the second of a parabola its curvature, up to the ends', () => {
    const line = matrix(
      2,
      Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? 3 * (i >> 1) : -(i >> 1))),
    );
    expect(Array.from(deltas(line).data)).toEqual(near(Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? 3 : -1))));
    const parabola = matrix(
      1,
      Array.from({ length: 9 }, (_, t) => 5 * t * t - t),
    );
    expect(Array.from(deltas(parabola, { order: 2 }).data)).toEqual(near(new Array(9).fill(10), 4));
  });

  it('names what it made', () => {
    const m = matrix(1, new Array(9).fill(0), ['rms']);
    expect(deltas(m).names).toEqual(['delta rms']);
    expect(deltas(m, { order: 2 }).names).toEqual(['delta2 rms']);
    expect(deltas(matrix(1, new Array(9).fill(0)))).not.toHaveProperty('names');
  });

  it('refuses too few frames, even and small widths, other orders, unknown options, NaN', () => {
    const m = matrix(1, new Array(8).fill(0));
    expect(() => deltas(m)).toThrow(
      expect.objectContaining({ code: 'too-short', message: 'deltas: expected at least width = 9 frames, got 8' }),
    );
    expect(() => deltas(m, { width: 4 })).toThrow(/width expected an odd number, got 4/);
    expect(() => deltas(m, { width: 1 })).toThrow(/width expected >= 3, got 1/);
    expect(() => deltas(m, { order: 3 as never })).toThrow(/order expected 1 \| 2, got 3/);
    expect(() => deltas(m, { mode: 'nearest' } as never)).toThrow(/unknown option "mode"/);
    expect(() => deltas(matrix(1, new Array(9).fill(Number.NaN)))).toThrow(
      expect.objectContaining({ code: 'not-finite' }),
    );
  });
});

describe('stack', () => {
  it('puts frames side by side in the order given, with their names', () => {
    const stacked = stack([matrix(2, [1, 2, 3, 4], ['a', 'b']), matrix(1, [5, 6], ['c'])]);
    expect(stacked).toEqual(matrix(3, [1, 2, 5, 3, 4, 6], ['a', 'b', 'c']));
    expect(stack([matrix(2, [1, 2], ['a', 'b']), matrix(1, [5])])).not.toHaveProperty('names');
    expect(stack([matrix(1, [])])).toEqual(matrix(1, []));
  });

  it('refuses unequal frames, nothing, and what is no matrix', () => {
    expect(() => stack([matrix(1, [1, 2]), matrix(1, [1, 2, 3])])).toThrow(
      'stack: expected equally many frames, got 2, 3; give every feature the same hopLength and center',
    );
    expect(() => stack([])).toThrow(expect.objectContaining({ code: 'empty' }));
    expect(() => stack(undefined as never)).toThrow(expect.objectContaining({ code: 'bad-input' }));
    expect(() => stack([{ data: [1], frames: 1, dims: 1 } as never])).toThrow(
      expect.objectContaining({ code: 'bad-input' }),
    );
  });
});

describe('fitStandardizer', () => {
  // scikit-learn 1.9.1: StandardScaler().fit([[1, 5, -600], [2, 5, -601], [4, 5, -600.5], [9, 5, -600]])
  const training = [matrix(3, [1, 5, -600, 2, 5, -601]), matrix(3, [4, 5, -600.5, 9, 5, -600])];
  const MEAN = [4, 5, -600.375];
  const DEVIATION = [Math.sqrt(9.5), 1, Math.sqrt(0.171875)];

  it("learns StandardScaler's mean and deviation over all frames, and leaves a constant dimension's scale", () => {
    const json = fitStandardizer(training).toJSON();
    expect(json.mean).toEqual(near(MEAN, 12));
    expect(json.deviation).toEqual(near(DEVIATION, 12));
  });

  it('brings what it was fitted on to mean 0 and deviation 1, keeps names, and leaves its input', () => {
    const named = { ...training[1], names: ['a', 'b', 'c'] };
    const before = named.data.slice();
    const out = fitStandardizer(training).transform(named);
    const expected = [0, 0, -0.125 / DEVIATION[2], 5 / DEVIATION[0], 0, 0.375 / DEVIATION[2]];
    expect(Array.from(out.data)).toEqual(near(expected));
    expect(out.names).toEqual(['a', 'b', 'c']);
    expect(named.data).toEqual(before);
  });

  it('stays exact where the mean is large beside the deviation', () => {
    const far = matrix(
      1,
      Array.from({ length: 1000 }, (_, t) => 4_000_000 + (t % 2)),
    );
    const { mean, deviation } = fitStandardizer([far]).toJSON();
    expect([mean[0], deviation[0]]).toEqual(near([4_000_000.5, 0.5], 9));
  });

  it('comes back from JSON text with the same transform', () => {
    const fitted = fitStandardizer(training);
    const restored = parseStandardizer(JSON.parse(JSON.stringify(fitted)));
    expect(restored.transform(training[0])).toEqual(fitted.transform(training[0]));
    expect(restored.toJSON()).toEqual(fitted.toJSON());
  });

  it('refuses nothing, no frames, unequal dims, unknown options and JSON that is none of its own', () => {
    expect(() => fitStandardizer([])).toThrow(expect.objectContaining({ code: 'empty' }));
    expect(() => fitStandardizer([matrix(3, [])])).toThrow(expect.objectContaining({ code: 'empty' }));
    expect(() => fitStandardizer([matrix(1, [1]), matrix(2, [1, 2])])).toThrow(
      /dims expected 1 in every matrix, got 2/,
    );
    expect(() => fitStandardizer(training, { per: 'clip' } as never)).toThrow(/unknown option "per"/);
    expect(() => fitStandardizer(training).transform(matrix(2, [1, 2]))).toThrow(/dims expected 3 .*, got 2/);
    const json = fitStandardizer(training).toJSON();
    for (const wrong of [null, {}, { ...json, version: 2 }, { ...json, more: 1 }, { ...json, dims: 2 }]) {
      expect(() => parseStandardizer(wrong)).toThrow(expect.objectContaining({ code: 'bad-format' }));
    }
    expect(() => parseStandardizer({ ...json, deviation: [1, 0, 1] })).toThrow(/deviation\[1\] expected > 0, got 0/);
  });
});
