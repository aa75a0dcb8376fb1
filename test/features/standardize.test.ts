import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeatureMatrix } from '../../src/core/feature-matrix.ts';
import {
  type CorpusStandardizerJson,
  fitStandardizer,
  parseStandardizer,
  type Standardizer,
  type StandardizerOptions,
} from '../../src/features/index.ts';

const matrix = (dims: number, values: readonly number[]): FeatureMatrix => ({
  data: Float32Array.from(values),
  frames: values.length / dims,
  dims,
});
const near = (values: readonly number[], digits = 6) => values.map((x) => expect.closeTo(x, digits));
const saved = (standardizer: Standardizer) => standardizer.toJSON() as CorpusStandardizerJson;

/** Means and deviations (population) of each dimension over frames, the plain way. */
function momentsOf(matrices: readonly FeatureMatrix[]): { mean: number[]; deviation: number[] } {
  const { dims } = matrices[0];
  const columns = Array.from({ length: dims }, (_, d) =>
    matrices.flatMap(({ data }) => Array.from(data).filter((_, i) => i % dims === d)),
  );
  const mean = columns.map((column) => column.reduce((a, b) => a + b, 0) / column.length);
  const deviation = columns.map((column, d) =>
    Math.sqrt(column.reduce((sum, x) => sum + (x - mean[d]) ** 2, 0) / column.length),
  );
  return { mean, deviation };
}

describe('fitStandardizer', () => {
  // scikit-learn 1.9.1: StandardScaler().fit([[1, 5, -600], [2, 5, -601], [4, 5, -600.5], [9, 5, -600]])
  const training = [matrix(3, [1, 5, -600, 2, 5, -601]), matrix(3, [4, 5, -600.5, 9, 5, -600])];
  const MEAN = [4, 5, -600.375];
  const DEVIATION = [Math.sqrt(9.5), 1, Math.sqrt(0.171875)];

  it("learns StandardScaler's mean and deviation over all frames, and leaves a constant dimension's scale", () => {
    const json = saved(fitStandardizer(training));
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
    const { mean, deviation } = saved(fitStandardizer([far]));
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
    const json = saved(fitStandardizer(training));
    for (const wrong of [null, {}, { ...json, version: 2 }, { ...json, more: 1 }, { ...json, dims: 2 }]) {
      expect(() => parseStandardizer(wrong)).toThrow(expect.objectContaining({ code: 'bad-format' }));
    }
    expect(() => parseStandardizer({ ...json, deviation: [1, 0, 1] })).toThrow(/deviation\[1\] expected > 0, got 0/);
  });
});

describe('a standardizer by speaker', () => {
  const ann = [matrix(2, [1, 10, 3, 30]), matrix(2, [5, 80])];
  const ben = [matrix(2, [-100, 0, -102, 4, -107, 1])];
  const matrices = [ann[0], ben[0], ann[1]];
  const fitted = fitStandardizer(matrices, { scope: 'speaker', speakers: ['ann', 'ben', 'ann'] });

  it("takes each speaker's own mean and deviation, over all of their matrices", () => {
    for (const [speaker, own] of [
      ['ann', ann],
      ['ben', ben],
    ] as const) {
      const out = own.map((m) => fitted.transform(m, { speaker }));
      const { mean, deviation } = momentsOf(out);
      expect(mean).toEqual(near([0, 0]));
      expect(deviation).toEqual(near([1, 1]));
    }
    expect(Array.from(fitted.transform(ann[1], { speaker: 'ann' }).data)).toEqual(
      near([2 / Math.sqrt(8 / 3), 40 / Math.sqrt(2600 / 3)]),
    );
  });

  it('takes for a new speaker what is known of them: their matrices, or the matrix alone', () => {
    const cleo = [matrix(2, [7, 7, 9, 1]), matrix(2, [20, 5])];
    const known = fitStandardizer(cleo);
    for (const m of cleo) expect(fitted.transform(m, { speaker: known })).toEqual(known.transform(m));
    expect(fitted.transform(cleo[0])).toEqual(fitStandardizer([cleo[0]]).transform(cleo[0]));
    expect(fitted.transform(matrix(2, []))).toEqual(matrix(2, []));
  });

  it('refuses a speaker it was not fitted on, and statistics of another kind', () => {
    expect(() => fitted.transform(ann[0], { speaker: 'cleo' })).toThrow(
      expect.objectContaining({
        code: 'bad-input',
        message:
          'transform: speaker expected one of the 2 it was fitted on, got "cleo"; for others give fitStandardizer(theirMatrices)',
      }),
    );
    const narrow = fitStandardizer([matrix(1, [1, 2])]);
    expect(() => fitted.transform(ann[0], { speaker: narrow })).toThrow(/2 dims and scope 'corpus'.* and 1 dims/);
    expect(() => fitted.transform(ann[0], { speaker: fitted })).toThrow(/got scope 'speaker'/);
    expect(() => fitted.transform(ann[0], { speaker: 3 as never })).toThrow(
      /speaker expected a speaker id or a Standardizer/,
    );
    expect(() => fitted.transform(ann[0], { who: 'ann' } as never)).toThrow(/unknown option "who"/);
  });

  it('refuses speakers that do not fit the matrices or the scope, and one without frames', () => {
    const fitting = (options: StandardizerOptions) => () => fitStandardizer(matrices, options);
    expect(fitting({ scope: 'speaker' })).toThrow(
      /speakers expected with scope 'speaker' and with no other, got undefined/,
    );
    expect(fitting({ speakers: ['ann', 'ben', 'ann'] })).toThrow(/with no other, got .* with 'corpus'/);
    expect(fitting({ scope: 'speaker', speakers: ['ann'] })).toThrow(/one for each of 3 matrices, got 1/);
    expect(fitting({ scope: 'everyone' as never })).toThrow(/scope expected "corpus" \| "speaker" \| "clip"/);
    expect(() => fitStandardizer([ann[0], matrix(2, [])], { scope: 'speaker', speakers: ['ann', 'mute'] })).toThrow(
      expect.objectContaining({ code: 'empty', message: expect.stringMatching(/speaker "mute": .* frame/) }),
    );
  });
});

