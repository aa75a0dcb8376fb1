import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRandom, gaussian } from '../../src/core/random.ts';
import {
  cosineScore,
  type Embedding,
  evaluateEmbeddings,
  fitLda,
  fitPlda,
  fitScoring,
  lengthNormalize,
  parseLda,
  parsePlda,
  parseScoring,
  plainCosine,
  scoreTrials,
  trialsOf,
} from '../../src/xvector/index.ts';
import { speakerScatter } from '../../src/xvector/speaker-scatter.ts';
import { codeOf, errorOf } from '../support/error-of.ts';

interface Fixture {
  readonly embeddings: number[][];
  readonly speakers: string[];
  readonly lda: number[][];
  readonly shrunk: { shrinkage: number; separations: number[]; transformed: number[][] };
  readonly ledoitWolf: number;
  readonly plda: { iterations: number; shrinkage: number; mean: number[]; llr: number[][]; between: number[] }[];
}
const fixture = JSON.parse(readFileSync(new URL('fixtures/scoring.json', import.meta.url), 'utf8')) as Fixture;
const { embeddings, speakers } = fixture;
const messageOf = (run: () => unknown): string => errorOf(run).message;

/** Largest difference of columns, each turned to the other's sign. */
function largestDifference(got: readonly Embedding[], expected: readonly number[][]): number {
  let largest = 0;
  for (let c = 0; c < expected[0]!.length; c++) {
    const along = got.reduce((sum, row, i) => sum + row[c]! * expected[i]![c]!, 0);
    for (const [i, row] of got.entries()) {
      largest = Math.max(largest, Math.abs(Math.sign(along) * row[c]! - expected[i]![c]!));
    }
  }
  return largest;
}

/** Embeddings of as many speakers: along the first `telling` dimensions speakers differ. */
function drawn(seed: number, { count, each, dims, telling }: Record<'count' | 'each' | 'dims' | 'telling', number>) {
  const random = createRandom(seed);
  const vectors: Float64Array[] = [];
  const who: string[] = [];
  for (let s = 0; s < count; s++) {
    const centre = Float64Array.from({ length: dims }, (_, d) => (d < telling ? 2 : 0) * gaussian(random));
    for (let i = 0; i < each; i++) {
      // The dimensions that tell nothing vary most.
      vectors.push(centre.map((c, d) => 1 + c + (d < telling ? 1 : 6) * gaussian(random)));
      who.push(`speaker ${s}`);
    }
  }
  return { vectors, who };
}
const clipsOf = (who: readonly string[]) =>
  who.map((speakerId, i) => ({ id: `${i}`, speakerId, label: 'x', load: () => Promise.reject(new Error()) }));

describe('cosineScore() and lengthNormalize()', () => {
  it('are the cosine of the angle, and the vector of length 1', () => {
    expect(cosineScore([1, 0], [1, 1])).toBeCloseTo(Math.SQRT1_2, 15);
    expect(cosineScore([1, 2, 3], [-2, -4, -6])).toBe(-1);
    expect(cosineScore(new Float32Array([1e-30, 0]), [1e200, 1e200])).toBeCloseTo(Math.SQRT1_2, 7);
    expect([...lengthNormalize([3, 4])]).toEqual([0.6, 0.8]);
    expect([...lengthNormalize([0, 0])]).toEqual([0, 0]);
    expect(lengthNormalize(new Float32Array(200_000).fill(1))[0]).toBeCloseTo(200_000 ** -0.5, 12);
  });
  it('refuse zeros, unequal lengths, nothing, and what is no number', () => {
    expect(codeOf(() => cosineScore([0, 0], [1, 1]))).toBe('bad-input');
    expect(messageOf(() => cosineScore([1, 1], [1, 1, 1]))).toBe('cosineScore: b expected 2 numbers, got 3');
    expect(codeOf(() => cosineScore([], []))).toBe('empty');
    expect(codeOf(() => cosineScore([1, Number.NaN], [1, 1]))).toBe('not-finite');
    expect(codeOf(() => lengthNormalize('ab' as never))).toBe('bad-input');
  });
});

