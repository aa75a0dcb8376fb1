import { describe, expect, it } from 'vitest';
import { resampleByStep } from '../../src/audio/resample-by-step.ts';

const tone = (frequency: number, length: number): Float32Array =>
  Float32Array.from({ length }, (_, n) => 0.8 * Math.sin(Math.PI * frequency * n + 0.3));

/** The largest distance from the tone that should have come out, away from the ends. */
function worst(out: Float32Array, frequency: number, step: number): number {
  let largest = 0;
  for (let n = 1000; n < out.length - 1000; n++) {
    largest = Math.max(largest, Math.abs(out[n]! - 0.8 * Math.sin(Math.PI * frequency * step * n + 0.3)));
  }
  return largest;
}

describe('resampleByStep()', () => {
  it('keeps tones up to 0.9 of the lower Nyquist frequency to 1e-5, at any step', () => {
    for (const step of [0.25, 2 ** (-4 / 12), 0.99, 1, 1.01, 2 ** (1 / 12), Math.SQRT2, 2, 3.7]) {
      for (const share of [0, 0.013, 0.3, 0.9]) {
        const frequency = share / Math.max(1, step);
        const out = resampleByStep(tone(frequency, 20000), step, Math.floor(20000 / step));
        expect(worst(out, frequency, step), `step ${step}, ${share}`).toBeLessThan(1e-5);
      }
    }
  });

  it('takes away by 110 dB what lies above the lower Nyquist frequency', () => {
    for (const step of [1.05, 2 ** (4 / 12), 2]) {
      for (const share of [1.005, 1.02, 1.3]) {
        if (share >= step) continue;
        const out = resampleByStep(tone(share / step, 20000), step, Math.floor(20000 / step));
        expect(Math.max(...out.slice(1000, -1000).map(Math.abs)), `step ${step}, ${share}`).toBeLessThan(0.8e-5);
      }
    }
  });

  it('gives the length asked, also of one sample, and silence beyond the input', () => {
    for (const step of [0.25, 0.9, 1, 1.3, 4]) {
      for (const inputs of [1, 2, 3, 100, 5000]) {
        for (const length of [1, 2, 7, 20000]) {
          const out = resampleByStep(new Float32Array(inputs).fill(0.5), step, length);
          expect(out.length).toBe(length);
          expect(out.every(Number.isFinite)).toBe(true);
          const quiet = out.slice(Math.ceil((inputs + 120 * Math.max(1, step)) / step));
          expect(quiet.every((x) => Math.abs(x) < 1e-6)).toBe(true);
        }
      }
    }
  });

  it('has no delay: an impulse stays where it was', () => {
    const input = new Float32Array(4001);
    input[2000] = 1;
    for (const step of [0.5, 0.8, 1.25, 1.6]) {
      const out = resampleByStep(input, step, Math.floor(4001 / step));
      expect(out.indexOf(Math.max(...out))).toBe(Math.round(2000 / step));
    }
  });
});
