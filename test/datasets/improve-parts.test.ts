import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, shuffled } from '../../src/core/random.ts';
import { type Counted, improveParts, partitionCost } from '../../src/datasets/improve-parts.ts';

const item = (...counts: number[]): Counted => ({ counts });
const totalsOf = (parts: readonly (readonly Counted[])[]): number[] =>
  parts.flat().reduce<number[]>((sum, { counts }) => counts.map((n, label) => n + (sum[label] ?? 0)), []);

/** Items of 1 to 4 labels, dealt out to parts that are all filled. */
const dealt = fc
  .record({ labels: fc.integer({ min: 1, max: 4 }), partCount: fc.integer({ min: 2, max: 4 }), seed: fc.nat() })
  .chain(({ labels, partCount, seed }) =>
    fc
      .array(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: labels, maxLength: labels }), {
        minLength: partCount,
        maxLength: 14,
      })
      .map((counts) => {
        const random = createRandom(seed);
        const items = [item(...Array.from({ length: labels }, () => 1)), ...counts.map((each) => item(...each))];
        const parts: Counted[][] = Array.from({ length: partCount }, () => []);
        shuffled(items, random).forEach((each, i) => {
          parts[i < partCount ? i : Math.floor(random() * partCount)]!.push(each);
        });
        return parts;
      }),
  );

describe('partitionCost()', () => {
  it('is the squared excess of every part and label, over all clips of the label', () => {
    // Shares of 6 and 2 clips: 4.5 and 1.5 wanted of the first part, 1.5 and 0.5 of the second.
    const parts = [[item(4, 1), item(1, 0)], [item(1, 1)]];
    expect(partitionCost(parts, [0.75, 0.25], [6, 2])).toBeCloseTo((2 * 0.5 ** 2) / 6 + (2 * 0.5 ** 2) / 2, 12);
    expect(partitionCost([[item(3, 1)], [item(3, 1)]], [0.5, 0.5], [6, 2])).toBe(0);
  });
});

describe('improveParts()', () => {
  it('ends where no move of one item and no swap of two lowers the cost, with every item kept and no part empty', () => {
    fc.assert(
      fc.property(dealt, (parts) => {
        const shares = parts.map((_, p) => (p === 0 ? 0.7 : 0.3 / (parts.length - 1)));
        const totals = totalsOf(parts);
        const better = improveParts(parts, shares, totals);
        const cost = partitionCost(better, shares, totals);
        expect(cost).toBeLessThanOrEqual(partitionCost(parts, shares, totals));
        expect(new Set(better.flat())).toEqual(new Set(parts.flat()));
        expect(better.flat()).toHaveLength(parts.flat().length);
        for (const part of better) expect(part.length).toBeGreaterThan(0);

        for (const [p, part] of better.entries()) {
          for (const [q, other] of better.entries()) {
            if (p === q) continue;
            for (const given of part) {
              for (const taken of part.length > 1 ? [undefined, ...other] : other) {
                const changed = better.map((each) => each.filter((x) => x !== given && x !== taken));
                changed[q]!.push(given);
                if (taken !== undefined) changed[p]!.push(taken);
                expect(partitionCost(changed, shares, totals)).toBeGreaterThan(cost - 1e-6);
              }
            }
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('swaps two items where no single move helps, and moves one where no swap does', () => {
    const swapped = improveParts(
      [
        [item(2, 0), item(2, 0)],
        [item(0, 2), item(0, 2)],
      ],
      [0.5, 0.5],
      [4, 4],
    );
    expect(swapped.map((part) => part.map(({ counts }) => counts[0]).sort())).toEqual([
      [0, 2],
      [0, 2],
    ]);
    const moved = improveParts([[item(2), item(2), item(2)], [item(2)]], [0.5, 0.5], [8]);
    expect(moved.map((part) => part.length)).toEqual([2, 2]);
  });

  it('leaves parts of one item each, and what is right already, as they are', () => {
    const single = [[item(9)], [item(1)]];
    expect(improveParts(single, [0.9, 0.1], [10])).toEqual(single);
    const even = [
      [item(1), item(2)],
      [item(2), item(1)],
    ];
    expect(improveParts(even, [0.5, 0.5], [6])).toEqual(even);
  });

  it('ends for thousands of items', () => {
    const random = createRandom(3);
    const items = Array.from({ length: 8000 }, () =>
      item(
        ...[
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ][Math.floor(random() * 3)]!,
      ),
    );
    const parts = [items.slice(0, 2000), items.slice(2000)];
    const totals = totalsOf(parts);
    const better = improveParts(parts, [0.5, 0.5], totals);
    expect(better.flat()).toHaveLength(8000);
    expect(partitionCost(better, [0.5, 0.5], totals)).toBeLessThan(partitionCost(parts, [0.5, 0.5], totals));
  });
});
