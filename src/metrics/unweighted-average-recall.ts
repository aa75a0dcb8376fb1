import { countClasses, scoresOf } from './class-counts.ts';
import { checkTruthAndPredicted, type Label } from './labels.ts';

/**
 * The mean recall of the classes that occur in truth, in [0, 1]; chance is 1 / classes, however unequal they are. The
 * usual figure of speech emotion recognition (Schuller, Steidl, Batliner 2009), scikit-learn's
 * `balanced_accuracy_score`. A class that is only predicted counts as errors of the others; macro recall, in contrast,
 * would average it in as a 0.
 *
 * @throws SerKitError 'empty' without labels, 'bad-input' for unequal lengths or labels of mixed types
 * @example
 * unweightedAverageRecall(['sad', 'sad', 'sad', 'happy'], ['sad', 'sad', 'sad', 'sad']); // 0.5, where accuracy is 0.75
 */
export function unweightedAverageRecall<L extends Label>(truth: readonly L[], predicted: readonly L[]): number {
  checkTruthAndPredicted('unweightedAverageRecall', truth, predicted);
  return meanRecall(truth, predicted);
}

/** Unweighted average recall of labels that are checked already. */
export function meanRecall<L extends Label>(truth: readonly L[], predicted: readonly L[]): number {
  const counts = countClasses(truth, predicted, [...new Set(truth)]);
  return counts.reduce((sum, count) => sum + scoresOf(count).recall, 0) / counts.length;
}
