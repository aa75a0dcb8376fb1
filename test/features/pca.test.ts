import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeatureMatrix } from '../../src/core/feature-matrix.ts';
import { fitPca, type PcaOptions, parsePca } from '../../src/features/pca.ts';
import { readFixture, unpack } from './support.ts';

interface Case {
  readonly options: { readonly n_components: number; readonly whiten?: boolean };
  readonly frames: number;
  readonly dims: number;
  readonly x: string;
  readonly axes: readonly (readonly number[])[];
  readonly explainedVariance: readonly number[];
  readonly explainedVarianceRatio: readonly number[];
  readonly transformed: readonly number[];
  readonly inverse: readonly number[];
}

const { cases } = readFixture<{ cases: Record<string, Case> }>('pca.json');

const matrix = (dims: number, values: ArrayLike<number>): FeatureMatrix => ({
  data: Float32Array.from(values),
  frames: values.length / dims,
  dims,
});

/** The same frames as matrices of uneven lengths, as clips are. */
function cut({ data, frames, dims }: FeatureMatrix): FeatureMatrix[] {
  const ends = [0, Math.floor(frames / 3), Math.floor(frames / 2), frames];
  return ends.slice(1).map((end, i) => matrix(dims, data.slice(ends[i] * dims, end * dims)));
}

const largest = (got: ArrayLike<number>, expected: ArrayLike<number>): number => {
  expect(got.length).toBe(expected.length);
  return Array.from(got).reduce((most, x, i) => Math.max(most, Math.abs(x - expected[i])), 0);
};

