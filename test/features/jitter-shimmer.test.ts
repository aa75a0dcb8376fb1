import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.ts';
import { createJitter, createShimmer, jitter, rms, shimmer } from '../../src/features/index.ts';
import { voiceQuality } from '../../src/features/voice/index.ts';
import { corporaFolder } from '../support/corpora.ts';
import { codeOf, errorOf } from '../support/error-of.ts';
import { tone } from './pitch-signals.ts';
import { clipOf, correlation, median, praatVoice, pulseTrain, vowelOf, whiteNoise } from './voice-support.ts';

/** Pulses whose periods go up and down by a share: local jitter is twice that share. */
function alternating(sampleRate: number, f0: number, share: number, heightShare = 0) {
  const times: number[] = [];
  const heights: number[] = [];
  for (let t = 0.05, i = 0; t < 0.95; i++) {
    times.push(t);
    heights.push(0.5 * (1 + (i % 2 === 0 ? heightShare : -heightShare)));
    t += (1 + (i % 2 === 0 ? share : -share)) / f0;
  }
  return pulseTrain(sampleRate, 1, times, heights);
}

/** Pulses whose periods and heights are drawn at random; with the local jitter and shimmer they have. */
function drawn(sampleRate: number, f0: number, seed: number) {
  const random = createRandom(seed);
  const periods: number[] = [];
  const times = [0.05];
  while (times.at(-1)! < 0.94) {
    periods.push((1 + 0.03 * (random() - 0.5)) / f0);
    times.push(times.at(-1)! + periods.at(-1)!);
  }
  const heights = times.map(() => 0.5 + 0.1 * (random() - 0.5));
  const local = (values: readonly number[]): number => {
    const differences = values.slice(1).map((x, i) => Math.abs(x - values[i]));
    const mean = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;
    return mean(differences) / mean(values);
  };
  // Heights count from the mean of the clip, which therefore has to be 0.
  return { waveform: pulseTrain(sampleRate, 1, times, heights, true), jitter: local(periods), shimmer: local(heights) };
}

