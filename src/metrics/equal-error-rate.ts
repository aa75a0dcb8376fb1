import { quote, SerKitError } from '../core/errors.ts';

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
  const who = 'equalErrorRate';
  if (scores === null || typeof scores !== 'object' || typeof scores.length !== 'number') {
    throw new SerKitError('bad-input', `${who}: scores expected an array of numbers, got ${quote(scores)}`);
  }
  if (!Array.isArray(same) || same.length !== scores.length) {
    const got = Array.isArray(same) ? `${same.length}` : quote(same);
    throw new SerKitError(
      'bad-input',
      `${who}: same expected as many booleans as scores (${scores.length}), got ${got}`,
    );
  }
  if (scores.length === 0) throw new SerKitError('empty', `${who}: scores expected at least two, got none`);
  const order: number[] = [];
  let positives = 0;
  for (const [i, value] of same.entries()) {
    if (!Number.isFinite(scores[i])) {
      throw new SerKitError(
        'not-finite',
        `${who}: scores expected finite numbers, got ${quote(scores[i])} at index ${i}`,
      );
    }
    if (typeof value !== 'boolean') {
      throw new SerKitError('bad-input', `${who}: same expected booleans, got ${quote(value)} at index ${i}`);
    }
    if (value) positives++;
    order.push(i);
  }
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) {
    const kind = positives === 0 ? 'true' : 'false';
    throw new SerKitError('bad-input', `${who}: same expected both true and false, got no ${kind}`);
  }
  order.sort((a, b) => scores[b]! - scores[a]!);

  // The threshold falls from above the highest score: nothing is let in, every same pair is missed.
  let [letIn, missed] = [0, 1];
  let [positivesSeen, negativesSeen] = [0, 0];
  for (let i = 0; i < order.length; ) {
    const score = scores[order[i]!]!;
    for (; i < order.length && scores[order[i]!] === score; i++) {
      if (same[order[i]!]) positivesSeen++;
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
