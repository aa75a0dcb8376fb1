import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.ts';
import { batchesByLength, batchesOfLikeLength, FRAMES_AT_ONCE, padTogether } from '../../src/models/batches.ts';

const lengths = fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 200 });
const size = fc.integer({ min: 1, max: 40 });
const all = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Frames of padding over frames of sound. */
function padding(frames: readonly number[], batches: readonly (readonly number[])[]): number {
  let padded = 0;
  for (const batch of batches) {
    const longest = Math.max(...batch.map((i) => frames[i]!));
    for (const i of batch) padded += longest - frames[i]!;
  }
  return padded / frames.reduce((sum, n) => sum + n, 0);
}

describe('batchesOfLikeLength()', () => {
  it('puts every clip into exactly one batch, of the size asked for but for one', () => {
    fc.assert(
      fc.property(lengths, size, fc.nat(1000), (frames, batchSize, seed) => {
        const batches = batchesOfLikeLength(frames, batchSize, createRandom(seed));
        expect(batches.flat().sort((a, b) => a - b)).toEqual(all(frames.length));
        expect(batches).toHaveLength(Math.ceil(frames.length / batchSize));
        expect(batches.filter((batch) => batch.length !== batchSize).length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('pads far less than a plain shuffle would', () => {
    const random = createRandom(1);
    const frames = Array.from({ length: 800 }, () => 50 + Math.floor(random() * 300));
    const sorted = padding(frames, batchesOfLikeLength(frames, 16, createRandom(2)));
    const order = all(frames.length); // the lengths are random already
    const plain = padding(
      frames,
      all(50).map((i) => order.slice(i * 16, i * 16 + 16)),
    );
    expect(plain).toBeGreaterThan(0.5);
    expect(sorted).toBeLessThan(0.1);
  });

  it('is the same for the same seed, another for another, and not in the order of lengths', () => {
    const frames = Array.from({ length: 64 }, (_, i) => 10 + i);
    const draw = (seed: number): number[][] => batchesOfLikeLength(frames, 4, createRandom(seed));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    const means = draw(1).map((batch) => batch.reduce((sum, i) => sum + frames[i]!, 0));
    expect(means).not.toEqual([...means].sort((a, b) => a - b));
  });
});

describe('FRAMES_AT_ONCE', () => {
  it('bounds every batch of more than one clip, and leaves no clip out', () => {
    const longOnes = fc.array(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 5000, max: 60_000 })), {
      minLength: 1,
      maxLength: 100,
    });
    fc.assert(
      fc.property(longOnes, fc.integer({ min: 1, max: 64 }), (frames, batchSize) => {
        for (const batches of [
          batchesOfLikeLength(frames, batchSize, createRandom(1)),
          batchesByLength(frames, batchSize),
        ]) {
          expect(batches.flat().sort((a, b) => a - b)).toEqual(all(frames.length));
          for (const batch of batches) {
            const padded = batch.length * Math.max(...batch.map((i) => frames[i]!));
            if (batch.length > 1) expect(padded).toBeLessThanOrEqual(FRAMES_AT_ONCE);
          }
        }
      }),
    );
  });
});

describe('batchesByLength()', () => {
  it('puts every clip into exactly one batch, the longest first', () => {
    fc.assert(
      fc.property(lengths, size, (frames, batchSize) => {
        const order = batchesByLength(frames, batchSize).flat();
        expect([...order].sort((a, b) => a - b)).toEqual(all(frames.length));
        for (let i = 1; i < order.length; i++) expect(frames[order[i]!]).toBeLessThanOrEqual(frames[order[i - 1]!]!);
      }),
    );
  });
});

describe('padTogether()', () => {
  it('lays clips one after another, each followed by frames of zeros', () => {
    const short = { data: Float32Array.of(1, 2), frames: 1, dims: 2 };
    const long = { data: Float32Array.of(3, 4, 5, 6), frames: 2, dims: 2 };
    expect(padTogether([short, long])).toEqual({ values: Float32Array.of(1, 2, 0, 0, 3, 4, 5, 6), frames: 2 });
  });
});
