import { SerKitError } from '../core/errors.ts';
import type { LabelledClip } from '../core/labelled-clip.ts';
import { createRandom, deriveSeed, shuffled } from '../core/random.ts';
import { compareText, plural } from './corpus.ts';
import { checkedClips, makeSplit, type Split } from './split.ts';
import { parseSplitOptions, type SplitOptions } from './split-options.ts';

/**
 * Train, validation and test parts drawn clip by clip, each label in the asked shares as nearly as whole clips allow. The same
 * voices are then in several parts, which `overlappingSpeakers` lists: figures from such a split say how well known
 * voices are recognized, and run well above those of {@link splitBySpeaker}.
 *
 * @throws SerKitError 'too-short' with fewer clips than parts; 'empty', 'bad-input', 'bad-option'
 * @example
 * splitByClip(corpus.clips, { seed: 1 }).overlappingSpeakers; // most or all speakers
 */
export function splitByClip<C extends LabelledClip>(clips: readonly C[], options: SplitOptions): Split<C> {
  const who = 'splitByClip';
  const { seed, validation, test } = parseSplitOptions(who, options);
  const sorted = checkedClips(who, clips);
  const partCount = 1 + (validation > 0 ? 1 : 0) + (test > 0 ? 1 : 0);
  if (sorted.length < partCount) {
    throw new SerKitError(
      'too-short',
      `${who}: expected at least ${plural(partCount, 'clip')} for ${plural(partCount, 'part')}, got ${sorted.length}`,
    );
  }
  const random = createRandom(deriveSeed(seed, 'split-by-clip'));
  // Labels one after another, each shuffled: walking this list and giving each part its share of every stretch keeps
  // both the parts' sizes and the labels within them right to one clip.
  const labels = [...new Set(sorted.map((clip) => clip.label))].sort(compareText);
  const order = labels.flatMap((label) =>
    shuffled(
      sorted.filter((clip) => clip.label === label),
      random,
    ),
  );
  const parts: [C[], C[], C[]] = [[], [], []];
  const shares = [1 - validation - test, validation, test];
  order.forEach((clip, i) => {
    // The part that lags most behind its share of the clips given out so far.
    const lag = shares.map((share, part) => (share > 0 ? share * (i + 1) - parts[part]!.length : -Infinity));
    parts[lag.indexOf(Math.max(...lag))]!.push(clip);
  });
  fillEmpty(parts, shares);
  return makeSplit(...parts);
}

/** Gives a part that was asked for, and that rounding left empty, one clip of the largest part. */
function fillEmpty<C>(parts: readonly C[][], shares: readonly number[]): void {
  parts.forEach((part, i) => {
    if (shares[i]! <= 0 || part.length > 0) return;
    const largest = parts.reduce((most, other) => (other.length > most.length ? other : most));
    part.push(largest.pop()!);
  });
}
