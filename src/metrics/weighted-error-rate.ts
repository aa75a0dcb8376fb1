/** Pairs from the highest score on, as indices. */
export interface SortedPairs {
  /** Descending. */
  readonly scores: Float64Array;
  /** For each, the two speakers, as indices; the same index twice is a same pair. */
  readonly first: Uint32Array;
  readonly second: Uint32Array;
  readonly speakers: number;
}

/** How much of the pairs' weight is of the same speaker, and of different ones. */
interface Totals {
  readonly same: number;
  readonly different: number;
}

/** What all pairs weigh together where each speaker counts so often; a same pair w, a different one w1 * w2. */
export function totalsOf(cells: readonly PairCount[], weights: ArrayLike<number>): Totals {
  let [same, different] = [0, 0];
  for (const { first, second, count } of cells) {
    if (first === second) same += count * weights[first]!;
    else different += count * weights[first]! * weights[second]!;
  }
  return { same, different };
}

/** How many pairs two speakers have with each other. */
export interface PairCount {
  readonly first: number;
  readonly second: number;
  readonly count: number;
}

export function countPairs({ first, second, speakers }: SortedPairs): PairCount[] {
  const counts = new Map<number, number>();
  for (let i = 0; i < first.length; i++) {
    const cell = first[i]! * speakers + second[i]!;
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  return [...counts].map(([cell, count]) => ({ first: Math.floor(cell / speakers), second: cell % speakers, count }));
}

/** Where the two kinds of error are as frequent. */
export interface ErrorCrossing {
  /** Both error rates there. */
  readonly rate: number;
  /** Pairs of this score and above are taken for the same speaker. */
  readonly threshold: number;
}

/**
 * Where the share of different pairs let in meets the share of same pairs kept out, as equalErrorRate() reads it, with
 * each speaker counted `weights` times; undefined where a kind is missing. One sweep from the highest score down to there,
 * with nothing copied: resamples of the same pairs share one sorting.
 */
export function weightedCrossing(
  { scores, first, second }: SortedPairs,
  cells: readonly PairCount[],
  weights: Float64Array,
): ErrorCrossing | undefined {
  const { same, different } = totalsOf(cells, weights);
  if (same === 0 || different === 0) return undefined;
  let [letIn, missed] = [0, 1];
  let [sameSeen, differentSeen] = [0, 0];
  for (let i = 0; i < scores.length; ) {
    const score = scores[i]!;
    // Equal scores are one point.
    do {
      const a = first[i]!;
      const b = second[i]!;
      if (a === b) sameSeen += weights[a]!;
      else differentSeen += weights[a]! * weights[b]!;
      i++;
    } while (i < scores.length && scores[i] === score);
    const nextLetIn = differentSeen / different;
    const nextMissed = 1 - sameSeen / same;
    if (nextMissed <= nextLetIn) {
      const before = missed - letIn;
      const after = nextMissed - nextLetIn;
      return { rate: letIn + (before / (before - after)) * (nextLetIn - letIn), threshold: score };
    }
    [letIn, missed] = [nextLetIn, nextMissed];
  }
  return { rate: letIn, threshold: scores[scores.length - 1]! };
}
