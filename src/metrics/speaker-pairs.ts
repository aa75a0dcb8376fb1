import { quote, SerKitError } from '../core/errors.ts';
import type { SortedPairs } from './weighted-error-rate.ts';

/** The two speakers of each pair of recordings: the same speaker twice is a same pair, two speakers a different one. */
export interface SpeakerPairs {
  /** The speaker of each pair's first recording. */
  readonly first: readonly string[];
  /** The speaker of its second. */
  readonly second: readonly string[];
}

/** Pairs whose lengths agree, with both kinds among them; speakers by number, in order of their names. */
export interface IndexedPairs {
  readonly names: readonly string[];
  readonly first: Uint32Array;
  readonly second: Uint32Array;
  readonly same: number;
}

/** @throws SerKitError 'bad-input', 'empty' */
export function indexPairs(who: string, pairs: SpeakerPairs): IndexedPairs {
  if (pairs === null || typeof pairs !== 'object' || !Array.isArray(pairs.first) || !Array.isArray(pairs.second)) {
    throw new SerKitError(
      'bad-input',
      `${who}: pairs expected { first, second }, lists of speakers, got ${quote(pairs)}`,
    );
  }
  const { first, second } = pairs;
  if (first.length !== second.length) {
    throw new SerKitError(
      'bad-input',
      `${who}: pairs expected as many first as second speakers, got ${first.length} and ${second.length}`,
    );
  }
  if (first.length === 0) throw new SerKitError('empty', `${who}: pairs expected at least two, got none`);
  const wrong = [...first, ...second].find((speaker) => typeof speaker !== 'string');
  if (wrong !== undefined || first.includes(undefined as never) || second.includes(undefined as never)) {
    throw new SerKitError('bad-input', `${who}: pairs expected speakers as text, got ${quote(wrong)}`);
  }
  const names = [...new Set(first.concat(second))].sort();
  const index = new Map(names.map((name, i) => [name, i]));
  const a = Uint32Array.from(first, (name) => index.get(name)!);
  const b = Uint32Array.from(second, (name) => index.get(name)!);
  let same = 0;
  for (let i = 0; i < a.length; i++) if (a[i] === b[i]) same++;
  if (same === 0 || same === a.length) {
    const kind = same === 0 ? 'the same speaker' : 'different speakers';
    throw new SerKitError(
      'bad-input',
      `${who}: pairs expected of the same speaker and of different ones, got none of ${kind}`,
    );
  }
  return { names, first: a, second: b, same };
}

/** The pairs from the highest score on. @throws SerKitError 'bad-input', 'not-finite' */
export function sortPairs(who: string, scores: ArrayLike<number>, pairs: IndexedPairs, name = 'scores'): SortedPairs {
  if (scores === null || typeof scores !== 'object' || scores.length !== pairs.first.length) {
    const got = typeof scores?.length === 'number' ? scores.length : quote(scores);
    throw new SerKitError(
      'bad-input',
      `${who}: ${name} expected a number for each of ${pairs.first.length} pairs, got ${got}`,
    );
  }
  const values = Float64Array.from(scores);
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    throw new SerKitError(
      'not-finite',
      `${who}: ${name} expected finite numbers, got ${quote(scores[wrong])} at index ${wrong}`,
    );
  }
  const order = Uint32Array.from(values.keys()).sort((i, j) => values[j]! - values[i]!);
  return {
    scores: Float64Array.from(order, (i) => values[i]!),
    first: Uint32Array.from(order, (i) => pairs.first[i]!),
    second: Uint32Array.from(order, (i) => pairs.second[i]!),
    speakers: pairs.names.length,
  };
}
