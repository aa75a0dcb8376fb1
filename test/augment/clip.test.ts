import { describe, expect, it } from 'vitest';
import { clip, parseTransform } from '../../src/augment/index.ts';
import { createRandom } from '../../src/core/random.ts';
import { sine, whiteNoise } from './filter-support.ts';

const random = () => createRandom(1);
const peak = (samples: Float32Array): number => samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

describe('clip()', () => {
  it('clips exactly as many samples as asked for, the loudest', () => {
    for (const length of [2, 10, 99, 4097, 30000]) {
      const { samples, sampleRate } = whiteNoise(length);
      for (const clippedPercent of [0, 1, 12.5, 40, 99]) {
        const out = clip({ clippedPercent })({ samples, sampleRate }, random()).samples;
        const changed = Array.from(samples.keys()).filter((i) => out[i] !== samples[i]);
        expect(changed.length).toBe(Math.floor((length * clippedPercent) / 100));
        const limit = peak(out);
        for (const i of changed) {
          expect(Math.abs(samples[i]!)).toBeGreaterThan(limit);
          expect(out[i]).toBe(Math.sign(samples[i]!) * limit);
        }
        // The limit is one of the samples, so nothing is clipped further down than it has to be.
        expect(samples.some((x) => Math.abs(x) === limit)).toBe(true);
      }
    }
  });

  it('does not count silence, of which most of a clip may consist', () => {
    const samples = new Float32Array(1000);
    samples.set(sine(437, { seconds: 0.01 }).samples.subarray(1, 101), 300);
    const out = clip({ clippedPercent: 20 })({ samples, sampleRate: 16000 }, random()).samples;
    expect(samples.filter((x, i) => out[i] !== x).length).toBe(20);
  });

  it('leaves what it cannot clip as it is: silence, one sample, a square wave', () => {
    const transform = clip({ clippedPercent: 50 });
    for (const values of [[0, 0, 0], [0.7], [-3], [1, -1, 1, 1, -1]]) {
      const samples = Float32Array.from(values);
      expect(transform({ samples, sampleRate: 16000 }, random()).samples).toEqual(samples);
    }
  });

  it('takes a view into a longer array, numbers of any size, and samples beyond [-1, 1]', () => {
    const all = Float32Array.of(9, 9, 9, -3.4e38, 2.5, -1e-40, 1, 9, 9);
    const out = clip({ clippedPercent: 50 })({ samples: all.subarray(3, 7), sampleRate: 16000 }, random());
    expect(out.samples).toEqual(Float32Array.of(-1, 1, -1e-40, 1));
  });

  it('draws a share of its range, and gives the same bytes for it', () => {
    const noise = whiteNoise(5000);
    const transform = parseTransform(JSON.parse(JSON.stringify(clip({ clippedPercent: [5, 10] }))));
    const percents = new Set<unknown>();
    for (let seed = 0; seed < 30; seed++) {
      const { output, drawn } = transform.run(noise, createRandom(seed));
      const { clippedPercent } = drawn as { clippedPercent: number };
      expect(clippedPercent).toBeGreaterThanOrEqual(5);
      expect(clippedPercent).toBeLessThanOrEqual(10);
      expect(transform.apply(noise, JSON.parse(JSON.stringify(drawn)))).toEqual(output);
      percents.add(clippedPercent);
    }
    expect(percents.size).toBe(30);
    expect(clip().toJSON()).toEqual({ transform: 'clip', clippedPercent: [0, 40] });
    expect(() => clip({ clippedPercent: 100 })).toThrow('clip: clippedPercent expected <= 99');
  });
});
