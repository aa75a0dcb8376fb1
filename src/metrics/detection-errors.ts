import { sortedScores } from './verification-scores.ts';

/** Both kinds of error at each threshold from above the highest score to the lowest, equal scores being one point. */
export interface DetectionErrors {
  /** The share of different pairs let in, from 0 up to 1. */
  readonly falseAlarm: Float64Array<ArrayBuffer>;
  /** The share of same pairs kept out, from 1 down to 0. */
  readonly miss: Float64Array<ArrayBuffer>;
}

/**
 * The two error rates of a yes-or-no decision by score, at every threshold: the points of a DET curve (Martin et al. 1997, "The
 * DET curve in assessment of detection task performance", Eurospeech), whose middle {@link equalErrorRate} is.
 *
 * @param scores  a number a pair, higher where the two are more alike
 * @param same  for each pair, whether it really is the same
 * @throws SerKitError 'empty'; 'bad-input' for unequal lengths or where all pairs are of one kind; 'not-finite'
 * @example
 * detectionErrors([0.9, 0.8, 0.3], [true, false, true]); // falseAlarm 0, 0, 1, 1; miss 1, 0.5, 0.5, 0
 */
export function detectionErrors(scores: ArrayLike<number>, same: readonly boolean[]): DetectionErrors {
  const sorted = sortedScores('detectionErrors', scores, same);
  const falseAlarm = [0];
  const miss = [1];
  let [hits, letIn] = [0, 0];
  for (let i = 0; i < sorted.same.length; ) {
    const score = sorted.scores[i]!;
    for (; i < sorted.same.length && sorted.scores[i] === score; i++) {
      if (sorted.same[i]) hits++;
      else letIn++;
    }
    falseAlarm.push(letIn / sorted.negatives);
    miss.push(1 - hits / sorted.positives);
  }
  return { falseAlarm: Float64Array.from(falseAlarm), miss: Float64Array.from(miss) };
}