describe('fitLda()', () => {
  it("gives scikit-learn's numbers without shrinkage, up to signs and the divisor of variances", () => {
    const lda = fitLda(embeddings, speakers, { shrinkage: 0 });
    expect(lda.components).toBe(5);
    // It divides by the 35 clips, and not by 28, clips less speakers.
    const got = embeddings.map((embedding) => lda.transform(embedding).map((x) => x * Math.sqrt(35 / 28)));
    expect(largestDifference(got, fixture.lda)).toBeLessThan(1e-9);
  });
  it("gives SciPy's generalized eigenvectors with shrinkage, and Ledoit and Wolf's share is scikit-learn's", () => {
    const { shrinkage, separations, transformed } = fixture.shrunk;
    const lda = fitLda(embeddings, speakers, { shrinkage });
    expect(
      largestDifference(
        embeddings.map((embedding) => lda.transform(embedding)),
        transformed,
      ),
    ).toBeLessThan(1e-9);
    for (const [c, value] of lda.separations.entries()) expect(value).toBeCloseTo(separations[c]!, 10);
    expect(speakerScatter('test', embeddings, speakers).ledoitWolf).toBeCloseTo(fixture.ledoitWolf, 12);
  });
  it('makes the variance within speakers 1 and does not depend on the order of clips', () => {
    const { vectors, who } = drawn(3, { count: 9, each: 20, dims: 6, telling: 3 });
    const lda = fitLda(vectors, who, { components: 4, shrinkage: 0 });
    const scatter = speakerScatter(
      'test',
      vectors.map((v) => lda.transform(v)),
      who,
    );
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < 4; j++) {
        expect(scatter.within[i * 4 + j]! / (vectors.length - 9)).toBeCloseTo(i === j ? 1 : 0, 10);
      }
    }
    const reversed = fitLda([...vectors].reverse(), [...who].reverse(), { components: 4, shrinkage: 0 });
    expect(
      largestDifference(
        vectors.map((v) => reversed.transform(v)),
        vectors.map((v) => [...lda.transform(v)]),
      ),
    ).toBeLessThan(1e-9);
  });
  it('takes fewer clips than dims and a constant dimension with shrinkage, and names what is wrong without', () => {
    const few = drawn(5, { count: 4, each: 3, dims: 20, telling: 5 });
    const constant = few.vectors.map((v) => Float64Array.from(v).fill(7, 19));
    expect(fitLda(constant, few.who).components).toBe(3);
    expect(messageOf(() => fitLda(constant, few.who, { shrinkage: 0 }))).toMatch(/in all 20 dimensions, got 8: leave/);
  });
  it('refuses one speaker, one clip of each, clips all alike, too many components and NaN, each by name', () => {
    const two = [
      [1, 2],
      [3, 4],
    ];
    expect(codeOf(() => fitLda(two, ['a', 'a']))).toBe('too-short');
    expect(messageOf(() => fitLda(two, ['a', 'b']))).toMatch(/two clips or more of a speaker, got one of each of 2/);
    expect(messageOf(() => fitLda([...two, ...two], ['a', 'b', 'a', 'b']))).toMatch(/clips of a speaker that differ/);
    expect(messageOf(() => fitLda([...two, ...two], ['a', 'a', 'b', 'b']))).toMatch(/speakers whose means differ/);
    expect(messageOf(() => fitLda(embeddings, speakers, { components: 6 }))).toMatch(/at most 5, .* got 6/);
    expect(codeOf(() => fitLda([[1, 2], [3], [4, 5]], ['a', 'a', 'b']))).toBe('bad-input');
    expect(codeOf(() => fitLda([[1], [Number.NaN], [2]], ['a', 'a', 'b']))).toBe('not-finite');
    expect(codeOf(() => fitLda([], []))).toBe('empty');
    expect(codeOf(() => fitLda(embeddings, speakers, { component: 2 } as never))).toBe('bad-option');
  });
  it('comes back from its JSON text, and not from one whose parts do not fit', () => {
    const lda = fitLda(embeddings, speakers);
    const again = parseLda(JSON.parse(JSON.stringify(lda)));
    expect(again.transform(embeddings[0]!)).toEqual(lda.transform(embeddings[0]!));
    expect(codeOf(() => parseLda({ ...lda.toJSON(), mean: [1] }))).toBe('bad-format');
    expect(codeOf(() => parseLda({ ...lda.toJSON(), more: 1 }))).toBe('bad-format');
  });
});