describe('voiceQuality()', () => {
  it.each([
    [16000, 120, 0.01],
    [16000, 210, 0.005],
    [44100, 90, 0.02],
    [11025, 150, 0.01],
  ])('at %d Hz measures the jitter of pulses at %d Hz whose periods alternate by %d', (sampleRate, f0, share) => {
    const measured = voiceQuality(alternating(sampleRate, f0, share));
    expect(Math.abs(measured.jitter / (2 * share) - 1)).toBeLessThan(0.03);
    expect(Math.abs(measured.meanPeriodSec * f0 - 1)).toBeLessThan(0.002);
    expect(measured.voicedShare).toBeGreaterThan(0.8);
  });

  it.each([1, 2, 3])('measures jitter and shimmer that are drawn at random, %d', (seed) => {
    const truth = drawn(16000, 110, seed);
    const measured = voiceQuality(truth.waveform);
    expect(Math.abs(measured.jitter / truth.jitter - 1)).toBeLessThan(0.05);
    expect(Math.abs(measured.shimmer / truth.shimmer - 1)).toBeLessThan(0.05);
  });

  it('finds next to no jitter and shimmer where there is none', () => {
    const measured = voiceQuality(alternating(16000, 125, 0));
    expect(measured.jitter).toBeLessThan(1e-3);
    expect(measured.shimmer).toBeLessThan(0.01);
    expect(measured.hnrDb).toBeGreaterThan(30);
  });

  // Wherever the samples lie around the marks, a steady tone has next to no shimmer: Praat's is 0.0003 and less.
  it.each([8000, 11025, 16000])('finds next to no shimmer in steady tones at %d Hz', (sampleRate) => {
    for (const f0 of [110, 180]) {
      const waveform = tone(f0, 14, sampleRate, 1);
      expect(voiceQuality(waveform).shimmer).toBeLessThan(1e-3);
      const inner = shimmer(waveform, { hopLength: Math.round(sampleRate / 100) }).data.subarray(12, 88);
      expect(Math.max(...inner)).toBeLessThan(0.005);
    }
  });

  it.each([0.05, -0.3])('does not see a constant %d that is added', (offset) => {
    const [c] = praatVoice.cases;
    const vowel = vowelOf(c!);
    // Before and after the vowel there is a little noise, which is silent beside it.
    const noise = whiteNoise(vowel.samples.length, 5);
    const samples = Float32Array.from({ length: 3 * noise.length }, (_, n) => {
      const inside = n >= noise.length && n < 2 * noise.length;
      return (inside ? vowel.samples[n - noise.length]! : 1e-4 * noise[n % noise.length]!) + 1e-4;
    });
    const plain = voiceQuality({ ...vowel, samples });
    const moved = voiceQuality({ ...vowel, samples: samples.map((x) => x + offset) });
    expect(plain.voicedShare).toBeLessThan(0.4);
    expect(moved.voicedShare).toBe(plain.voicedShare);
    expect(moved.marksSec.length).toBe(plain.marksSec.length);
    for (const name of ['jitter', 'shimmer', 'hnrDb', 'meanPeriodSec'] as const) {
      expect(Math.abs(moved[name] / plain[name] - 1)).toBeLessThan(1e-3);
    }
  });

  it('marks every pulse', () => {
    const { marksSec } = voiceQuality(alternating(16000, 100, 0));
    const steps = Array.from(marksSec.subarray(1), (mark, i) => mark - marksSec[i]);
    expect(marksSec.length).toBeGreaterThan(86);
    expect(marksSec.length).toBeLessThan(92);
    expect(steps.every((step) => Math.abs(step - 0.01) < 2e-4)).toBe(true);
  });

  it('does not compare periods beyond the factors', () => {
    // Heights in the ratio 2 to 1: no neighbours are within 1.6 of one another.
    const waveform = alternating(16000, 120, 0, 1 / 3);
    expect(voiceQuality(waveform, { fMin: 100 }).shimmer).toBeLessThan(0.05);
    expect(voiceQuality(waveform, { fMin: 100, maxAmplitudeFactor: 3 }).shimmer).toBeGreaterThan(0.5);
    const uneven = alternating(16000, 120, 0.03);
    expect(voiceQuality(uneven, { fMin: 100 }).jitter).toBeGreaterThan(0.05);
    expect(voiceQuality(uneven, { fMin: 100, maxPeriodFactor: 1.02 }).jitter).toBeLessThan(0.02);
  });

  it.each(praatVoice.cases.map((c) => [c.name, c] as const))('comes close to Praat for the vowel %s', (_, c) => {
    const measured = voiceQuality(vowelOf(c));
    expect(Math.abs(measured.jitter / c.voice.jitter - 1)).toBeLessThan(0.005);
    expect(Math.abs(measured.shimmer / c.voice.shimmer - 1)).toBeLessThan(0.005);
    expect(Math.abs(measured.meanPeriodSec / c.voice.meanPeriod - 1)).toBeLessThan(0.005);
    expect(measured.marksSec.length).toBe(c.voice.marks);
  });

  it('is 0 throughout in silence and in what is shorter than a frame, and finds next to no voice in noise', () => {
    for (const samples of [new Float32Array(8000), Float32Array.of(0.5), new Float32Array(200).fill(0.1)]) {
      const { marksSec, ...numbers } = voiceQuality({ samples, sampleRate: 16000 });
      expect(marksSec.length).toBe(0);
      expect(new Set(Object.values(numbers))).toEqual(new Set([0]));
    }
    const noise = voiceQuality({ samples: whiteNoise(16000, 2), sampleRate: 16000 });
    expect(noise.voicedShare).toBeLessThan(0.05);
  });

  it('refuses what is wrong', () => {
    const waveform = alternating(8000, 120, 0);
    expect(codeOf(() => voiceQuality(waveform, { maxPeriodFactor: 1 }))).toBe('bad-option');
    expect(codeOf(() => voiceQuality(waveform, { fMax: 5000 }))).toBe('bad-option');
    expect(codeOf(() => voiceQuality(waveform, { hopLength: 80 } as never))).toBe('bad-option');
    expect(codeOf(() => voiceQuality({ samples: new Float32Array(0), sampleRate: 8000 }))).toBe('empty');
    expect(codeOf(() => voiceQuality({ samples: Float32Array.of(Number.NaN), sampleRate: 8000 }))).toBe('not-finite');
  });
});

