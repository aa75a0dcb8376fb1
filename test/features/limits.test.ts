import { describe, expect, it } from 'vitest';
import * as features from '../../src/features/index.ts';
import { voiceQuality } from '../../src/features/voice/index.ts';
import { codeOf, errorOf } from '../support/error-of.ts';
import { tone } from './pitch-signals.ts';
import { whiteNoise } from './voice-support.ts';

const sampleRate = 16000;
const noise = { samples: whiteNoise(4000, 3), sampleRate };

describe('numbers beyond their range', () => {
  it('do not come of high powers: bandwidth tends to the greatest deviation, flatness of noise to 1 bin in all', () => {
    const least = (matrix: { readonly data: Float32Array }): number => Math.min(...matrix.data);
    for (const p of [20, 100, 1000]) {
      const { data } = features.spectralBandwidth(noise, { p });
      expect(data.every((hz) => hz > 3000 && hz <= 8000)).toBe(true);
    }
    // Of a spectrum of one line in a little noise, what is farthest away counts alone.
    expect(least(features.spectralBandwidth(noise, { p: 1000 }))).toBeGreaterThan(3900);
    for (const power of [40, 400, 4000]) {
      const { data } = features.spectralFlatness(noise, { power });
      expect(data.every((x) => x >= 0 && x < 0.05)).toBe(true);
    }
    // Ordinary powers are what they were: the geometric over the arithmetic mean, here of 1, 1, and so on.
    const click = { samples: Float32Array.from({ length: 64 }, (_, n) => (n === 32 ? 1 : 0)), sampleRate };
    for (const power of [0.5, 1, 3]) {
      const { data } = features.spectralFlatness(click, { power, nFft: 32, center: false, window: 'ones' });
      expect(Math.max(...data)).toBeCloseTo(1, 6);
    }
  });

  it('are refused where float32 cannot hold them, of whole clips and of streams', () => {
    const samples = noise.samples.map((x) => x * 1e30);
    const message =
      /^spectrogram: expected samples and options whose numbers float32 can hold, got Infinity in frame 0$/;
    const error = errorOf(() => features.spectrogram({ samples, sampleRate }));
    expect(error.code).toBe('not-finite');
    expect(error.message).toMatch(message);
    expect(codeOf(() => features.createSpectrogram({ sampleRate }).extract({ samples, sampleRate }))).toBe(
      'not-finite',
    );
    expect(codeOf(() => features.createSpectrogram({ sampleRate }).stream().push(samples))).toBe('not-finite');
  });
});

describe('sizes beyond any sense', () => {
  it.each<[string, () => unknown]>([
    ['zcr frameLength', () => features.zcr(noise, { frameLength: 1e12 })],
    ['rms frameLength', () => features.createRms({ sampleRate, frameLength: 2 ** 33 })],
    ['rms hopLength', () => features.createRms({ sampleRate, hopLength: 2 ** 40 })],
    ['mfcc nFft', () => features.mfcc(noise, { nFft: 2 ** 34 })],
    ['mfcc nMels', () => features.mfcc(noise, { nMels: 2 ** 31 })],
    ['mfcc nMfcc', () => features.mfcc(noise, { nMels: 2 ** 31, nMfcc: 2 ** 31 })],
    ['pitch nThresholds', () => features.pitch(noise, { nThresholds: 1e10 })],
    ['pitch frameLength', () => features.pitch(noise, { frameLength: 1e12 })],
    ['harmonicity fMin', () => features.harmonicity(noise, { fMin: 1e-9 })],
    ['harmonicity frameLength', () => features.harmonicity(noise, { frameLength: 1e12 })],
    ['voiceQuality fMin', () => voiceQuality(noise, { fMin: 1e-9 })],
    ['speakingRate fMin', () => features.speakingRate(noise, { fMin: 1e-9 })],
    ['formants frameLength', () => features.formants(noise, { frameLength: 1e12 })],
    ['spectralContrast nBands', () => features.spectralContrast(noise, { nBands: 1e12 })],
    ['voiceActivity frameLength', () => features.voiceActivity(noise, { frameLength: 1e12 })],
    ['waveformFrames frameLength', () => features.waveformFrames(noise, { frameLength: 1e12 })],
  ])('are refused as options: %s', (_, compute) => {
    const error = errorOf(compute);
    expect(error.code).toBe('bad-option');
  });

  it('leave a long hop that streams what it was', () => {
    const stream = features.createRms({ sampleRate, frameLength: 4, hopLength: 2 ** 21, center: false }).stream();
    const block = tone(200, 1, sampleRate, 1).samples;
    let frames = 0;
    for (let n = 0; n < 2 ** 22 + 4; n += block.length) frames += stream.push(block).frames;
    expect(frames + stream.flush().frames).toBe(3);
  });
});

describe('one-shot functions', () => {
  it('tell a list of numbers from the same list of texts, and use a list twice', () => {
    const waveform = tone(150, 3, sampleRate, 0.1);
    const first = features.pitch(waveform, { betaParameters: [2, 18] });
    expect(codeOf(() => features.pitch(waveform, { betaParameters: ['2', '18'] as never }))).toBe('bad-option');
    expect(features.pitch(waveform, { betaParameters: [2, 18] })).toEqual(first);
    expect(features.pitch(waveform, { betaParameters: [9, 1] })).not.toEqual(first);
  });
});