describe('fitPlda()', () => {
  it.each(fixture.plda)(
    "gives the log-likelihood ratios of SciPy's densities and SpeechBrain's after $iterations steps, shrinkage $shrinkage",
    ({ iterations, shrinkage, llr, between, mean }) => {
      const plda = fitPlda(embeddings, speakers, { iterations, shrinkage });
      for (const [c, value] of plda.between.entries()) expect(value / between[c]!).toBeCloseTo(1, 8);
      for (const [d, value] of plda.toJSON().mean.entries()) expect(value).toBeCloseTo(mean[d]!, 10);
      for (const [i, row] of llr.entries()) {
        for (const [j, expected] of row.entries()) {
          expect(Math.abs(plda.score(embeddings[i]!, embeddings[j]!) - expected)).toBeLessThan(1e-8);
        }
      }
    },
  );
  it('finds the variances that embeddings were drawn with', () => {
    const { vectors, who } = drawn(1, { count: 400, each: 8, dims: 4, telling: 2 });
    const { between } = fitPlda(vectors, who);
    // 4 to 1 in two dimensions, and none in the others; the two by chance as far from 4 as 400 speakers are.
    for (const value of between.slice(0, 2)) expect(Math.abs(value - 4)).toBeLessThan(0.8);
    for (const value of between.slice(2)) expect(value).toBeLessThan(0.06);
  });
  it('gives ratios that are right as they stand: of pairs that are likely the same, as many are as it says', () => {
    const training = drawn(1, { count: 300, each: 6, dims: 4, telling: 2 });
    const plda = fitPlda(training.vectors, training.who);
    const test = drawn(2, { count: 300, each: 4, dims: 4, telling: 2 });
    const trials = trialsOf(clipsOf(test.who));
    const transformed = test.vectors.map((vector) => plda.transform(vector));
    for (const least of [1, 4]) {
      let [same, expected, all] = [0, 0, 0];
      for (let i = 0; i < trials.a.length; i++) {
        // Weighed so that both kinds are as frequent beforehand.
        const isSame = trials.first[i] === trials.second[i];
        const weight = isSame ? 1 / trials.same : 1 / trials.different;
        const ratio = Math.exp(plda.scoreTransformed(transformed[trials.a[i]!]!, transformed[trials.b[i]!]!));
        if (ratio < least) continue;
        expected += (weight * ratio) / (1 + ratio);
        if (isSame) same += weight;
        all += weight;
      }
      expect(Math.abs(expected / all - same / all)).toBeLessThan(0.02);
    }
  });
  it('is symmetric, comes back from its JSON text, and refuses as fitLda() does', () => {
    const plda = fitPlda(embeddings, speakers);
    const [a, b] = [embeddings[0]!, embeddings[1]!];
    expect(plda.score(a, b)).toBe(plda.score(b, a));
    expect(parsePlda(JSON.parse(JSON.stringify(plda))).score(a, b)).toBe(plda.score(a, b));
    expect(plda.scoreTransformed(plda.transform(a), plda.transform(b))).toBe(plda.score(a, b));
    expect(codeOf(() => plda.score(a, [1]))).toBe('bad-input');
    expect(codeOf(() => fitPlda([[1], [2]], ['a', 'b']))).toBe('too-short');
    expect(codeOf(() => fitPlda([[1], [2]], ['a', 'a']))).toBe('too-short');
    expect(codeOf(() => fitPlda(embeddings, speakers, { iterations: 0 }))).toBe('bad-option');
    expect(codeOf(() => parsePlda({ ...plda.toJSON(), between: [1, 2, 3, 4, -1] }))).toBe('bad-format');
    const few = drawn(5, { count: 4, each: 3, dims: 20, telling: 5 });
    expect(fitPlda(few.vectors, few.who).components).toBe(3);
    expect(codeOf(() => fitPlda(few.vectors, few.who, { shrinkage: 0 }))).toBe('bad-input');
  });
});

