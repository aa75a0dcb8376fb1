import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accuracy,
  classificationReport,
  confusionMatrix,
  f1,
  formatConfusionMatrix,
  formatReport,
  precision,
  recall,
  unweightedAverageRecall,
} from '../../src/metrics/index.ts';
import { errorOf } from '../support/error-of.ts';

type Metric = (truth: readonly string[], predicted: readonly string[]) => unknown;
const METRICS: Readonly<Record<string, Metric>> = {
  accuracy,
  unweightedAverageRecall,
  precision,
  recall,
  f1,
  confusionMatrix,
  classificationReport,
};

for (const [name, metric] of Object.entries(METRICS)) {
  describe(`${name}()`, () => {
    it('refuses no labels at all', () => {
      expect(errorOf(() => metric([], []))).toEqual({
        code: 'empty',
        message: `${name}: truth expected at least one label, got none`,
      });
    });
    it('refuses unequal lengths, and says both', () => {
      expect(errorOf(() => metric(['a', 'b'], ['a']))).toEqual({
        code: 'bad-input',
        message: `${name}: predicted expected as many labels as truth (2), got 1`,
      });
    });
    it('refuses what is not an array of labels, and labels of two types', () => {
      const wrong = (truth: unknown, predicted: unknown) =>
        errorOf(() => metric(truth as string[], predicted as string[])).code;
      expect(wrong('ab', 'ab')).toBe('bad-input');
      expect(wrong(undefined, ['a'])).toBe('bad-input');
      expect(wrong(['a', undefined], ['a', 'a'])).toBe('bad-input');
      expect(wrong(['1', '2'], [1, 2])).toBe('bad-input');
      expect(wrong([Number.NaN], [1])).toBe('bad-input');
      expect(errorOf(() => metric(['a', 'b'], ['a', 3 as unknown as string])).message).toContain('got 3 at index 1');
    });
    it('answers a single sample', () => {
      expect(() => metric(['a'], ['a'])).not.toThrow();
      expect(() => metric(['a'], ['b'])).not.toThrow();
    });
    it('leaves its input as it is', () => {
      const truth = Object.freeze(['b', 'a']);
      expect(() => metric(truth, truth)).not.toThrow();
    });
  });
}

describe('labels', () => {
  const truth = ['a', 'b', 'b'];
  const predicted = ['a', 'b', 'a'];
  for (const [name, run] of [
    ['precision', (o: object) => precision(truth, predicted, o)],
    ['recall', (o: object) => recall(truth, predicted, o)],
    ['f1', (o: object) => f1(truth, predicted, o)],
    ['confusionMatrix', (o: object) => confusionMatrix(truth, predicted, o)],
    ['classificationReport', (o: object) => classificationReport(truth, predicted, o)],
  ] as const) {
    it(`${name}() refuses none, one twice, one of another type, and an unknown option`, () => {
      const code = (options: object): string => errorOf(() => run(options)).code;
      expect(code({ labels: [] })).toBe('bad-option');
      expect(code({ labels: ['a', 'b', 'a'] })).toBe('bad-option');
      expect(code({ labels: [1] })).toBe('bad-option');
      expect(code({ labels: 'ab' })).toBe('bad-option');
      expect(code({ label: ['a'] })).toBe('bad-option');
      expect(errorOf(() => run({ label: ['a'] })).message).toContain('unknown option "label"');
    });
  }
  it('precision() refuses an average that it does not know', () => {
    expect(errorOf(() => precision(truth, predicted, { average: 'micro' as 'macro' }))).toEqual({
      code: 'bad-option',
      message: 'precision: average expected "macro" | "weighted", got "micro"',
    });
  });
});