describe('a standardizer by clip', () => {
  const fitted = fitStandardizer([matrix(2, [9, 9])], { scope: 'clip' });

  it('takes the mean and the deviation of each matrix, and learns nothing but the width', () => {
    const out = fitted.transform(matrix(2, [1, 10, 3, 30, 5, 80]));
    const { mean, deviation } = momentsOf([out]);
    expect(mean).toEqual(near([0, 0]));
    expect(deviation).toEqual(near([1, 1]));
    expect(fitted.toJSON()).toEqual({ kind: 'standardizer', version: 2, scope: 'clip', dims: 2 });
    expect(() => fitted.transform(matrix(1, [1]))).toThrow(/dims expected 2/);
  });

  it('of one frame and of a constant dimension is 0, of no frames no frames', () => {
    expect(Array.from(fitted.transform(matrix(2, [0.1, -700])).data)).toEqual([0, 0]);
    const [a, b, c] = [0.1, 0.3, 0.2];
    const { data } = fitted.transform(matrix(2, [a, 0.7, b, 0.7, c, 0.7]));
    expect([data[1], data[3], data[5]]).toEqual(near([0, 0, 0], 12));
    expect(fitted.transform(matrix(2, []))).toEqual(matrix(2, []));
  });
});

describe('any standardizer', () => {
  const anyClips = fc.integer({ min: 1, max: 4 }).chain((dims) =>
    fc.array(
      fc.record({
        values: fc
          .array(fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), { minLength: dims, maxLength: dims }), {
            minLength: 1,
            maxLength: 5,
          })
          .map((frames) => matrix(dims, frames.flat())),
        speaker: fc.constantFrom('a', 'b', '__proto__', ''),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  );

  it('comes back from JSON text with the same transform, in every scope', () => {
    fc.assert(
      fc.property(anyClips, fc.constantFrom('corpus', 'speaker', 'clip'), (clips, scope) => {
        const matrices = clips.map(({ values }) => values);
        const speakers = clips.map(({ speaker }) => speaker);
        const fitted = fitStandardizer(matrices, scope === 'speaker' ? { scope, speakers } : { scope });
        const again = parseStandardizer(JSON.parse(JSON.stringify(fitted)));
        expect([again.scope, again.dims]).toEqual([scope, matrices[0].dims]);
        expect(again.toJSON()).toEqual(fitted.toJSON());
        for (const { values, speaker } of clips) {
          const out = fitted.transform(values, { speaker });
          expect(out.data.every(Number.isFinite)).toBe(true);
          expect(again.transform(values, { speaker })).toEqual(out);
          expect(again.transform(values)).toEqual(fitted.transform(values));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('reads what version 0.1.0 saved', () => {
    const old = '{"kind":"standardizer","version":1,"scope":"corpus","dims":2,"mean":[1,-2],"deviation":[2,4]}';
    const standardizer = parseStandardizer(JSON.parse(old));
    expect(Array.from(standardizer.transform(matrix(2, [3, 6])).data)).toEqual([1, 2]);
    expect(JSON.stringify(fitStandardizer([matrix(1, [1, 3])]))).toBe(
      '{"kind":"standardizer","version":1,"scope":"corpus","dims":1,"mean":[2],"deviation":[1]}',
    );
  });

  it('refuses JSON that fits no scope', () => {
    const clip = { kind: 'standardizer', version: 2, scope: 'clip', dims: 1 };
    const speaker = { ...clip, scope: 'speaker', speakers: [{ id: 'a', mean: [0], deviation: [1] }] };
    expect(parseStandardizer(clip).scope).toBe('clip');
    expect(parseStandardizer(speaker).scope).toBe('speaker');
    const [one] = speaker.speakers;
    for (const wrong of [
      { ...clip, version: 1 },
      { ...clip, mean: [0] },
      { ...clip, dims: 0 },
      { ...clip, scope: 'corpus' },
      { ...speaker, version: 1 },
      { ...speaker, dims: 2 },
      { ...speaker, speakers: [one, one] },
      { ...speaker, speakers: [{ ...one, deviation: [0] }] },
      { ...speaker, speakers: [{ ...one, age: 30 }] },
    ]) {
      expect(() => parseStandardizer(wrong)).toThrow(expect.objectContaining({ code: 'bad-format' }));
    }
  });
});
