import { describe, expect, it } from 'vitest';
import { type MixupExample, maskFrequency, maskTime, mixup } from '../../src/augment/index.ts';
import type { FeatureMatrix } from '../../src/core/feature-matrix.ts';
import { createRandom } from '../../src/core/random.ts';

const matrix = (frames: number, dims: number): FeatureMatrix => ({
  data: Float32Array.from({ length: frames * dims }, (_, i) => Math.sin(i + 1) + 2),
  frames,
  dims,
});

/** The shares of `runs` draws that come out as each of the values. */
function shares(runs: number, draw: (seed: number) => number): Map<number, number> {
  const counts = new Map<number, number>();
  for (let seed = 0; seed < runs; seed++) counts.set(draw(seed), (counts.get(draw(seed)) ?? 0) + 1 / runs);
  return counts;
}

describe('maskTime()', () => {
  const only = { maxFrames: 3, count: 1, maxShare: 1 };

  it('hides whole frames and nothing else', () => {
    const input = matrix(12, 4);
    const { output, drawn } = maskTime({ maxFrames: 4, count: 2, maxShare: 1 }).run(input, createRandom(3));
    const hidden = (frame: number) => drawn.masks.some(({ start, width }) => frame >= start && frame < start + width);
    expect(drawn.masks.some(({ width }) => width > 0)).toBe(true);
    output.data.forEach((value, i) => {
      expect(value).toBe(hidden(Math.floor(i / 4)) ? Math.fround(1e-6) : input.data[i]);
    });
  });

  it('draws each width from 0 to maxFrames as often, and each place for it', () => {
    const input = matrix(8, 1);
    const first = (seed: number) => maskTime(only).draw(input, createRandom(seed)).masks[0]!;
    const widths = shares(8000, (seed) => first(seed).width);
    expect([...widths.keys()].sort()).toEqual([0, 1, 2, 3]);
    for (const share of widths.values()) expect(Math.abs(share - 0.25)).toBeLessThan(0.02);
    const wide = Array.from({ length: 8000 }, (_, seed) => first(seed)).filter(({ width }) => width === 3);
    const places = shares(wide.length, (i) => wide[i]!.start);
    expect([...places.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    for (const share of places.values()) expect(Math.abs(share - 1 / 6)).toBeLessThan(0.04);
  });

  it('hides no larger share of the frames with one mask than maxShare', () => {
    const widest = (frames: number, maxShare: number): number => {
      const draw = (seed: number) =>
        maskTime({ count: 1, maxShare, maxFrames: 1000 }).draw(matrix(frames, 1), createRandom(seed));
      return Math.max(...Array.from({ length: 400 }, (_, seed) => draw(seed).masks[0]!.width));
    };
    expect(widest(20, 0.2)).toBe(4);
    expect(widest(19, 0.2)).toBe(3);
    expect(widest(100, 0.29)).toBe(29);
    expect(widest(4, 0.2)).toBe(0);
  });

  it('leaves padding padding, and makes none', () => {
    const padded = { ...matrix(6, 3), data: matrix(6, 3).data.map((x, i) => (i < 12 ? x : 0)) };
    const all = maskTime({ maxFrames: 6, count: 1, maxShare: 1 });
    for (const fill of [1e-6, -80, 'mean'] as const) {
      const { data } = maskTime({ fill, ...only }).apply(padded, { masks: [{ start: 0, width: 6 }] });
      expect([...data.subarray(12)]).toEqual([0, 0, 0, 0, 0, 0]);
      expect(data.subarray(0, 12).every((x) => x !== 0)).toBe(true);
    }
    // Features whose mean is exactly 0: a frame of means would be padding.
    const centred: FeatureMatrix = { data: Float32Array.of(1, -1, 2, -2), frames: 4, dims: 1 };
    const masked = maskTime({ fill: 'mean', count: 1 }).apply(centred, { masks: [{ start: 1, width: 1 }] });
    expect([...masked.data]).toEqual([1, Math.fround(1e-6), 2, -2]);
    expect(all(matrix(6, 3), createRandom(1)).frames).toBe(6);
  });

  it('refuses a draw of another clip', () => {
    expect(() => maskTime(only).apply(matrix(5, 2), { masks: [{ start: 3, width: 3 }] })).toThrow(
      'maskTime.apply: drawn expected masks in 5 frames, got "3 to 6"',
    );
  });
});

describe('maskFrequency()', () => {
  it('hides dimensions in all frames, each by its own mean where that is asked for', () => {
    const input = matrix(50, 6);
    const { data } = maskFrequency({ fill: 'mean', count: 1 }).apply(input, { masks: [{ start: 2, width: 3 }] });
    const mean = (dim: number) => input.data.filter((_, i) => i % 6 === dim).reduce((sum, x) => sum + x / 50, 0);
    data.forEach((value, i) => {
      const dim = i % 6;
      if (dim >= 2 && dim < 5) expect(value).toBeCloseTo(mean(dim), 6);
      else expect(value).toBe(input.data[i]);
    });
  });

  it('by default leaves most of a few dimensions', () => {
    const widths = (dims: number): number =>
      Math.max(
        ...Array.from({ length: 200 }, (_, seed) =>
          Math.max(
            ...maskFrequency()
              .draw(matrix(2, dims), createRandom(seed))
              .masks.map(({ width }) => width),
          ),
        ),
      );
    expect([widths(80), widths(40), widths(13), widths(1)]).toEqual([15, 8, 2, 0]);
  });
});

describe('mixup()', () => {
  const example = (frames: number, of: number): MixupExample => ({
    features: { data: new Float32Array(frames * 2).fill(1 + of), frames, dims: 2 },
    target: Float32Array.from({ length: 3 }, (_, k) => Number(k === of)),
  });
  const batch = [example(3, 0), example(1, 1), example(2, 2)];

  it('mixes features and targets by one weight, as long as the longer of two', () => {
    const mixed = mixup().apply(batch, { weight: 0.75, partners: [1, 0, 2] });
    expect(mixed.map(({ features }) => features.frames)).toEqual([3, 3, 2]);
    expect([...mixed[0]!.features.data]).toEqual([1.25, 1.25, 0.75, 0.75, 0.75, 0.75]);
    expect([...mixed[1]!.features.data]).toEqual([1.75, 1.75, 0.25, 0.25, 0.25, 0.25]);
    expect(mixed.map(({ target }) => [...target])).toEqual([
      [0.75, 0.25, 0],
      [0.25, 0.75, 0],
      [0, 0, 1],
    ]);
    expect(mixed[2]).toBe(batch[2]);
  });

  it('draws its weight from Beta(alpha, alpha)', () => {
    const weights = Array.from(
      { length: 4000 },
      (_, seed) => mixup({ alpha: 0.4 }).draw(batch, createRandom(seed)).weight,
    );
    const mean = weights.reduce((sum, x) => sum + x / 4000, 0);
    const variance = weights.reduce((sum, x) => sum + (x - mean) ** 2 / 4000, 0);
    expect(mean).toBeCloseTo(0.5, 1);
    expect(variance * 4 * 1.8).toBeCloseTo(1, 1);
  });

  it('keeps what else an example has', () => {
    const named = batch.map((each, i) => ({ ...each, id: `clip ${i}` }));
    const mixed = mixup().apply(named, { weight: 0.5, partners: [2, 0, 1] }) as typeof named;
    expect(mixed.map(({ id }) => id)).toEqual(['clip 0', 'clip 1', 'clip 2']);
  });
});
