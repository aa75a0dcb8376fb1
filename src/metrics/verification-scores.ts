import { quote, SerKitError } from '../core/errors.ts';

/** Scores from the highest on, and which of them are of the same. */
export interface SortedScores {
  /** Descending. */
  readonly scores: Float64Array;
  readonly same: readonly boolean[];
  readonly positives: number;
  readonly negatives: number;
}

/** @throws SerKitError 'empty'; 'bad-input' for unequal lengths or where all pairs are of one kind; 'not-finite' */
export function sortedScores(who: string, scores: ArrayLike<number>, same: readonly boolean[]): SortedScores {
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
  }
  const negatives = same.length - positives;
  if (positives === 0 || negatives === 0) {
    const kind = positives === 0 ? 'true' : 'false';
    throw new SerKitError('bad-input', `${who}: same expected both true and false, got no ${kind}`);
  }
  const order = Uint32Array.from({ length: same.length }, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  return {
    scores: Float64Array.from(order, (i) => scores[i]!),
    same: Array.from(order, (i) => same[i]!),
    positives,
    negatives,
  };
}