describe('fitScoring()', () => {
  const training = drawn(1, { count: 40, each: 12, dims: 12, telling: 4 });
  const test = drawn(2, { count: 25, each: 6, dims: 12, telling: 4 });
  const clips = clipsOf(test.who);
  const rate = (scoring = plainCosine()) =>
    evaluateEmbeddings(test.vectors, clips, { seed: 1, resamples: 20, scoring }).equalErrorRate;
  it('gains by LDA and PLDA where most of what varies says nothing of the speaker', () => {
    const plain = rate();
    expect(plain).toBeGreaterThan(0.35);
    expect(rate(fitScoring(training.vectors, training.who, { method: 'lda', components: 4 }))).toBeLessThan(0.2);
    expect(rate(fitScoring(training.vectors, training.who, { method: 'plda' }))).toBeLessThan(0.2);
    expect(rate(fitScoring(training.vectors, training.who, { method: 'plda', components: null }))).toBeLessThan(0.2);
  });
  it.each(['cosine', 'lda', 'plda'] as const)('%s comes back from its JSON text with the same scores', (method) => {
    const scoring = fitScoring(training.vectors, training.who, { method });
    const again = parseScoring(JSON.parse(JSON.stringify(scoring)));
    const [a, b] = [test.vectors[0]!, test.vectors[1]!];
    expect(again.score(a, b)).toBe(scoring.score(a, b));
    expect(again.scoreTransformed(again.transform(a), again.transform(b))).toBe(scoring.score(a, b));
    expect(codeOf(() => again.score(a, [1, 2]))).toBe('bad-input');
    expect(codeOf(() => again.score(a, Float64Array.from(b).fill(Number.NaN, 3, 4)))).toBe('not-finite');
  });
  it('keeps more than the sign of one component', () => {
    // Two speakers, so that LDA has one direction; along it a third is between them.
    const two = drawn(4, { count: 2, each: 12, dims: 3, telling: 3 });
    const scoring = fitScoring(two.vectors, two.who, { method: 'plda' });
    const scores = two.vectors.slice(1).map((vector) => scoring.score(two.vectors[0]!, vector));
    expect(new Set(scores.map((score) => score.toFixed(6))).size).toBeGreaterThan(15);
  });
  it('comes back from no JSON whose numbers are too large to score by', () => {
    const saved = fitScoring(training.vectors, training.who, { method: 'plda', components: 2 }).toJSON();
    const { lda, plda, mean } = saved;
    const large = [
      { ...saved, plda: { ...plda!, between: [1e200, 1] } },
      { ...saved, plda: { ...plda!, axes: plda!.axes.map((axis) => axis.map(() => 1e300)) } },
      { ...saved, lda: { ...lda!, axes: lda!.axes.map((axis) => axis.map(() => -1e300)) } },
      { ...saved, mean: mean!.map(() => 1e308) },
    ];
    for (const json of large) expect(codeOf(() => parseScoring(json))).toBe('bad-format');
    expect(messageOf(() => parseScoring(large[0]))).toContain('plda.between[0] expected <= 1e+100, got 1e+200');
    expect(codeOf(() => parsePlda(large[0]!.plda))).toBe('bad-format');
  });
  it('without a mean to subtract is cosineScore()', () => {
    expect(plainCosine().score([1, 2, 3], [3, 2, 1])).toBeCloseTo(cosineScore([1, 2, 3], [3, 2, 1]), 15);
    expect(codeOf(() => plainCosine().score([1, 2], [1, 2, 3]))).toBe('bad-input');
    expect(codeOf(() => plainCosine().score([0, 0], [1, 2]))).toBe('bad-input');
  });
  it('refuses options that a method does not have, and JSON whose parts do not fit', () => {
    const fitting = (options: object) => () => fitScoring(training.vectors, training.who, options);
    expect(messageOf(fitting({ method: 'cosine', components: 3 }))).toBe(
      'fitScoring: components expected nothing with method cosine, got 3',
    );
    expect(codeOf(fitting({ method: 'lda', iterations: 3 }))).toBe('bad-option');
    expect(codeOf(fitting({ method: 'lda', components: null }))).toBe('bad-option');
    expect(codeOf(fitting({ method: 'euclid' }))).toBe('bad-option');
    const saved = fitScoring(training.vectors, training.who, { method: 'plda', components: 4 }).toJSON();
    expect(codeOf(() => parseScoring({ ...saved, method: 'lda' }))).toBe('bad-format');
    expect(codeOf(() => parseScoring({ ...saved, mean: [1, 2] }))).toBe('bad-format');
    expect(codeOf(() => parseScoring({ ...saved, lda: null }))).toBe('bad-format');
    expect(codeOf(() => parseScoring(null))).toBe('bad-format');
  });
});

