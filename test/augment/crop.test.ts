import { describe, expect, it } from 'vitest';
import { crop, type Waveform } from '../../src/augment/index.ts';
import { createRandom } from '../../src/core/random.ts';

const ramp = (length: number, sampleRate = 16000): Waveform => ({
  samples: Float32Array.from({ length }, (_, i) => i / 65536),
  sampleRate,
});

/** Silence with a little noise, and a voice-like tone of harmonics from `begin` to `end` seconds. */
function spoken(seconds: number, stretches: readonly (readonly [number, number])[], sampleRate = 16000): Waveform {
  const random = createRandom(7);
  const samples = Float32Array.from({ length: Math.round(seconds * sampleRate) }, (_, i) => {
    const t = i / sampleRate;
    const on = stretches.some(([begin, end]) => t >= begin && t < end);
    const voice = [1, 2, 3, 4].reduce((sum, k) => sum + Math.sin(2 * Math.PI * 150 * k * t) / k, 0);
    return 0.001 * (random() - 0.5) + (on ? 0.2 * voice : 0);
  });
  return { samples, sampleRate };
}

describe('crop()', () => {
  it.each([
    [1, 16000, 16000],
    [0.5, 11025, 5512],
    [1.5 / 11025, 11025, 2],
    [2.5 / 8000, 8000, 2],
    [3.5 / 1000, 1000, 4],
    [0.1, 44100, 4410],
  ])('of %d s at %d Hz leaves %d samples, halves to the even number', (durationSec, sampleRate, expected) => {
    const out = crop({ durationSec: Math.max(0.001, durationSec) })(ramp(50000, sampleRate), createRandom(1));
    const least = Math.round(0.001 * sampleRate);
    expect(out.samples.length).toBe(durationSec < 0.001 ? least : expected);
  });

  it('leaves a stretch of the clip itself, from anywhere, both ends included', () => {
    const clip = ramp(20, 1000);
    const starts = new Map<number, number>();
    for (let seed = 0; seed < 3000; seed++) {
      const { output, drawn } = crop({ durationSec: 0.016 }).run(clip, createRandom(seed));
      expect(output.samples).toEqual(clip.samples.slice(drawn.startSample, drawn.startSample + 16));
      starts.set(drawn.startSample, (starts.get(drawn.startSample) ?? 0) + 1);
    }
    expect([...starts.keys()].sort()).toEqual([0, 1, 2, 3, 4]);
    for (const times of starts.values()) expect(times / 3000).toBeCloseTo(0.2, 1);
  });

  it('takes the middle, and an odd sample more at the end', () => {
    expect(crop({ durationSec: 0.004, mode: 'center' }).draw(ramp(9, 1000), createRandom(1))).toEqual({
      startSample: 2,
      lengthSamples: 4,
    });
  });

  it('draws durations and shares from ranges', () => {
    const lengths = Array.from(
      { length: 300 },
      (_, seed) => crop({ durationSec: [0.1, 0.2] })(ramp(1000, 1000), createRandom(seed)).samples.length,
    );
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(100);
    expect(Math.min(...lengths)).toBeLessThan(103);
    expect(Math.max(...lengths)).toBeGreaterThan(197);
    expect(crop({ share: 0.25 })(ramp(1002), createRandom(1)).samples.length).toBe(250);
    expect(() => crop({ share: 0.5, durationSec: 1 })).toThrow('crop: share expected none beside durationSec, got 0.5');
  });

  it('keeps shorter clips as they are, or fills them up with silence', () => {
    const clip = ramp(30, 1000);
    expect(crop({ durationSec: 1 })(clip, createRandom(1))).toBe(clip);
    const { samples } = crop({ durationSec: 1, shorter: 'pad' })(clip, createRandom(1));
    expect(samples.length).toBe(1000);
    expect(samples.subarray(0, 30)).toEqual(clip.samples);
    expect(samples.subarray(30).every((x) => x === 0)).toBe(true);
  });

  it.each([8000, 11025, 16000, 44100])('of the voiced part holds the voice, at %d Hz', (rate) => {
    const clip = spoken(4, [[2.5, 3.2]], rate);
    for (let seed = 0; seed < 40; seed++) {
      const { startSample: start, lengthSamples: length } = crop({ durationSec: 1, mode: 'voiced' }).draw(
        clip,
        createRandom(seed),
      );
      expect(length).toBe(rate);
      expect(start / rate).toBeLessThanOrEqual(2.5 + 0.06);
      expect((start + length) / rate).toBeGreaterThanOrEqual(3.2 - 0.06);
    }
  });

  it('of the voiced part chooses among good places, by the seed', () => {
    const clip = spoken(4, [
      [0.5, 1.2],
      [2.7, 3.4],
    ]);
    const starts = Array.from(
      { length: 60 },
      (_, seed) => crop({ durationSec: 0.5, mode: 'voiced' }).draw(clip, createRandom(seed)).startSample / 16000,
    );
    const first = starts.filter((start) => start > 0.4 && start < 0.8).length;
    const second = starts.filter((start) => start > 2.6 && start < 3).length;
    expect(first + second).toBe(60);
    expect(Math.min(first, second)).toBeGreaterThan(10);
    expect(new Set(starts).size).toBeGreaterThan(5);
  });

  it('of the voiced part is random where there is none', () => {
    const silence: Waveform = { samples: new Float32Array(16000), sampleRate: 16000 };
    const starts = Array.from(
      { length: 200 },
      (_, seed) => crop({ durationSec: 0.5, mode: 'voiced' }).draw(silence, createRandom(seed)).startSample,
    );
    expect(Math.min(...starts)).toBeLessThan(400);
    expect(Math.max(...starts)).toBeGreaterThan(7600);
  });

  it('refuses a draw of another clip', () => {
    expect(() => crop({ durationSec: 1 }).apply(ramp(100), { startSample: 50, lengthSamples: 60 })).toThrow(
      'crop.apply: drawn expected a stretch of 100 samples, got "50 to 110"',
    );
  });
});
