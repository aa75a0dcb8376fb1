import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resample } from '../../src/audio/resample.ts';
import type { Waveform } from '../../src/core/waveform.ts';
import { codeOf } from '../support/error-of.ts';

const soxr: { cases: { from: number; to: number; input: number[]; output: number[] }[] } = JSON.parse(
  readFileSync(new URL('./fixtures/resampled.json', import.meta.url), 'utf8'),
);

/** A second of a sine unless told otherwise, in float64 until it is stored. */
function tone(hz: number, sampleRate: number, phase = 0.3, length = sampleRate): Waveform {
  const samples = Float32Array.from({ length }, (_, i) => Math.sin((2 * Math.PI * hz * i) / sampleRate + phase));
  return { samples, sampleRate };
}
const decibel = (amplitude: number): number => 20 * Math.log10(Math.max(amplitude, 1e-12));
/** The peak away from the edges, where the recording's sudden ends ring. */
function innerPeak(samples: Float32Array, margin: number): number {
  return samples.subarray(margin, samples.length - margin).reduce((max, x) => Math.max(max, Math.abs(x)), 0);
}
/** The largest distance from a sine of the same frequency and phase, away from the edges. */
function distanceFromTone(samples: Float32Array, hz: number, sampleRate: number, phase: number, margin: number) {
  let max = 0;
  for (let i = margin; i < samples.length - margin; i++) {
    max = Math.max(max, Math.abs(samples[i]! - Math.sin((2 * Math.PI * hz * i) / sampleRate + phase)));
  }
  return max;
}
const DOWN = [
  [44100, 16000],
  [48000, 16000],
  [32000, 8000],
  [16000, 11025],
  [44100, 16001], // no small common ratio: the interpolated filter
] as const;
const UP = [
  [11025, 16000],
  [8000, 16000],
  [16000, 44100],
  [16000, 44101],
] as const;

describe('resample() keeps its quality over a sweep', () => {
  for (const [from, to] of DOWN) {
    it(`folds nothing above -100 dB from 1.05 times the new Nyquist frequency on, ${from} to ${to} Hz`, () => {
      for (let r = 1.05; (r * to) / 2 < from / 2 - 1; r += r < 1.15 ? 0.01 : 0.0937) {
        const { samples } = resample(tone((r * to) / 2, from), to);
        expect(decibel(innerPeak(samples, 400)), `a tone at ${r.toFixed(3)} of Nyquist`).toBeLessThan(-100);
      }
    });
  }
  for (const [from, to] of [...DOWN, ...UP]) {
    it(`is flat and in phase up to 0.9 of the lower Nyquist frequency, ${from} to ${to} Hz`, () => {
      // What is left of 1 after taking the ideal tone away bounds ripple, delay and images at once: -94 dB.
      for (let r = 0.02; r <= 0.9; r += 0.08) {
        const hz = (r * Math.min(from, to)) / 2;
        const { samples } = resample(tone(hz, from), to);
        expect(distanceFromTone(samples, hz, to, 0.3, 400), `a tone at ${r.toFixed(2)}`).toBeLessThan(2e-5);
      }
    });
  }
  for (const [from, to] of UP) {
    it(`leaves images below -100 dB, ${from} to ${to} Hz`, () => {
      // A tone at 0.95 of Nyquist has its image at 1.05 of it. Its own frequency is taken out by least squares.
      for (const r of [0.3, 0.8, 0.9, 0.95]) {
        const hz = (r * from) / 2;
        const y = resample(tone(hz, from), to).samples.subarray(500, -500);
        const w = (2 * Math.PI * hz) / to;
        let [cc, ss, cs, yc, ys] = [0, 0, 0, 0, 0];
        for (const [i, value] of y.entries()) {
          const [c, s] = [Math.cos(w * i), Math.sin(w * i)];
          cc += c * c;
          ss += s * s;
          cs += c * s;
          yc += value * c;
          ys += value * s;
        }
        const determinant = cc * ss - cs * cs;
        const a = (yc * ss - ys * cs) / determinant;
        const b = (ys * cc - yc * cs) / determinant;
        const rest = y.map((value, i) => value - a * Math.cos(w * i) - b * Math.sin(w * i));
        expect(decibel(innerPeak(rest, 0)), `a tone at ${r}`).toBeLessThan(-100);
      }
    });
  }
  it('keeps a constant', () => {
    for (const [from, to] of [...DOWN, ...UP]) {
      const { samples } = resample({ samples: new Float32Array(from / 5).fill(0.5), sampleRate: from }, to);
      expect(samples.subarray(400, -400).every((x) => Math.abs(x - 0.5) < 1e-6)).toBe(true);
    }
  });
});

