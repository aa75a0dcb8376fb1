import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resample } from '../../src/audio/resample.ts';
import { createResampler } from '../../src/audio/resample-stream.ts';
import { codeOf, errorOf } from '../support/error-of.ts';

function noise(length: number, seed: number): Float32Array<ArrayBuffer> {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

describe('createResampler()', () => {
  it.each([
    [48000, 16000],
    [44100, 16000],
    [11025, 16000],
    [16000, 44101], // no table for these two
    [44101, 16000],
    [96000, 1000],
    [1000, 96000],
    [16000, 16000],
  ])('gives, for blocks of any sizes, exactly what resample() gives of the whole: %d to %d Hz', (from, to) => {
    const stream = createResampler({ from, to });
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1500 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 2 ** 31 }),
        (sizes, seed) => {
          const samples = noise(
            sizes.reduce((sum, size) => sum + size, 1),
            seed,
          );
          const out: Float32Array[] = [];
          let at = 0;
          for (const size of [...sizes, 1]) {
            out.push(stream.push(samples.slice(at, at + size)));
            at += size;
          }
          out.push(stream.flush());
          const whole = resample({ samples, sampleRate: from }, to).samples;
          expect(out.reduce((sum, part) => sum + part.length, 0)).toBe(whole.length);
          let n = 0;
          expect(out.every((part) => part.every((x) => x === whole[n++]))).toBe(true);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('lags behind by the filter alone', () => {
    const stream = createResampler({ from: 48000, to: 16000 });
    expect(stream.push(noise(48000, 1)).length).toBe(16000 - 64);
    expect(stream.flush().length).toBe(64);
  });

  it('of nothing is nothing', () => {
    expect(createResampler({ from: 8000, to: 16000 }).flush().length).toBe(0);
  });

  it('refuses rates that are none, and blocks that are not finite samples', () => {
    expect(codeOf(() => createResampler({ from: 0, to: 16000 }))).toBe('bad-option');
    expect(errorOf(() => createResampler({ from: 16000, to: Number.NaN })).message).toBe(
      'createResampler: to expected Hz > 0, got NaN',
    );
    for (const rates of [undefined, null, 16000, {}, { from: 8000 }, { from: '8000', to: 16000 }]) {
      expect(codeOf(() => createResampler(rates as never))).toBe('bad-option');
    }
    expect(errorOf(() => createResampler({ from: 8000, to: 16000, quality: 9 } as never)).message).toBe(
      'createResampler: unknown option "quality" (known: from, to)',
    );
    const stream = createResampler({ from: 8000, to: 16000 });
    expect(codeOf(() => stream.push(Float32Array.of(0, Number.NaN)))).toBe('not-finite');
    expect(codeOf(() => stream.push([0] as never))).toBe('bad-input');
  });
});
