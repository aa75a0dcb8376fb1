import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { speakingRate } from '../../src/features/index.ts';
import { corporaFolder } from '../support/corpora.ts';
import { codeOf } from '../support/error-of.ts';
import { clipOf, correlation, mean, whiteNoise } from './voice-support.ts';

/** Syllables: harmonics of 130 Hz that swell and fade, at a rate, between pauses of half a second. */
function babble(sampleRate: number, perSecond: number, count: number) {
  const noise = whiteNoise(Math.round((1 + count / perSecond) * sampleRate), 9);
  const samples = noise.map((x, n) => {
    const t = n / sampleRate - 0.5;
    if (t < 0 || t >= count / perSecond) return 1e-4 * x;
    const swell = Math.sin(Math.PI * t * perSecond) ** 2;
    let voice = 0;
    for (let k = 1; k <= 8; k++) voice += Math.sin(2 * Math.PI * 130 * k * t) / k;
    return 0.2 * (0.03 + swell) * voice + 1e-4 * x;
  });
  return { samples, sampleRate };
}

describe('speakingRate()', () => {
  it.each([
    [2, 5, 16000],
    [3, 9, 11025],
    [5, 12, 16000],
    [6, 14, 44100],
    [8, 20, 8000],
  ])('counts syllables at %d a second: %d of them, at %d Hz', (perSecond, count, sampleRate) => {
    const waveform = babble(sampleRate, perSecond, count);
    const measured = speakingRate(waveform);
    expect(measured.syllables).toBe(count);
    expect(measured.syllablesPerSecond).toBeCloseTo(count / (1 + count / perSecond), 2);
    // What fades in and out of the pauses is soft and counts as pause.
    expect(Math.abs(measured.phonationSec * perSecond - count)).toBeLessThan(1);
    expect(measured.articulationRate).toBeCloseTo(count / measured.phonationSec, 6);
    for (const [i, time] of measured.nucleiSec.entries()) {
      expect(Math.abs(time - (0.5 + (i + 0.5) / perSecond))).toBeLessThan(0.03);
    }
  });

  // Cut in the middle of the first syllable and of the last one, whose dips towards the ends are then not there.
  it.each([2, 3, 4])('counts the syllable with which a clip begins as that with which it ends, of %d', (count) => {
    const { samples, sampleRate } = babble(16000, 4, count);
    const [from, to] = [0.5 + 0.125, 0.5 + count / 4 - 0.125].map((t) => Math.round(t * sampleRate));
    const cut = samples.slice(from, to);
    expect(speakingRate({ samples: cut, sampleRate }).syllables).toBe(count);
    expect(speakingRate({ samples: cut.slice().reverse(), sampleRate }).syllables).toBe(count);
  });

  it('does not depend on how loud the clip is', () => {
    const { samples, sampleRate } = babble(11025, 4, 8);
    const soft = speakingRate({ samples: samples.map((x) => x / 256), sampleRate });
    expect(soft).toEqual(speakingRate({ samples, sampleRate }));
  });

  it('counts no bursts of noise, unless voicing is no matter', () => {
    const { samples, sampleRate } = babble(16000, 4, 8);
    const noise = whiteNoise(samples.length, 1);
    const bursts = noise.map((x, n) => x * 0.2 * (0.01 + Math.sin((Math.PI * n * 4) / sampleRate) ** 2));
    expect(speakingRate({ samples: bursts, sampleRate }).syllables).toBe(0);
    expect(speakingRate({ samples: bursts, sampleRate }, { voicingThreshold: 0 }).syllables).toBeGreaterThan(5);
  });

  it('counts dips deeper than minDipDb alone, and peaks no softer than silenceDb', () => {
    const waveform = babble(16000, 4, 8);
    expect(speakingRate(waveform, { minDipDb: 40 }).syllables).toBeLessThan(2);
    const { samples, sampleRate } = waveform;
    const half = samples.map((x, n) => (n < samples.length / 2 ? x : x / 10)); // 20 dB softer from the fifth on
    expect(speakingRate({ samples: half, sampleRate }).syllables).toBe(8);
    expect(speakingRate({ samples: half, sampleRate }, { silenceDb: 10 }).syllables).toBe(4);
  });

  it('of silence, of one sample and of a short clip is 0', () => {
    for (const samples of [new Float32Array(16000), Float32Array.of(0.5), new Float32Array(50).fill(0.2)]) {
      const { nucleiSec, phonationSec, ...rates } = speakingRate({ samples, sampleRate: 16000 });
      expect(nucleiSec).toEqual([]);
      expect(new Set(Object.values(rates))).toEqual(new Set([0]));
      expect(phonationSec).toBe(0);
    }
  });

  it('refuses what is wrong', () => {
    const waveform = babble(8000, 4, 4);
    expect(codeOf(() => speakingRate(waveform, { minDipDb: 0 }))).toBe('bad-option');
    expect(codeOf(() => speakingRate(waveform, { fMax: 6000 }))).toBe('bad-option');
    expect(codeOf(() => speakingRate(waveform, { dip: 2 } as never))).toBe('bad-option');
    expect(codeOf(() => speakingRate({ samples: new Float32Array(0), sampleRate: 8000 }))).toBe('empty');
    expect(codeOf(() => speakingRate({ samples: Float32Array.of(Number.NaN), sampleRate: 8000 }))).toBe('not-finite');
  });
});

const corpora = corporaFolder();

/** Syllables of CREMA-D's sentences, as a dictionary counts them. */
const SYLLABLES: Readonly<Record<string, number>> = {
  IEO: 6, // It's eleven o'clock
  TIE: 8, // That is exactly what happened
  IOM: 8, // I'm on my way to the meeting
  IWW: 8, // I wonder what this is about
  TAI: 7, // The airplane is almost full
  MTI: 9, // Maybe tomorrow it will be cold
  IWL: 8, // I would like a new alarm clock
  ITH: 10, // I think I have a doctor's appointment
  DFA: 6, // Don't forget a jacket
  ITS: 7, // I think I've seen this before
  TSI: 5, // The surface is slick
  WSI: 9, // We'll stop in a couple of minutes
};

describe.skipIf(corpora === undefined)('speakingRate() on 200 clips of CREMA-D', () => {
  it('is off by less than two syllables, and by none on average to within one', () => {
    const files = readdirSync(join(corpora!, 'cremad', 'AudioWAV'))
      .sort()
      .filter((name, i) => i % 29 === 14 && name.endsWith('.wav'));
    const spoken = files.map((file) => SYLLABLES[file.split('_')[1]]);
    const counted = files.map((file) => speakingRate(clipOf(corpora!, file)).syllables);
    const off = counted.map((n, i) => n - spoken[i]);
    console.log(
      `syllables of ${files.length} clips: mean absolute error ${mean(off.map(Math.abs))}, ` +
        `mean error ${mean(off)}, correlation ${correlation(counted, spoken)}`,
    );
    expect(mean(off.map(Math.abs))).toBeLessThan(2);
    expect(Math.abs(mean(off))).toBeLessThan(1);
    expect(correlation(counted, spoken)).toBeGreaterThan(0.3);
  });
});
