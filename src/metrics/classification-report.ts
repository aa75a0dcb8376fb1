import { parseOptions } from '../core/options.ts';
import { hitRate } from './accuracy.ts';
import { averageScores, countClasses, type Scores, scoresOf } from './class-counts.ts';
import { checkTruthAndPredicted, classesOf, type Label } from './labels.ts';
import { type LabelsOption, labelsOptionSchema } from './labels-option.ts';
import { meanRecall } from './unweighted-average-recall.ts';

/** The usual figures of a classifier in one plain object; `formatReport` prints it. */
export interface ClassificationReport<L extends Label = Label> {
  /** The classes, in the order of the printed rows. */
  readonly labels: readonly L[];
  /** Over all samples, whatever `labels` was given. */
  readonly accuracy: number;
  /** Over all classes that occur in truth, whatever `labels` was given. */
  readonly unweightedAverageRecall: number;
  /**
   * All counts of `labels` taken together. Only there where `labels` leaves out a class that occurs; otherwise its
   * precision, recall and F1 all are the accuracy.
   */
  readonly micro?: Scores;
  /** Every class counts alike. */
  readonly macro: Scores;
  /** Each class counts by its support. */
  readonly weighted: Scores;
  readonly perClass: Readonly<Record<L, Scores>>;
}

/**
 * Accuracy, unweighted average recall, and precision, recall, F1 and support of each class and on average: the numbers
 * of scikit-learn's `classification_report` with `zero_division=0`. With `labels`, precision to support speak of those
 * classes alone; samples of other classes still count as wrong predictions of these.
 *
 * @throws SerKitError 'empty' without labels, 'bad-input' for unequal lengths or labels of mixed types, 'bad-option'
 * @example
 * const report = classificationReport(truth, predicted);
 * report.perClass.sad.recall;
 * console.log(formatReport(report));
 */
export function classificationReport<L extends Label>(
  truth: readonly L[],
  predicted: readonly L[],
  options: LabelsOption<L> = {},
): ClassificationReport<L> {
  const who = 'classificationReport';
  parseOptions(who, labelsOptionSchema, options);
  checkTruthAndPredicted(who, truth, predicted);
  const labels = classesOf(who, truth, predicted, options.labels);
  const counts = countClasses(truth, predicted, labels);
  const scores = counts.map(scoresOf);

  const listed = new Set(labels);
  const complete = truth.every((label, i) => listed.has(label) && listed.has(predicted[i]!));
  const together = { hits: 0, predicted: 0, actual: 0 };
  for (const count of counts) {
    together.hits += count.hits;
    together.predicted += count.predicted;
    together.actual += count.actual;
  }
  return {
    labels,
    accuracy: hitRate(truth, predicted),
    unweightedAverageRecall: meanRecall(truth, predicted),
    ...(complete ? {} : { micro: scoresOf(together) }),
    macro: averageScores(scores, 'macro'),
    weighted: averageScores(scores, 'weighted'),
    // fromEntries defines keys, where an assignment would trip over a class called "__proto__".
    perClass: Object.fromEntries(labels.map((label, i) => [label, scores[i]!])) as Record<L, Scores>,
  };
}
