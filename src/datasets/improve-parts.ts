/** Clips that stay together, counted by label. */
export interface Counted {
  readonly counts: readonly number[];
}

/** How many moves and swaps are weighed at most: enough for some 300 speakers, and 50 ms at worst. */
const MOST_WEIGHED = 1_000_000;

/** A gain below this is rounding, and no reason to go on. */
const LEAST_GAIN = 1e-9;

/**
 * What is wrong with the parts' mixture of labels, 0 at best: the sum over parts and labels of
 * (count - share of the part * all clips of the label)^2 / all clips of the label.
 *
 * @param totals  how many clips there are of each label
 */
export function partitionCost(
  parts: readonly (readonly Counted[])[],
  shares: readonly number[],
  totals: readonly number[],
): number {
  const excess = excessOf(parts, shares, totals);
  return excess.reduce((sum, part) => sum + part.reduce((own, x, label) => own + x ** 2 / totals[label]!, 0), 0);
}

/**
 * The parts after moves of one item and swaps of two between parts, as long as one of them lowers {@link partitionCost}.
 * Item after item makes the best change that it is part of, until a whole round changes nothing (or a million changes
 * have been weighed). No part is left empty. Nothing is random: the same parts give the same parts.
 */
export function improveParts<T extends Counted>(
  parts: readonly (readonly T[])[],
  shares: readonly number[],
  totals: readonly number[],
): T[][] {
  const excess = excessOf(parts, shares, totals);
  const items = parts.flat();
  const place = parts.flatMap((part, p) => part.map(() => p));
  const sizes = parts.map((part) => part.length);
  const nothing = totals.map(() => 0);

  /** By how much the cost grows when `given` goes from part p to part q, and `taken` the other way. */
  const growth = (given: readonly number[], taken: readonly number[], p: number, q: number): number => {
    const [from, to] = [excess[p]!, excess[q]!];
    let sum = 0;
    for (let label = 0; label < totals.length; label++) {
      const moved = given[label]! - taken[label]!;
      if (moved !== 0) sum += (2 * moved * (moved + to[label]! - from[label]!)) / totals[label]!;
    }
    return sum;
  };

  let weighed = 0;
  let unchanged = 0;
  for (let i = 0; unchanged < items.length && weighed < MOST_WEIGHED; i = (i + 1) % items.length) {
    const { counts } = items[i]!;
    const p = place[i]!;
    let best = { growth: -LEAST_GAIN, to: p, swapped: -1 };
    for (let q = 0; q < parts.length && sizes[p]! > 1; q++) {
      if (q === p) continue;
      const moving = growth(counts, nothing, p, q);
      if (moving < best.growth) best = { growth: moving, to: q, swapped: -1 };
      weighed++;
    }
    for (let j = 0; j < items.length; j++) {
      const q = place[j]!;
      if (q === p) continue;
      const swapping = growth(counts, items[j]!.counts, p, q);
      if (swapping < best.growth) best = { growth: swapping, to: q, swapped: j };
      weighed++;
    }
    if (best.to === p) {
      unchanged++;
      continue;
    }
    const back = best.swapped === -1 ? nothing : items[best.swapped]!.counts;
    for (let label = 0; label < totals.length; label++) {
      const moved = counts[label]! - back[label]!;
      excess[p]![label]! -= moved;
      excess[best.to]![label]! += moved;
    }
    place[i] = best.to;
    if (best.swapped !== -1) place[best.swapped] = p;
    else {
      sizes[p]!--;
      sizes[best.to]!++;
    }
    unchanged = 0;
  }
  return parts.map((_, p) => items.filter((_, i) => place[i] === p));
}

/** How many clips of each label each part has above what its share wants. */
function excessOf(
  parts: readonly (readonly Counted[])[],
  shares: readonly number[],
  totals: readonly number[],
): number[][] {
  return parts.map((part, p) =>
    totals.map((total, label) => part.reduce((sum, { counts }) => sum + counts[label]!, 0) - shares[p]! * total),
  );
}
