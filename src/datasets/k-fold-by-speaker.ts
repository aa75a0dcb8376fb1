import * as z from 'zod/mini';
import type { LabelledClip } from '../core/labelled-clip.ts';
import { parseOptions, seedNumber } from '../core/options.ts';
import { createRandom, deriveSeed } from '../core/random.ts';
import { partitionSpeakers } from './partition-speakers.ts';
import { checkedClips, makeSplit, type Split } from './split.ts';
import { requireSpeakers } from './split-by-speaker.ts';
import { share } from './split-options.ts';

/** How a corpus is parted into folds. */
export interface KFoldOptions {
  /** The same seed gives the same folds, in whatever order the clips come. */
  readonly seed: number;
  /**
   * How many folds, from 2 up.
   * @default 5
   */
  readonly folds?: number;
  /**
   * The share, of the clips that a fold does not test, to choose by while training: from 0 up to below 1.
   * @default 0.15
   */
  readonly validation?: number;
}

const schema = z.strictObject({
  seed: seedNumber,
  folds: z.optional(z.int().check(z.minimum(2))),
  validation: z.optional(share),
});

/**
 * As many splits as folds, in which every clip is tested exactly once and no speaker is in two parts of a split. Folds
 * are of like size and have like mixtures of labels, as far as whole speakers allow. A label that only one speaker has
 * is missing from the training part of the fold that tests this speaker (nothing trained there can know it), and with a
 * label of few speakers the validation part may take the last of them: `describeSplit` shows such a 0.
 *
 * @param clips  from at least as many speakers as folds (and from at least 3 with a validation part)
 * @throws SerKitError 'too-short' with too few speakers; 'empty', 'bad-input', 'bad-option'
 * @example
 * for (const split of kFoldBySpeaker(corpus.clips, { seed: 1, folds: 5 })) console.log(split.test.length);
 */
export function kFoldBySpeaker<C extends LabelledClip>(
  clips: readonly C[],
  options: KFoldOptions,
): readonly Split<C>[] {
  const who = 'kFoldBySpeaker';
  const { seed, folds = 5, validation = 0.15 } = parseOptions(who, schema, options);
  const sorted = checkedClips(who, clips);
  const least = validation > 0 ? Math.max(folds, 3) : folds;
  requireSpeakers(who, sorted, least, `${folds} folds${validation > 0 ? ' with a validation part' : ''}`);
  const shares = Array.from({ length: folds }, () => 1 / folds);
  const tests = partitionSpeakers(sorted, shares, createRandom(deriveSeed(seed, 'k-fold-by-speaker')));
  return tests.map((test, fold) => {
    const testSpeakers = new Set(test.map((clip) => clip.speakerId));
    const rest = sorted.filter((clip) => !testSpeakers.has(clip.speakerId));
    if (validation === 0) return makeSplit(rest, [], test);
    requireSpeakers(who, rest, 2, `the training and validation parts of fold ${fold + 1}`);
    const random = createRandom(deriveSeed(seed, 'k-fold-by-speaker', 'validation', fold));
    const [train, held] = partitionSpeakers(rest, [1 - validation, validation], random);
    return makeSplit(train!, held!, test);
  });
}
