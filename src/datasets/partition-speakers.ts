import type { LabelledClip } from '../core/labelled-clip.ts';
import { type Random, shuffled } from '../core/random.ts';
import { type Counted, improveParts, partitionCost } from './improve-parts.ts';

/** How many random orders of the speakers are tried; that whose parts are nearest to what was asked is improved. */
const TRIALS = 200;

/** A speaker's clips, counted by label. */
interface Speaker<C> extends Counted {
  readonly clips: readonly C[];
}

/**
 * Clips in as many parts as there are shares, each speaker whole in one part and no part empty, so that sizes are near
 * the shares and every part has near the same mixture of labels. Of 200 random orders of the speakers, each cut where
 * the clips' running count comes nearest to the shares, the one with the least {@link partitionCost} is taken, and then
 * improved by moving and swapping speakers ({@link improveParts}): orders alone leave rare labels uneven.
 *
 * @param clips  sorted by id; from at least as many speakers as there are shares
 * @param shares  of the clips, each above 0, 1 in sum
 */
export function partitionSpeakers<C extends LabelledClip>(
  clips: readonly C[],
  shares: readonly number[],
  random: Random,
): C[][] {
  const labels = [...new Set(clips.map((clip) => clip.label))];
  const totals = labels.map((label) => clips.filter((clip) => clip.label === label).length);
  const speakers = speakersOf(clips, labels);
  let best: Speaker<C>[][] = [];
  let leastCost = Number.POSITIVE_INFINITY;
  for (let trial = 0; trial < TRIALS; trial++) {
    const parts = cut(shuffled(speakers, random), shares, clips.length);
    const cost = partitionCost(parts, shares, totals);
    if (cost < leastCost) {
      best = parts;
      leastCost = cost;
    }
  }
  return improveParts(best, shares, totals).map((part) => part.flatMap((speaker) => speaker.clips));
}

function speakersOf<C extends LabelledClip>(clips: readonly C[], labels: readonly string[]): Speaker<C>[] {
  const bySpeaker = new Map<string, C[]>();
  for (const clip of clips) {
    const own = bySpeaker.get(clip.speakerId);
    if (own === undefined) bySpeaker.set(clip.speakerId, [clip]);
    else own.push(clip);
  }
  const index = new Map(labels.map((label, i) => [label, i]));
  return [...bySpeaker.values()].map((own) => {
    const counts = labels.map(() => 0);
    for (const clip of own) counts[index.get(clip.label)!]!++;
    return { clips: own, counts };
  });
}

/** The speakers, in their order, cut where the clips' running count is nearest to each share's end. */
function cut<C>(order: readonly Speaker<C>[], shares: readonly number[], clipCount: number): Speaker<C>[][] {
  const parts: Speaker<C>[][] = [];
  let next = 0;
  let taken = 0;
  let wanted = 0;
  shares.forEach((share, part) => {
    wanted += share * clipCount;
    const most = order.length - (shares.length - part - 1); // leaves one speaker to each part that follows
    const own: Speaker<C>[] = [];
    const isLast = part === shares.length - 1;
    while (next < most) {
      const size = order[next]!.clips.length;
      if (!isLast && own.length > 0 && taken + size / 2 > wanted) break;
      own.push(order[next]!);
      taken += size;
      next++;
    }
    parts.push(own);
  });
  return parts;
}
