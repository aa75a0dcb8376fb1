import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { count, parseOptions } from '../core/options.ts';

/** Which part of how many. */
export interface Shard {
  /** From 1 to `of`. */
  readonly index: number;
  readonly of: number;
}

const schema = z
  .strictObject({ index: count, of: count })
  .check(z.refine(({ index, of }) => index <= of, 'index from 1 to of'));

/**
 * One of `of` parts of a corpus, for a cluster's array jobs: of the clips in the order of their ids, every `of`-th from
 * the `index`-th on. Each clip is in exactly one part, whatever order the clips come in; the parts' sizes differ by at
 * most one clip. The part keeps the order that the clips came in.
 *
 * @throws SerKitError 'bad-option', 'bad-input'
 * @example
 * const clips = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id }));
 * shardOf(clips, { index: 2, of: 2 }); // b and d
 */
export function shardOf<C extends { readonly id: string }>(clips: readonly C[], shard: Shard): readonly C[] {
  const { index, of } = parseOptions('shardOf', schema, shard);
  if (!Array.isArray(clips)) {
    throw new SerKitError('bad-input', `shardOf: clips expected an array of clips, got ${quote(clips)}`);
  }
  // By code units, so that every machine sorts alike.
  const sorted = [...clips].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const chosen = new Set(sorted.filter((_, i) => i % of === index - 1));
  return clips.filter((clip) => chosen.has(clip));
}
