import * as z from 'zod/mini';
import { parseOptions } from '../core/options.ts';
import { type Average, averageScores, countClasses, type Scores, scoresOf } from './class-counts.ts';
import { checkTruthAndPredicted, classesOf, type Label } from './labels.ts';
import { type LabelsOption, labelsOptionSchema } from './labels-option.ts';

export interface AverageOptions<L extends Label = Label> extends LabelsOption<L> {
  /**
   * 'macro': every class counts alike. 'weighted': by the number of its samples in truth.
   *
   * @default 'macro'
   */
  readonly average?: Average | undefined;
}

const optionsSchema = z.extend(labelsOptionSchema, { average: z.optional(z.enum(['macro', 'weighted'])) });

function averaged<L extends Label>(
  who: string,
  truth: readonly L[],
  predicted: readonly L[],
  options: AverageOptions<L>,
): Scores {
  const { average = 'macro' } = parseOptions(who, optionsSchema, options);
  checkTruthAndPredicted(who, truth, predicted);
  const classes = classesOf(who, truth, predicted, options.labels);
  return averageScores(countClasses(truth, predicted, classes).map(scoresOf), average);
}

// With `labels`, samples of other classes still count as wrong predictions of these.

/**
 * How much of what was called a class is that class, averaged over classes, in [0, 1]: scikit-learn's
 * `precision_score` with `zero_division=0` (a class that was never predicted has precision 0).
 *
 * @throws SerKitError 'empty' without labels, 'bad-input' for unequal lengths or labels of mixed types, 'bad-option'
 * @example
 * precision(truth, predicted, { average: 'weighted' });
 */
export function precision<L extends Label>(
  truth: readonly L[],
  predicted: readonly L[],
  options: AverageOptions<L> = {},
): number {
  return averaged('precision', truth, predicted, options).precision;
}

/**
 * How much of a class was found, averaged over classes, in [0, 1]: scikit-learn's `recall_score` with
 * `zero_division=0` (a class that is not in truth has recall 0; unweightedAverageRecall leaves it out instead).
 *
 * @throws SerKitError 'empty' without labels, 'bad-input' for unequal lengths or labels of mixed types, 'bad-option'
 * @example
 * recall(truth, predicted, { average: 'macro' });
 */
export function recall<L extends Label>(
  truth: readonly L[],
  predicted: readonly L[],
  options: AverageOptions<L> = {},
): number {
  return averaged('recall', truth, predicted, options).recall;
}

/**
 * The harmonic mean of a class's precision and recall, 2 hits / (predicted + in truth), averaged over classes, in
 * [0, 1]: scikit-learn's `f1_score` with `zero_division=0`.
 *
 * @throws SerKitError 'empty' without labels, 'bad-input' for unequal lengths or labels of mixed types, 'bad-option'
 * @example
 * f1(truth, predicted, { average: 'macro', labels: ['angry', 'sad'] });
 */
export function f1<L extends Label>(
  truth: readonly L[],
  predicted: readonly L[],
  options: AverageOptions<L> = {},
): number {
  return averaged('f1', truth, predicted, options).f1;
}
