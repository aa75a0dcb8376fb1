import { describe, expect, it } from 'vitest';
import { changeSpeed, parseTransform } from '../../src/augment/index.ts';
import { createRandom } from '../../src/core/random.ts';
import { harmonicsToNoiseDb } from './harmonics-to-noise.ts';

const RATE = 16000;
const sine = (hertz: number, length: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / RATE));
const change = (samples: Float32Array<ArrayBuffer>, factor: number): Float32Array =>
  changeSpeed({ factor })({ samples, sampleRate: RATE }, createRandom(1)).samples;

describe('changeSpeed()', () => {
  it('makes 484 Hz of 440 Hz at 1.1, with all else 90 dB below', () => {
    const out = change(sine(440, 2 * RATE), 1.1);
    expect(harmonicsToNoiseDb(out, 484, 1, RATE)).toBeGreaterThan(90);
    // 1e-4 of 484 Hz away the two come apart within a second.
    expect(harmonicsToNoiseDb(out, 484 * 1.0001, 1, RATE)).toBeLessThan(45);
  });

  it.each([0.5, 0.8, 0.937, 1.037, 1.25, 2])('at %d reads what lies at i * factor', (factor) => {
    for (const hertz of [100, 1000, 3000]) {
      const out = change(sine(hertz, RATE), factor);
      let worst = 0;
      for (let i = 200; i < out.length - 200; i++) {
        worst = Math.max(worst, Math.abs(out[i]! - 0.5 * Math.sin((2 * Math.PI * hertz * factor * i) / RATE)));
      }
      expect(worst, `${hertz} Hz`).toBeLessThan(2e-5);
    }
  });

  it('leaves out what the new speed has no room for', () => {
    const out = change(sine(6000, RATE), 1.5).subarray(200, -200);
    expect(Math.max(...out.map(Math.abs))).toBeLessThan(0.5 * 10 ** (-90 / 20));
  });

  it('gives round(n / factor) samples, halves to even, and at least one', () => {
    expect([1, 2, 3, 5, 7].map((n) => change(sine(1, n), 2).length)).toEqual([1, 1, 2, 2, 4]);
    expect([1, 3, 1000].map((n) => change(sine(1, n), 0.1).length)).toEqual([10, 30, 10000]);
    expect(change(sine(1, 4), 10).length).toBe(1);
    for (let n = 1; n < 4000; n += 37) {
      for (const factor of [0.9, 0.999, 1.003, 1.1, 9.999]) {
        const out = change(sine(50, n), factor);
        expect(out.length).toBe(Math.max(1, Math.round(n / factor)));
        expect(out.every(Number.isFinite)).toBe(true);
      }
    }
  });

  it('gives the input itself at 1, and keeps silence silent', () => {
    const waveform = { samples: sine(440, 100), sampleRate: RATE };
    expect(changeSpeed({ factor: 1 })(waveform, createRandom(1))).toBe(waveform);
    expect(change(new Float32Array(500), 1.1).every((x) => x === 0)).toBe(true);
  });

  it('draws thousandths, and applies them again over JSON', () => {
    const transform = changeSpeed({ factor: [0.8, 1.25] });
    const again = parseTransform(JSON.parse(JSON.stringify(transform)));
    const waveform = { samples: sine(440, 500), sampleRate: RATE };
    for (let seed = 0; seed < 30; seed++) {
      const { output, drawn } = transform.run(waveform, createRandom(seed));
      expect(drawn.factor * 1000).toBeCloseTo(Math.round(drawn.factor * 1000), 9);
      expect(transform.apply(waveform, JSON.parse(JSON.stringify(drawn)))).toEqual(output);
      expect(again(waveform, createRandom(seed))).toEqual(output);
    }
  });

  it.each([{ factor: 0 }, { factor: [1.1, 0.9] }, { rate: 2 }])('refuses %j', (options) => {
    expect(() => changeSpeed(options as object)).toThrow('changeSpeed: ');
  });
});
