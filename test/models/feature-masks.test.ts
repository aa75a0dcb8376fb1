import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.ts';
import { type FeatureMasks, MASKED, maskFeatures } from '../../src/models/feature-masks.ts';
import { randomMatrix } from './small-problem.ts';

const FRAMES = 20;
const DIMS = 8;

function masked(masks: FeatureMasks, seed: number, source = randomMatrix(FRAMES, 1, DIMS).data): Float32Array {
  const values = source.slice();
  maskFeatures(values, values.length / DIMS, DIMS, masks, createRandom(seed));
  return values;
}

const isHidden = (values: Float32Array, frame: number, dim: number): boolean =>
  values[frame * DIMS + dim] === Math.fround(MASKED);
const hiddenFrames = (values: Float32Array): number[] =>
  Array.from({ length: values.length / DIMS }, (_, t) => t).filter((t) =>
    Array.from({ length: DIMS }, (_, d) => d).every((d) => isHidden(values, t, d)),
  );
const hiddenDims = (values: Float32Array): number[] =>
  Array.from({ length: DIMS }, (_, d) => d).filter((d) =>
    Array.from({ length: values.length / DIMS }, (_, t) => t).every((t) => isHidden(values, t, d)),
  );

describe('maskFeatures()', () => {
  it('hides one stretch of frames of every width from none to the widest, anywhere', () => {
    const widths = new Map<number, number>();
    const places = new Set<number>();
    for (let seed = 0; seed < 400; seed++) {
      const frames = hiddenFrames(masked({ time: { count: 1, maxFrames: 4 } }, seed));
      widths.set(frames.length, (widths.get(frames.length) ?? 0) + 1);
      for (const frame of frames) places.add(frame);
      if (frames.length > 0) expect(frames.at(-1)! - frames[0]!).toBe(frames.length - 1);
    }
    expect([...widths.keys()].sort()).toEqual([0, 1, 2, 3, 4]);
    for (const times of widths.values()) expect(times).toBeGreaterThan(50);
    expect(places.size).toBe(FRAMES);
  });

  it('hides bands of dimensions in all frames, and leaves everything else', () => {
    const before = randomMatrix(FRAMES, 1, DIMS).data;
    const seen = new Set<number>();
    for (let seed = 0; seed < 100; seed++) {
      const values = masked({ dims: { count: 2, maxDims: 2 } }, seed);
      const dims = hiddenDims(values);
      seen.add(dims.length);
      values.forEach((value, i) => {
        if (!dims.includes(i % DIMS)) expect(value).toBe(before[i]);
      });
    }
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it('makes no frame padding, and none of padding', () => {
    const source = randomMatrix(3, 1, DIMS).data;
    source.fill(0, 2 * DIMS);
    for (let seed = 0; seed < 50; seed++) {
      const values = masked({ time: { count: 3, maxFrames: 100 }, dims: { count: 3, maxDims: 100 } }, seed, source);
      for (const frame of [0, 1]) {
        expect(values.subarray(frame * DIMS, (frame + 1) * DIMS).some((value) => value !== 0)).toBe(true);
      }
      expect(values.subarray(2 * DIMS)).toEqual(new Float32Array(DIMS));
    }
  });

  it('draws the same masks again from the same seed', () => {
    const masks = { time: { count: 2, maxFrames: 5 }, dims: { count: 1, maxDims: 3 } };
    expect(masked(masks, 7)).toEqual(masked(masks, 7));
    expect(masked(masks, 7)).not.toEqual(masked(masks, 8));
  });

  it('takes a clip of one frame', () => {
    const one = randomMatrix(1, 1, DIMS).data;
    const outcomes = new Set<number>();
    for (let seed = 0; seed < 30; seed++)
      outcomes.add(hiddenFrames(masked({ time: { count: 1, maxFrames: 9 } }, seed, one)).length);
    expect([...outcomes].sort()).toEqual([0, 1]);
  });
});