describe('fitPca', () => {
  it.each(Object.entries(cases))('gives the numbers and signs of scikit-learn: %s', (_, fixture) => {
    const { n_components: asked, whiten } = fixture.options;
    const options: PcaOptions = { ...(asked < 1 ? { share: asked } : { components: asked }), whiten };
    const frames = matrix(fixture.dims, unpack(fixture.x));
    const pca = fitPca(cut(frames), options);
    expect(pca.components).toBe(fixture.axes.length);
    // In float64, beside the largest variance and beside 1.
    expect(largest(pca.explainedVariance, fixture.explainedVariance) / fixture.explainedVariance[0]).toBeLessThan(
      1e-12,
    );
    expect(largest(pca.explainedVarianceRatio, fixture.explainedVarianceRatio)).toBeLessThan(1e-12);
    expect(largest(pca.toJSON().axes.flat(), fixture.axes.flat())).toBeLessThan(1e-9);
    // Rounded to float32.
    const picked = matrix(fixture.dims, frames.data.slice(0, Math.min(8, fixture.frames) * fixture.dims));
    const out = pca.transform(picked);
    expect(out).toMatchObject({ frames: picked.frames, dims: pca.components, names: pca.names });
    const scale = Math.max(...fixture.transformed.map(Math.abs));
    expect(largest(out.data, fixture.transformed) / scale).toBeLessThan(1e-7);
    const back = pca.inverse(out);
    expect(back).toMatchObject({ frames: picked.frames, dims: fixture.dims });
    expect(largest(back.data, fixture.inverse) / Math.max(...fixture.inverse.map(Math.abs))).toBeLessThan(3e-7);
  });

  it('keeps the fewest components that hold the share, and all directions that vary where nothing is asked', () => {
    const frames = matrix(7, unpack(cases['more frames than dims'].x));
    const all = fitPca([frames]);
    expect(all.components).toBe(7);
    expect(all.names).toEqual(['pca0', 'pca1', 'pca2', 'pca3', 'pca4', 'pca5', 'pca6']);
    const held = (count: number): number =>
      all.explainedVarianceRatio.slice(0, count).reduce((sum, ratio) => sum + ratio, 0);
    for (const share of [0.01, 0.5, 0.9, 0.99, 0.9999, 1]) {
      const { components } = fitPca([frames], { share });
      expect(held(components)).toBeGreaterThanOrEqual(share - 1e-12);
      if (components > 1) expect(held(components - 1)).toBeLessThan(share);
    }
    expect(fitPca([matrix(6, unpack(cases['constant dims'].x))]).components).toBe(4);
    expect(fitPca([matrix(9, unpack(cases['fewer frames than dims'].x))], { share: 1 }).components).toBe(5);
  });

  it('whitened has variance 1 in every component, and uncorrelated ones', () => {
    const frames = matrix(7, unpack(cases['more frames than dims'].x));
    const { data, dims } = fitPca([frames], { whiten: true }).transform(frames);
    for (let a = 0; a < dims; a++) {
      for (let b = 0; b <= a; b++) {
        let sum = 0;
        for (let t = 0; t < frames.frames; t++) sum += data[t * dims + a] * data[t * dims + b];
        expect(sum / (frames.frames - 1)).toBeCloseTo(a === b ? 1 : 0, 5);
      }
    }
  });

  it('stays exact where the mean is large beside the deviation', () => {
    const values = Array.from(
      { length: 2000 },
      (_, i) => 1_000_000 + (i % 2 === 0 ? (i / 2) % 2 : 2 * ((i / 2 - 0.5) % 2)),
    );
    const pca = fitPca([matrix(2, values)]);
    expect(pca.components).toBe(1);
    expect(pca.explainedVariance[0]).toBeCloseTo((5 * 1000) / 999 / 4, 9);
  });

  it('comes back from JSON text with the same transform and inverse, whatever it was fitted on', () => {
    const anyFit = fc.record({
      dims: fc.integer({ min: 1, max: 6 }),
      frames: fc.integer({ min: 2, max: 30 }),
      seed: fc.integer({ min: 1, max: 1000 }),
      whiten: fc.boolean(),
      share: fc.double({ min: 0.01, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(anyFit, ({ dims, frames, seed, whiten, share }) => {
        const values = Array.from(
          { length: frames * dims },
          (_, i) => Math.sin(seed * (i + 1) * 1.7) * (1 + (i % dims)),
        );
        const m = matrix(dims, values);
        const pca = fitPca([m], { share, whiten });
        const again = parsePca(JSON.parse(JSON.stringify(pca)));
        const out = pca.transform(m);
        expect(again.transform(m)).toEqual(out);
        expect(again.inverse(out)).toEqual(pca.inverse(out));
        expect(again.toJSON()).toEqual(pca.toJSON());
        expect(again.explainedVarianceRatio).toEqual(pca.explainedVarianceRatio);
      }),
      { numRuns: 50 },
    );
  });

  it('all components bring every frame back, and leave its input', () => {
    const frames = matrix(7, unpack(cases['more frames than dims'].x));
    const before = frames.data.slice();
    const pca = fitPca([frames], { whiten: true });
    expect(largest(pca.inverse(pca.transform(frames)).data, frames.data)).toBeLessThan(2e-5);
    expect(frames.data).toEqual(before);
  });

  it('takes a matrix without frames, and gives one', () => {
    const pca = fitPca([matrix(2, [1, 2, 3, 5])]);
    expect(pca.transform(matrix(2, []))).toMatchObject({ frames: 0, dims: 1 });
    expect(pca.inverse(matrix(1, []))).toMatchObject({ frames: 0, dims: 2 });
  });

  it.each([
    ['one frame', [matrix(2, [1, 2])], {}, 'too-short', 'fitPca: expected at least 2 frames, got 1'],
    ['no matrices', [], {}, 'empty', /at least one matrix/],
    ['no frames', [matrix(2, [])], {}, 'empty', /at least one frame/],
    ['frames that are alike', [matrix(2, [0.1, 0.7, 0.1, 0.7, 0.1, 0.7])], {}, 'bad-input', /3 that are alike/],
    ['unequal dims', [matrix(1, [1]), matrix(2, [1, 2])], {}, 'bad-input', /dims expected 1/],
    ['NaN', [matrix(1, [1, Number.NaN])], {}, 'not-finite', /NaN in frame 1/],
    ['more components than dims', [matrix(1, [1, 2, 3])], { components: 2 }, 'bad-option', /at most 1, .* got 2/],
    [
      'more components than frames vary in',
      [matrix(3, [1, 2, 3, 4, 5, 7])],
      { components: 2 },
      'bad-option',
      'fitPca: components expected at most 1, the directions in which the frames vary, got 2',
    ],
    ['both', [matrix(1, [1, 2])], { components: 1, share: 0.5 }, 'bad-option', /components or share, got both/],
    ['a share of 0', [matrix(1, [1, 2])], { share: 0 }, 'bad-option', /share expected > 0, got 0/],
    ['a share above 1', [matrix(1, [1, 2])], { share: 1.5 }, 'bad-option', /share expected <= 1/],
    ['half a component', [matrix(1, [1, 2])], { components: 0.5 }, 'bad-option', /components expected a whole number/],
    ['unknown options', [matrix(1, [1, 2])], { n: 1 }, 'bad-option', /unknown option "n"/],
  ])('refuses %s', (_, matrices, options, code, message) => {
    expect(() => fitPca(matrices as FeatureMatrix[], options as PcaOptions)).toThrow(
      expect.objectContaining({
        code,
        message: typeof message === 'string' ? message : expect.stringMatching(message),
      }),
    );
  });

  it('refuses matrices of other dims, and JSON that is none of its own', () => {
    const pca = fitPca([matrix(2, [1, 2, 3, 5])]);
    expect(() => pca.transform(matrix(1, [1]))).toThrow(/transform: dims expected 2/);
    expect(() => pca.inverse(matrix(2, [1, 2]))).toThrow(/inverse: dims expected 1/);
    const json = pca.toJSON();
    const wrongs = [
      null,
      {},
      { ...json, version: 2 },
      { ...json, more: 1 },
      { ...json, dims: 3 },
      { ...json, axes: [] },
      { ...json, axes: [[1]] },
      { ...json, axes: [...json.axes, ...json.axes, ...json.axes], explainedVariance: [1, 1, 1] },
      { ...json, explainedVariance: [0] },
      { ...json, explainedVariance: [] },
      { ...json, totalVariance: 0 },
    ];
    for (const wrong of wrongs) expect(() => parsePca(wrong)).toThrow(expect.objectContaining({ code: 'bad-format' }));
  });
});
