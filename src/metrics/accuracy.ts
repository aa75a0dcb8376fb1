import { checkTruthAndPredicted, type Label } from './labels.ts';

/**
 * The share of labels predicted right, in [0, 1]: scikit-learn's `accuracy_score`.
 *
 * @throws SerKitError 'empty' without labels, 'bad-input' for unequal lengths or labels of mixed types
 * @example
 * accuracy(['sad', 'happy'], ['sad', 'sad']); // 0.5
 */
export function accuracy<L extends Label>(truth: readonly L[], predicted: readonly L[]): number {
  checkTruthAndPredicted('accuracy', truth, predicted);
  return hitRate(truth, predicted);
}

/** Accuracy of labels that are checked already. */
export function hitRate<L extends Label>(truth: readonly L[], predicted: readonly L[]): number {
  let hits = 0;
  for (const [i, label] of truth.entries()) if (label === predicted[i]) hits++;
  return hits / truth.length;
}
