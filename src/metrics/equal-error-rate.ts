import { sortedScores } from './verification-scores.ts';

/**
 * The error rate of a yes-or-no decision by score at the threshold where it errs as often either way, in [0, 1]: 0 for
 * scores that part the two kinds, 0.5 for scores that say nothing, above that where they are upside down. The measure
 * of speaker verification.
 *
 * Over all thresholds, the share of different pairs let in runs against the share of same pairs kept out. The points
 * are joined by straight lines, equal scores being one point, and the value is read where the two shares are equal: on
 * the ROC curve of Fawcett (2006), "An introduction to ROC analysis", Pattern Recognition Letters 27, where it meets
 * the line from the upper left to the lower right.
 *
 * @param scores  a number a pair, higher where the two are more alike
 * @param same  for each pair, whether it really is the same
 * @throws SerKitError 'empty'; 'bad-input' for unequal lengths or where all pairs are of one kind; 'not-finite'
 * @example
 * equalErrorRate([0.9, 0.8, 0.3, 0.1], [true, false, true, false]); // 0.5
 */
export function equalErrorRate(scores: ArrayLike<number>, same: readonly boolean[]): number {
  const sorted = sortedScores('equalErrorRate', scores, same);
  const { positives, negatives } = sorted;

  // The threshold falls from above the highest score: nothing is let in, every same pair is missed.
  let [letIn, missed] = [0, 1];
  let [positivesSeen, negativesSeen] = [0, 0];
  for (let i = 0; i < sorted.same.length; ) {
    const score = sorted.scores[i]!;
    for (; i < sorted.same.length && sorted.scores[i] === score; i++) {
      if (sorted.same[i]) positivesSeen++;
      else negativesSeen++;
    }
    const nextLetIn = negativesSeen / negatives;
    const nextMissed = 1 - positivesSeen / positives;
    if (nextMissed <= nextLetIn) {
      const before = missed - letIn; // > 0
      const after = nextMissed - nextLetIn; // <= 0
      return letIn + (before / (before - after)) * (nextLetIn - letIn);
    }
    [letIn, missed] = [nextLetIn, nextMissed];
  }
  return letIn;
}
