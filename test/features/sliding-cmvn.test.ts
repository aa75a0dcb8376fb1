import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeatureMatrix } from '../../src/core/feature-matrix.ts';
import { createSlidingCmvn, type SlidingCmvnOptions, slidingCmvn } from '../../src/features/index.ts';
import { errorOf } from '../support/error-of.ts';
import { readFixture } from './support.ts';

/** The matrix of make_functionals.py: multiples of 1/64. */
function matrixOf(frames: number, dims: number, seed: number): FeatureMatrix {
  let state = seed;
  const data = Float32Array.from({ length: frames * dims }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 20) / 64 - 20;
  });
  return { data, frames, dims };
}

const joined = (parts: readonly FeatureMatrix[]): number[] => parts.flatMap(({ data }) => Array.from(data));

describe('slidingCmvn()', () => {
  const { sliding } = readFixture<{
    sliding: readonly { frames: number; options: SlidingCmvnOptions; values: string }[];
  }>('functionals.json');

  it.each(sliding.map((c) => [c.frames, JSON.stringify(c.options), c] as const))(
    "of %i frames has the numbers of torchaudio's sliding_window_cmn in float64: %s",
    (frames, _, { options, values }) => {
      const expected = new Float64Array(Uint8Array.from(Buffer.from(values, 'base64')).buffer);
      const { data } = slidingCmvn(matrixOf(frames, 3, frames), options);
      expect(data.length).toBe(expected.length);
      expect(Array.from(data)).toEqual(Array.from(expected, Math.fround).map((x) => expect.closeTo(x, 5)));
    },
  );

  it('is the same for parts of any sizes, exactly', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        fc.boolean(),
        fc.boolean(),
        (sizes, window, least, variance, center) => {
          const options = { window, minWindow: Math.min(least, window), variance, center };
          const frames = sizes.reduce((sum, size) => sum + size, 0);
          const whole = matrixOf(frames, 2, 7);
          const stream = createSlidingCmvn(options);
          for (let round = 0; round < 2; round++) {
            let at = 0;
            const parts = sizes.map((size) => {
              const part = { data: whole.data.slice(2 * at, 2 * (at + size)), frames: size, dims: 2 };
              at += size;
              return stream.push(part);
            });
            parts.push(stream.flush());
            expect(joined(parts)).toEqual(Array.from(slidingCmvn(whole, options).data));
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('leaves nothing of what is added to all frames, and with variance nothing of what they are multiplied by', () => {
    const m = matrixOf(100, 2, 3);
    const moved = { ...m, data: m.data.map((x) => 4 * x + 100) };
    const a = slidingCmvn(m, { window: 30, variance: true }).data;
    const b = slidingCmvn(moved, { window: 30, variance: true }).data;
    expect(Math.max(...a.map((x, i) => Math.abs(x - b[i])))).toBeLessThan(1e-6);
    const c = slidingCmvn(m, { window: 30 }).data;
    const d = slidingCmvn({ ...m, data: m.data.map((x) => x + 100) }, { window: 30 }).data;
    expect(Math.max(...c.map((x, i) => Math.abs(x - d[i])))).toBeLessThan(1e-5);
  });

  it('forgets a huge value once its window has passed', () => {
    const m = matrixOf(100, 1, 5);
    const data = m.data.slice();
    data[5] = 1e20; // beside it a running sum loses every other value
    for (const options of [{ window: 10 }, { window: 10, variance: true, center: false }]) {
      const plain = slidingCmvn(m, options).data;
      const out = slidingCmvn({ ...m, data }, options).data;
      for (let t = 30; t < 100; t++) expect(Math.abs(out[t] - plain[t])).toBeLessThan(1e-5);
    }
  });

  it('takes a window wider than any signal, and asks for memory as the signal comes', () => {
    const m = matrixOf(3000, 2, 9);
    for (const options of [{}, { center: false }, { variance: true }]) {
      const wide = slidingCmvn(m, { ...options, window: 1e12 });
      // Not centred, the window grows from its minWindow on; either way it never leaves a frame behind.
      expect(wide.data).toEqual(slidingCmvn(m, { ...options, window: 3000 + (options.center === false ? 1 : 0) }).data);
    }
    const mean = m.data.reduce((sum, x, i) => sum + (i % 2 === 0 ? x : 0), 0) / 3000;
    expect(slidingCmvn(m, { window: 1e12 }).data[0]).toBeCloseTo(m.data[0] - mean, 4);
  });

  it('is the same for parts of any sizes where the ring of frames grows and turns over', () => {
    for (const center of [true, false]) {
      const options = { window: 1500, center };
      const whole = matrixOf(5000, 2, 4);
      const stream = createSlidingCmvn(options);
      for (let round = 0; round < 2; round++) {
        const parts: FeatureMatrix[] = [];
        for (let at = 0; at < 5000; at += 125) {
          parts.push(stream.push({ data: whole.data.slice(2 * at, 2 * (at + 125)), frames: 125, dims: 2 }));
        }
        parts.push(stream.flush());
        expect(joined(parts)).toEqual(Array.from(slidingCmvn(whole, options).data));
      }
      // Against the definition, at a frame whose window lies in the middle.
      const t = 3100;
      const [from, to] = center ? [t - 750, t + 750] : [t - 1500, t + 1];
      let sum = 0;
      for (let s = from; s < to; s++) sum += whole.data[2 * s];
      expect(slidingCmvn(whole, options).data[2 * t]).toBeCloseTo(whole.data[2 * t] - sum / (to - from), 4);
    }
  });

  it('gives frames as soon as their windows are there', () => {
    const centred = createSlidingCmvn({ window: 4 });
    expect(centred.push(matrixOf(3, 1, 1)).frames).toBe(0);
    expect(centred.push(matrixOf(1, 1, 1)).frames).toBe(3);
    expect(centred.push(matrixOf(1, 1, 1)).frames).toBe(1);
    expect(centred.flush().frames).toBe(1);
    const causal = createSlidingCmvn({ window: 4, minWindow: 2, center: false });
    expect(causal.push(matrixOf(1, 1, 1)).frames).toBe(0);
    expect(causal.push(matrixOf(2, 1, 1)).frames).toBe(3);
    expect(causal.flush().frames).toBe(0);
  });

  it('keeps names, leaves the input, and makes constants and one frame 0', () => {
    const m = { ...matrixOf(1, 2, 1), names: ['a', 'b'] };
    const before = m.data.slice();
    expect(slidingCmvn(m)).toEqual({ data: new Float32Array(2), frames: 1, dims: 2, names: ['a', 'b'] });
    expect(m.data).toEqual(before);
    const flat = { data: new Float32Array(50).fill(3.3), frames: 50, dims: 1 };
    for (const center of [true, false]) {
      expect(slidingCmvn(flat, { window: 8, variance: true, center }).data.every((x) => Math.abs(x) < 1e-6)).toBe(true);
    }
    expect(slidingCmvn({ data: new Float32Array(0), frames: 0, dims: 3 }).frames).toBe(0);
  });

  it('refuses NaN, other dims in the middle, flush() before push(), and options that are none', () => {
    expect(errorOf(() => slidingCmvn({ data: Float32Array.of(Number.NaN), frames: 1, dims: 1 })).code).toBe(
      'not-finite',
    );
    const stream = createSlidingCmvn();
    expect(errorOf(() => stream.flush()).code).toBe('empty');
    stream.push(matrixOf(1, 2, 1));
    expect(errorOf(() => stream.push(matrixOf(1, 3, 1))).message).toBe(
      'createSlidingCmvn: dims expected 2 as before, got 3',
    );
    const m = matrixOf(3, 1, 1);
    expect(errorOf(() => slidingCmvn(m, { window: 10, minWindow: 11 })).message).toBe(
      'slidingCmvn: minWindow expected <= window = 10, got 11',
    );
    expect(errorOf(() => slidingCmvn(m, { cmnWindow: 3 } as never)).message).toContain('unknown option "cmnWindow"');
    expect(errorOf(() => createSlidingCmvn({ window: 0 })).message).toContain('window expected > 0, got 0');
  });
});