describe('the definitions', () => {
  it('tell UAR, which leaves out a class that is only predicted, from macro recall, which counts it as 0', () => {
    const truth = ['a', 'a', 'b', 'b'];
    const predicted = ['a', 'a', 'b', 'c'];
    expect(unweightedAverageRecall(truth, predicted)).toBe(0.75);
    expect(recall(truth, predicted)).toBe(0.5);
    expect(accuracy(truth, predicted)).toBe(0.75);
  });
  it('give a constant guess the UAR of chance, however unequal the classes', () => {
    const truth = [...new Array(90).fill('neutral'), ...new Array(9).fill('sad'), 'fear'];
    const predicted = truth.map(() => 'neutral');
    expect(accuracy(truth, predicted)).toBe(0.9);
    expect(unweightedAverageRecall(truth, predicted)).toBeCloseTo(1 / 3, 15);
  });
  it('do not depend on the order of the samples, and are 1 for truth itself', () => {
    const sample = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('a', 'b', 'c', 'd'));
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 30 }), (samples) => {
        const truth = samples.map(([t]) => t);
        const predicted = samples.map(([, p]) => p);
        const forth = classificationReport<string>(truth, predicted);
        const back = classificationReport<string>(truth.slice().reverse(), predicted.slice().reverse());
        expect(back.macro).toEqual(forth.macro);
        expect(back.accuracy).toBe(forth.accuracy);
        expect(accuracy(truth, truth)).toBe(1);
        expect(f1(truth, truth)).toBe(1);
        const { counts } = confusionMatrix<string>(truth, predicted);
        expect(counts.flat().reduce((sum, count) => sum + count, 0)).toBe(samples.length);
      }),
      { numRuns: 100 },
    );
  });
  it('sort numbers by value', () => {
    expect(confusionMatrix([10, 9, 2], [2, 9, 10]).labels).toEqual([2, 9, 10]);
  });
  it('keep the order that is asked for', () => {
    const { labels, counts } = confusionMatrix(['a', 'b', 'b'], ['b', 'b', 'a'], { labels: ['b', 'a'] });
    expect(labels).toEqual(['b', 'a']);
    expect(counts).toEqual([
      [1, 1],
      [1, 0],
    ]);
  });
});

describe('classificationReport()', () => {
  it('shows micro averages only where labels leave out a class that occurs', () => {
    const truth = ['a', 'b', 'c'];
    const predicted = ['a', 'c', 'c'];
    expect(classificationReport(truth, predicted)).not.toHaveProperty('micro');
    expect(classificationReport(truth, predicted, { labels: ['a', 'b', 'c', 'd'] })).not.toHaveProperty('micro');
    const some = classificationReport(truth, predicted, { labels: ['a', 'b'] });
    expect(some.micro).toEqual({ precision: 1, recall: 0.5, f1: 2 / 3, support: 2 });
    expect(some.accuracy).toBeCloseTo(2 / 3, 15);
  });
  it('survives JSON and structuredClone, and prints the same after', () => {
    const report = classificationReport(['b', 'a', '10', '9'], ['b', 'b', '9', '9']);
    expect(formatReport(JSON.parse(JSON.stringify(report)))).toBe(formatReport(report));
    expect(structuredClone(report)).toEqual(report);
    expect(
      formatReport(report)
        .match(/^ *(10|9|a|b) /gm)
        ?.map((name) => name.trim()),
    ).toEqual(['10', '9', 'a', 'b']);
  });
  it('takes a class of any name', () => {
    const report = classificationReport(['__proto__', 'constructor'], ['__proto__', '__proto__']);
    expect(Object.keys(report.perClass)).toEqual(['__proto__', 'constructor']);
    expect(formatReport(report)).toContain('__proto__       0.50      1.00      0.67         1');
  });
});

describe('formatReport()', () => {
  it('rounds half-way cases to even, as Python does', () => {
    const truth = new Array(8).fill('a');
    const text = (hits: number, digits: number): string =>
      formatReport(classificationReport(truth, [...new Array(hits).fill('a'), ...new Array(8 - hits).fill('b')]), {
        digits,
      });
    expect(text(1, 2)).toMatch(/accuracy +0\.12 /);
    expect(text(3, 2)).toMatch(/accuracy +0\.38 /);
    expect(text(4, 0)).toMatch(/accuracy +0 /);
    expect(text(2, 1)).toMatch(/accuracy +0\.2 /);
  });
  it('refuses digits that are not a whole number from 0 to 20, and unknown options', () => {
    const report = classificationReport(['a'], ['a']);
    for (const digits of [-1, 1.5, 21, '2']) {
      expect(errorOf(() => formatReport(report, { digits: digits as number })).code).toBe('bad-option');
    }
    expect(errorOf(() => formatReport(report, { digit: 2 } as object)).message).toContain('unknown option "digit"');
  });
});

describe('formatConfusionMatrix()', () => {
  it('prints truth down and predictions across, in columns as wide as they need', () => {
    const matrix = {
      labels: ['😮', 'neutral'],
      counts: [
        [1, 0],
        [12345678, 7],
      ],
    };
    expect(formatConfusionMatrix(matrix)).toBe(
      [
        'truth \\ predicted         😮  neutral',
        '                😮         1        0',
        '          neutral  12345678        7',
        '',
      ].join('\n'),
    );
  });
});
