import { SerKitError } from '../core/errors.ts';
import type { LabelledClip } from '../core/labelled-clip.ts';
import { createRandom, deriveSeed } from '../core/random.ts';
import { plural } from './corpus.ts';
import { partitionSpeakers } from './partition-speakers.ts';
import { checkedClips, makeSplit, type Split } from './split.ts';
import { parseSplitOptions, type SplitOptions } from './split-options.ts';

/**
 * Train, validation and test parts with no speaker in two of them: the test asks about voices never heard. Speakers
 * stay whole, so sizes are as near to the shares, and labels as evenly spread, as whole speakers allow (see
 * {@link describeSplit} for what came out). A part whose share is 0 is empty.
 *
 * @param clips  from at least as many speakers as there are parts
 * @throws SerKitError 'too-short' with too few speakers; 'empty', 'bad-input', 'bad-option'
 * @example
 * const split = splitBySpeaker(corpus.clips, { seed: 1, validation: 0.15, test: 0.15 });
 */
export function splitBySpeaker<C extends LabelledClip>(clips: readonly C[], options: SplitOptions): Split<C> {
  const who = 'splitBySpeaker';
  const { seed, validation, test } = parseSplitOptions(who, options);
  const sorted = checkedClips(who, clips);
  const shares = [1 - validation - test, validation, test];
  const asked = shares.filter((share) => share > 0);
  requireSpeakers(who, sorted, asked.length, `${plural(asked.length, 'part')} of whole speakers`);
  const parts = partitionSpeakers(sorted, asked, createRandom(deriveSeed(seed, 'split-by-speaker')));
  const [train, held, kept] = shares.map((share) => (share > 0 ? parts.shift()! : []));
  return makeSplit(train!, held!, kept!);
}

/** @throws SerKitError 'too-short' when the clips come from fewer speakers than are needed */
export function requireSpeakers(who: string, clips: readonly LabelledClip[], least: number, why: string): void {
  const count = new Set(clips.map((clip) => clip.speakerId)).size;
  if (count < least) {
    throw new SerKitError(
      'too-short',
      `${who}: expected at least ${plural(least, 'speaker')} for ${why}, got ${count}; ` +
        'add speakers, ask for fewer parts, or use splitByClip',
    );
  }
}
