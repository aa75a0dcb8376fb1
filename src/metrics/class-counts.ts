import type { Label } from './labels.ts';

/** One class's share of the outcomes, as counts of samples. */
export interface ClassCounts {
  /** Predicted and right. */
  hits: number;
  /** Predicted, right or wrong. */
  predicted: number;
  /** In truth: the support. */
  actual: number;
}

/** Precision, recall and F1 in [0, 1], and the number of samples in truth that they speak of. */
export interface Scores {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
}

/** The counts of each of `classes`, in that order. Labels outside of them count where they met one of them. */
export function countClasses<L extends Label>(
  truth: readonly L[],
  predicted: readonly L[],
  classes: readonly L[],
): ClassCounts[] {
  const byLabel = new Map(classes.map((label) => [label, { hits: 0, predicted: 0, actual: 0 }]));
  for (const [i, label] of truth.entries()) {
    const actual = byLabel.get(label);
    if (actual !== undefined) actual.actual++;
    const guess = byLabel.get(predicted[i]!);
    if (guess !== undefined) guess.predicted++;
    if (actual !== undefined && actual === guess) actual.hits++;
  }
  return [...byLabel.values()];
}

/** Division with 0 / 0 = 0: scikit-learn's `zero_division=0`. */
const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** precision = hits / predicted, recall = hits / actual, F1 = 2 hits / (predicted + actual); 0 where none are counted. */
export function scoresOf({ hits, predicted, actual }: ClassCounts): Scores {
  return {
    precision: ratio(hits, predicted),
    recall: ratio(hits, actual),
    f1: ratio(2 * hits, predicted + actual),
    support: actual,
  };
}

/** How per-class scores become one: every class alike, or by the number of its samples in truth. */
export type Average = 'macro' | 'weighted';

/**
 * The average over classes. 'weighted' over classes of which none occurs in truth is their plain mean, as
 * scikit-learn's.
 */
export function averageScores(scores: readonly Scores[], average: Average): Scores {
  const support = scores.reduce((sum, score) => sum + score.support, 0);
  const plain = average === 'macro' || support === 0;
  const mean = (key: 'precision' | 'recall' | 'f1'): number =>
    scores.reduce((sum, score) => sum + score[key] * (plain ? 1 : score.support), 0) /
    (plain ? scores.length : support);
  return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1'), support };
}