describe('jitter() and shimmer()', () => {
  it.each([
    [16000, 0.01],
    [44100, 0.02],
    [11025, 0.015],
  ])('measure, at %d Hz, pulses that alternate by %d in every frame', (sampleRate, share) => {
    const waveform = alternating(sampleRate, 120, share, share);
    const options = { hopLength: Math.round(sampleRate / 100) };
    const frames = (data: Float32Array): number[] => Array.from(data.subarray(12, 88));
    for (const value of frames(jitter(waveform, options).data)) {
      expect(Math.abs(value / (2 * share) - 1)).toBeLessThan(0.1);
    }
    for (const value of frames(shimmer(waveform, options).data)) {
      expect(Math.abs(value / (2 * share) - 1)).toBeLessThan(0.25);
    }
  });

  it('are 0 in silence, in noise, and in one sample', () => {
    for (const measure of [jitter, shimmer]) {
      for (const samples of [new Float32Array(6000), whiteNoise(6000, 8), Float32Array.of(1)]) {
        const { data } = measure({ samples, sampleRate: 16000 });
        expect(new Set(data)).toEqual(new Set([0]));
      }
    }
  });

  it('are not less than 0, and finite, in anything', () => {
    const samples = whiteNoise(6000, 4).map((x, n) => x + (n % 97 === 0 ? 40 : 0) + (n % 31 === 0 ? 10 : 0));
    for (const measure of [jitter, shimmer]) {
      const { data } = measure({ samples, sampleRate: 8000 }, { voicingThreshold: 0, hopLength: 40 });
      expect(data.every((x) => Number.isFinite(x) && x >= 0)).toBe(true);
      expect(data.some((x) => x > 0)).toBe(true);
    }
  });

  it('have names, and as many frames as rms at any rate', () => {
    expect(createJitter({ sampleRate: 8000 }).names).toEqual(['jitter']);
    expect(createShimmer({ sampleRate: 8000 }).names).toEqual(['shimmer']);
    for (const sampleRate of [8000, 11025, 22050]) {
      const waveform = { samples: new Float32Array(sampleRate), sampleRate };
      expect(jitter(waveform, { hopLength: 100 }).frames).toBe(rms(waveform, { hopLength: 100 }).frames);
    }
  });

  it('refuse what is wrong', () => {
    expect(errorOf(() => createJitter({ sampleRate: 8000, voicingThreshold: 2 })).message).toBe(
      'createJitter: voicingThreshold expected <= 1, got 2',
    );
    expect(codeOf(() => createShimmer({ sampleRate: 8000, maxAmplitudeFactor: 0.5 }))).toBe('bad-option');
    expect(codeOf(() => createShimmer({ sampleRate: 8000, frameLength: 100 }))).toBe('bad-option');
    expect(codeOf(() => createShimmer({ sampleRate: 8000, factor: 2 } as never))).toBe('bad-option');
  });
});

const corpora = corporaFolder();

describe.skipIf(corpora === undefined)('voiceQuality() on 20 clips of CREMA-D', () => {
  it('comes close to Praat', () => {
    const measured = praatVoice.clips.map((c) => voiceQuality(clipOf(corpora!, c.file)));
    for (const [name, least, most] of [
      ['jitter', 0.88, 0.04],
      ['shimmer', 0.97, 0.015],
    ] as const) {
      const ours = measured.map((m) => m[name]);
      const praat = praatVoice.clips.map(({ voice }) => voice[name]);
      const off = median(ours.map((x, i) => Math.abs(x / praat[i] - 1)));
      const together = correlation(ours, praat);
      console.log(`${name} against Praat, 20 clips: correlation ${together}, median relative difference ${off}`);
      expect(together).toBeGreaterThan(least);
      expect(off).toBeLessThan(most);
    }
  });
});
