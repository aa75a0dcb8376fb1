import { quote, SerKitError } from '../core/errors.ts';
import { parseOptions } from '../core/options.ts';
import { checkTruthAndPredicted, classesOf, type Label } from './labels.ts';
import { type LabelsOption, labelsOptionSchema } from './labels-option.ts';

/** How often each class was taken for each. */
export interface ConfusionMatrix<L extends Label = Label> {
  /** The classes of the rows and of the columns. */
  readonly labels: readonly L[];
  /** `counts[t][p]`: samples of class `labels[t]` that were predicted to be `labels[p]`. */
  readonly counts: number[][];
}

/**
 * How often each class (row) was predicted to be each class (column): scikit-learn's `confusion_matrix`. With `labels`,
 * samples whose truth or prediction is another class are left out, and a class that does not occur is a row of zeros.
 *
 * @throws SerKitError 'empty' without labels; 'bad-input' for unequal lengths, labels of mixed types or where none of
 *   `labels` occurs in truth; 'bad-option'
 * @example
 * confusionMatrix(['sad', 'sad', 'happy'], ['sad', 'happy', 'happy']);
 * // { labels: ['happy', 'sad'], counts: [[1, 0], [1, 1]] }
 */
export function confusionMatrix<L extends Label>(
  truth: readonly L[],
  predicted: readonly L[],
  options: LabelsOption<L> = {},
): ConfusionMatrix<L> {
  const who = 'confusionMatrix';
  parseOptions(who, labelsOptionSchema, options);
  checkTruthAndPredicted(who, truth, predicted);
  const labels = classesOf(who, truth, predicted, options.labels);
  const place = new Map(labels.map((label, i) => [label, i]));
  if (!truth.some((label) => place.has(label))) {
    throw new SerKitError('bad-input', `${who}: truth expected at least one of labels, got none of ${quote(labels)}`);
  }
  const counts = labels.map(() => labels.map(() => 0));
  for (const [i, label] of truth.entries()) {
    const row = place.get(label);
    const column = place.get(predicted[i]!);
    if (row !== undefined && column !== undefined) counts[row]![column]!++;
  }
  return { labels, counts };
}