describe('resample() agrees with soxr', () => {
  for (const { from, to, input, output } of soxr.cases) {
    it(`within 1e-5 on band-limited noise, ${from} to ${to} Hz`, () => {
      const { samples } = resample({ samples: new Float32Array(input), sampleRate: from }, to);
      expect(Math.abs(samples.length - output.length)).toBeLessThanOrEqual(1); // soxr rounds otherwise
      const n = Math.min(samples.length, output.length);
      let max = 0;
      for (let i = 0; i < n; i++) max = Math.max(max, Math.abs(samples[i]! - output[i]!));
      expect(max).toBeLessThan(1e-5);
    });
  }
});

describe('resample() keeps time', () => {
  it('gives round(samples * new / old) samples, whatever the rates and the length', () => {
    const rate = fc.oneof(
      fc.constantFrom(8000, 11025, 16000, 22050, 44100, 48000, 96000),
      fc.integer({ min: 1000, max: 60000 }),
      fc.double({ min: 1000, max: 60000, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), rate, rate, (length, from, to) => {
        const { samples, sampleRate } = resample({ samples: new Float32Array(length).fill(0.1), sampleRate: from }, to);
        expect(sampleRate).toBe(to);
        expect(samples).toHaveLength(Math.round((length * to) / from));
        expect(samples.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
  it('puts an impulse where it was, symmetric about its place', () => {
    const samples = new Float32Array(401);
    samples[200] = 1;
    for (const [to, place] of [
      [16000, 400],
      [4000, 100],
      [16000.5, 400],
    ] as const) {
      const y = resample({ samples, sampleRate: 8000 }, to).samples;
      expect(y.indexOf(Math.max(...y))).toBe(place);
      if (Number.isInteger(to)) {
        for (let k = 1; k < 90; k++) expect(y[place + k]).toBeCloseTo(y[place - k]!, 7);
      }
    }
  });
  it('takes the same samples by either way of computing', () => {
    // 44101 has no small ratio to 16000; its filter is interpolated. A tone knows where it ought to be.
    const { samples } = resample(tone(1000, 44101), 16000);
    expect(distanceFromTone(samples, 1000, 16000, 0.3, 200)).toBeLessThan(1e-6);
  });
  it('comes back after a way up and down', () => {
    const original = tone(700, 11025, 0, 3000);
    const back = resample(resample(original, 16000), 11025);
    expect(back.samples).toHaveLength(3000);
    for (let i = 200; i < 2800; i++) expect(Math.abs(back.samples[i]! - original.samples[i]!)).toBeLessThan(1e-6);
  });
});

describe('resample() at its edges', () => {
  it('copies the samples at an unchanged rate', () => {
    const waveform = tone(100, 8000, 0, 50);
    const same = resample(waveform, 8000);
    expect(same).toEqual(waveform);
    expect(same.samples).not.toBe(waveform.samples);
  });
  it('leaves its input as it is', () => {
    const waveform = tone(100, 8000, 0, 50);
    const before = waveform.samples.slice();
    resample(waveform, 16000);
    expect(waveform.samples).toEqual(before);
  });
  it('answers a single sample', () => {
    const one = { samples: new Float32Array([0.5]), sampleRate: 8000 };
    const up = resample(one, 16000).samples;
    expect(up).toHaveLength(2);
    expect(up[0]).toBeCloseTo(0.97 * 0.5, 5);
    expect(resample(one, 8001).samples).toHaveLength(1);
    expect(resample({ ...one, sampleRate: 16000 }, 8000).samples).toHaveLength(1);
  });
  it('has no samples left of a recording shorter than half a sample of the new rate', () => {
    expect(resample({ samples: new Float32Array([0.5]), sampleRate: 48000 }, 8000).samples).toHaveLength(0);
  });
  it('keeps silence silent', () => {
    for (const to of [16000, 8001.5]) {
      const { samples } = resample({ samples: new Float32Array(1000), sampleRate: 11025 }, to);
      expect(samples.every((x) => x === 0)).toBe(true);
    }
  });
  it('gets through rates that are absurdly far apart', () => {
    expect(resample(tone(1, 96000), 7).samples).toHaveLength(7);
    expect(resample({ samples: new Float32Array([1, -1]), sampleRate: 3 }, 96000).samples).toHaveLength(64000);
    expect(resample({ samples: new Float32Array(4), sampleRate: 1e9 + 7 }, 5e8).samples).toHaveLength(2);
  });
  it('refuses rates that are not above 0, and lengths that no memory holds', () => {
    const waveform = tone(100, 8000, 0, 50);
    for (const rate of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '16000']) {
      expect(codeOf(() => resample(waveform, rate as number))).toBe('bad-option');
    }
    expect(codeOf(() => resample(waveform, 1e12))).toBe('bad-option');
  });
  it('refuses a waveform that is empty, not finite or none at all', () => {
    const bad = (samples: Float32Array<ArrayBuffer>) => codeOf(() => resample({ samples, sampleRate: 8000 }, 16000));
    expect(bad(new Float32Array(0))).toBe('empty');
    expect(bad(new Float32Array([0, Number.NaN]))).toBe('not-finite');
    expect(codeOf(() => resample([0.5] as unknown as Waveform, 16000))).toBe('bad-input');
  });
});