describe('trialsOf() and evaluateEmbeddings()', () => {
  it('take all pairs of clips once, without those left out and those of unknown speakers', () => {
    const clips = clipsOf(['a', 'a', 'b', 'b']);
    expect(trialsOf(clips)).toMatchObject({ same: 2, different: 4 });
    const { a, b } = trialsOf(clips, { without: (x, y) => x.id === '0' && y.id === '3' });
    expect([...a].map((i, pair) => `${i}${b[pair]}`)).toEqual(['01', '02', '12', '13', '23']);
    const unknown = clips.map((clip, i) => ({ ...clip, speakerKnown: i !== 0 }));
    expect(trialsOf(unknown)).toMatchObject({ same: 1, different: 2 });
    expect(messageOf(() => trialsOf(clipsOf(['a', 'b'])))).toMatch(/got 0 and 1$/);
  });
  it('count speakers, clips and pairs, and know speakers apart that are apart', () => {
    const vectors = [
      [1, 0],
      [1, 0.1],
      [0, 1],
      [0.1, 1],
    ];
    expect(evaluateEmbeddings(vectors, clipsOf(['a', 'a', 'b', 'b']), { seed: 1 })).toEqual({
      method: 'cosine',
      equalErrorRate: 0,
      low: null,
      high: null,
      threshold: expect.closeTo(cosineScore([1, 0], [1, 0.1]), 12),
      pairs: { same: 2, different: 4 },
      speakers: 2,
      clips: 4,
    });
    expect(codeOf(() => evaluateEmbeddings(vectors, clipsOf(['a']), { seed: 1 }))).toBe('bad-input');
  });
  it('give an interval from four speakers on', () => {
    const { vectors, who } = drawn(3, { count: 4, each: 3, dims: 4, telling: 1 });
    const { equalErrorRate, low, high } = evaluateEmbeddings(vectors, clipsOf(who), { seed: 1 });
    expect(low).toBeLessThan(equalErrorRate);
    expect(high).toBeGreaterThan(low!);
    const three = evaluateEmbeddings(vectors.slice(0, 9), clipsOf(who.slice(0, 9)), { seed: 1 });
    expect(three).toMatchObject({ speakers: 3, low: null, high: null });
  });
  it('need of a clip its speaker alone, and refuse by name one without, unknown options and what is no embedding', () => {
    const clips = ['a', 'a', 'b', 'b'].map((speakerId) => ({ speakerId }));
    const vectors = [[1], [2], [-1], [-2]];
    expect(evaluateEmbeddings(vectors, clips, { seed: 1, resamples: 10 }).speakers).toBe(2);
    expect(messageOf(() => trialsOf(clips, { witout: () => true } as never))).toBe(
      'trialsOf: unknown option "witout" (known: without)',
    );
    expect(messageOf(() => evaluateEmbeddings(vectors, clips, { seed: 1, witout: 1 } as never))).toMatch(
      /^evaluateEmbeddings: unknown option "witout"/,
    );
    expect(messageOf(() => evaluateEmbeddings(vectors, clips, {} as never))).toMatch(/^evaluateEmbeddings: seed/);
    expect(messageOf(() => evaluateEmbeddings(vectors, clips, { seed: 1, scoring: {} } as never))).toMatch(
      /^evaluateEmbeddings: scoring expected a scoring/,
    );
    const nobody = [...clips.slice(0, 3), {}] as never;
    expect(messageOf(() => trialsOf(nobody))).toBe('trialsOf: clips[3].speakerId expected text, got undefined');
    expect(messageOf(() => evaluateEmbeddings(vectors, nobody, { seed: 1 }))).toMatch(
      /^evaluateEmbeddings: clips\[3\]\.speakerId/,
    );
    expect(messageOf(() => evaluateEmbeddings([[1], [Number.NaN], [1], [1]], clips, { seed: 1 }))).toMatch(
      /^evaluateEmbeddings: embeddings\[1\]/,
    );
    expect(codeOf(() => evaluateEmbeddings(null as never, clips, { seed: 1 }))).toBe('bad-input');
    const trials = trialsOf(clips);
    expect(codeOf(() => scoreTrials([[1], [2]], trials, plainCosine()))).toBe('bad-input');
    expect(codeOf(() => scoreTrials(vectors, null as never, plainCosine()))).toBe('bad-input');
    expect(codeOf(() => scoreTrials(vectors, trials, null as never))).toBe('bad-input');
  });
});
