import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  accuracy,
  classificationReport,
  confusionMatrix,
  equalErrorRate,
  f1,
  formatReport,
  precision,
  recall,
  unweightedAverageRecall,
} from '../../src/metrics/index.ts';

// Made by fixtures/scikit-learn.py, which says what stands where.
type Triple = [number, number, number];
type Case = [
  truth: string,
  predicted: string,
  labels: string | null,
  accuracy: number,
  balancedAccuracy: number,
  macro: Triple,
  weighted: Triple,
  precision: number[],
  recall: number[],
  f1: number[],
  support: number[],
  confusion: number[][] | null,
];
const fixture: {
  names: Record<string, string>;
  cases: Case[];
  reports: [truth: string, predicted: string, labels: string | null, digits: number, text: string][];
  rates: [scores: number[], same: string, rate: number][];
} = JSON.parse(readFileSync(new URL('./fixtures/scikit-learn.json', import.meta.url), 'utf8'));

/** Characters as labels: letters as they are, or the letters' places as numbers. */
const asNames = (text: string): string[] => [...text];
const asNumbers = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0) - 97);

/** The largest distance of any figure of ours from scikit-learn's. */
function worstDistance(toLabels: (text: string) => (string | number)[]): number {
  let worst = 0;
  const hold = (ours: number, theirs: number): void => {
    worst = Math.max(worst, Number.isNaN(ours) ? 1 : Math.abs(ours - theirs));
  };
  for (const [t, p, l, acc, uar, macro, weighted, precisions, recalls, f1s, support] of fixture.cases) {
    const truth = toLabels(t);
    const predicted = toLabels(p);
    const labels = l === null ? {} : { labels: toLabels(l) };
    hold(accuracy(truth, predicted), acc);
    hold(unweightedAverageRecall(truth, predicted), uar);
    for (const [average, expected] of [
      ['macro', macro],
      ['weighted', weighted],
    ] as const) {
      hold(precision(truth, predicted, { average, ...labels }), expected[0]);
      hold(recall(truth, predicted, { average, ...labels }), expected[1]);
      hold(f1(truth, predicted, { average, ...labels }), expected[2]);
    }
    const report = classificationReport(truth, predicted, labels);
    hold(report.accuracy, acc);
    hold(report.unweightedAverageRecall, uar);
    hold(report.labels.length, support.length);
    for (const [i, label] of report.labels.entries()) {
      const scores = report.perClass[label]!;
      hold(scores.precision, precisions[i]!);
      hold(scores.recall, recalls[i]!);
      hold(scores.f1, f1s[i]!);
      hold(scores.support, support[i]!);
    }
    for (const [scores, expected] of [
      [report.macro, macro],
      [report.weighted, weighted],
    ] as const) {
      hold(scores.precision, expected[0]);
      hold(scores.recall, expected[1]);
      hold(scores.f1, expected[2]);
    }
  }
  return worst;
}

describe('the metrics agree with scikit-learn', () => {
  it('holds 1,000 cases, with classes absent from truth, from predictions and from both', () => {
    const absent = (from: (c: Case) => string, among: (c: Case) => string): number =>
      fixture.cases.filter((c) => [...among(c)].some((label) => !from(c).includes(label))).length;
    expect(fixture.cases).toHaveLength(1000);
    expect(
      absent(
        (c) => c[0],
        (c) => c[1],
      ),
    ).toBeGreaterThan(100);
    expect(
      absent(
        (c) => c[1],
        (c) => c[0],
      ),
    ).toBeGreaterThan(100);
    expect(
      absent(
        (c) => c[0] + c[1],
        (c) => c[2] ?? '',
      ),
    ).toBeGreaterThan(100);
  });
  it('in accuracy, UAR, precision, recall and F1 of 1,000 random cases to 1e-12', () => {
    expect(worstDistance(asNames)).toBeLessThanOrEqual(1e-12);
  });
  it('also where labels are numbers', () => {
    expect(worstDistance(asNumbers)).toBeLessThanOrEqual(1e-12);
  });
  it('in the confusion matrices of 1,000 random cases, and in refusing those without a class in truth', () => {
    for (const [t, p, l, , , , , , , , , expected] of fixture.cases) {
      const run = () => confusionMatrix([...t], [...p], l === null ? {} : { labels: [...l] });
      if (expected === null) expect(run).toThrow('truth expected at least one of labels');
      else expect(run().counts).toEqual(expected);
    }
  });
  it('in the text of 60 classification reports, to the character', () => {
    for (const [t, p, l, digits, text] of fixture.reports) {
      const names = (letters: string): string[] => [...letters].map((letter) => fixture.names[letter]!);
      const report = classificationReport(names(t), names(p), l === null ? {} : { labels: names(l) });
      expect(formatReport(report, { digits })).toBe(text);
    }
  });
  it('in 60 equal error rates, read off its ROC curve, to 1e-9', () => {
    for (const [scores, same, rate] of fixture.rates) {
      const ours = equalErrorRate(
        scores,
        [...same].map((bit) => bit === '1'),
      );
      expect(Math.abs(ours - rate)).toBeLessThanOrEqual(1e-9);
    }
  });
});
