import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resample } from '../../src/audio/resample.ts';
import { decodeWav } from '../../src/audio/wav-reader.ts';
import { Background } from '../../src/augment/background.ts';
import { coloredNoise } from '../../src/augment/colored-noise.ts';
import { addBackground, parseTransform } from '../../src/augment/index.ts';
import { createRandom } from '../../src/core/random.ts';
import type { Waveform } from '../../src/core/waveform.ts';
import { corporaFolder } from '../support/corpora.ts';

const tone = (hz: number, length: number, sampleRate: number, level = 0.3): Waveform => ({
  samples: Float32Array.from({ length }, (_, n) => level * Math.sin((2 * Math.PI * hz * (n + 1)) / sampleRate)),
  sampleRate,
});
const noise = (length: number, sampleRate: number, seed: number): Waveform => ({
  samples: coloredNoise('pink', length, sampleRate, seed) as Float32Array<ArrayBuffer>,
  sampleRate,
});

/** 10 log10(P(clip) / P(mixed - clip)), summed here by itself, the plain way. */
function measuredSnrDb(clip: Waveform, mixed: Waveform): number {
  let signal = 0;
  let added = 0;
  clip.samples.forEach((x, i) => {
    signal += x * x;
    added += (mixed.samples[i]! - x) ** 2;
  });
  return 10 * Math.log10(signal / added);
}

function worstError(
  clips: readonly Waveform[],
  recordings: Record<string, Waveform>,
  ratios: readonly number[],
): number {
  let worst = 0;
  for (const snrDb of ratios) {
    const transform = addBackground({ recordings, snrDb });
    clips.forEach((clip, i) => {
      const mixed = transform(clip, createRandom(i));
      expect(mixed.samples.length).toBe(clip.samples.length);
      expect(mixed.sampleRate).toBe(clip.sampleRate);
      worst = Math.max(worst, Math.abs(measuredSnrDb(clip, mixed) - snrDb));
    });
  }
  return worst;
}

const RECORDINGS = {
  long: noise(50_000, 16000, 1),
  short: noise(700, 16000, 2),
  other: noise(30_000, 44100, 3),
  'one sample': { samples: Float32Array.of(0.1), sampleRate: 16000 },
};

describe('addBackground() asked for a signal-to-noise ratio', () => {
  it('gives it within 0.01 dB, from one sample up, for recordings longer and shorter and of other rates', () => {
    const clips = [
      ...[1, 2, 699, 700, 701, 48000].map((length) => tone(200, length, 16000)),
      tone(200, 9000, 11025, 1e-4),
      tone(100, 400, 1000, 20),
      tone(200, 60_000, 44100),
    ];
    for (const [name, recording] of Object.entries(RECORDINGS)) {
      if (name === 'one sample') continue;
      expect(worstError(clips, { [name]: recording }, [-10, 0, 9.75, 40, 80])).toBeLessThan(0.01);
    }
    const at16k = clips.filter(({ sampleRate }) => sampleRate === 16000);
    expect(worstError(at16k, { one: RECORDINGS['one sample'] }, [-10, 40])).toBeLessThan(0.01);
  });

  const corpora = corporaFolder();
  const noises = corpora === undefined ? '' : join(corpora, 'noise');
  it.skipIf(!existsSync(noises))('gives it over CREMA-D and EmoDB with recorded noises', { timeout: 120_000 }, () => {
    const files = readdirSync(noises).filter((name) => name.endsWith('.wav'));
    const recordings = Object.fromEntries(files.map((name) => [name, decodeWav(readFileSync(join(noises, name)))]));
    expect(files.length).toBeGreaterThan(0);
    for (const folder of ['cremad/AudioWAV', 'emodb/wav'].map((each) => join(corpora!, each))) {
      const names = readdirSync(folder).filter((name) => name.endsWith('.wav'));
      const some = Array.from({ length: 30 }, (_, i) => names[Math.floor((i * names.length) / 30)]!);
      const clips = some
        .map((name) => decodeWav(readFileSync(join(folder, name))))
        .filter(({ samples }) => samples.some((x) => x !== 0));
      expect(clips.length).toBeGreaterThan(20);
      expect(worstError(clips, recordings, [-10, 7.3, 40])).toBeLessThan(1e-3);
    }
  });
});

describe('the background of addBackground()', () => {
  it('is the recording from the place drawn on, and every recording and place comes up', () => {
    const clip = tone(50, 1000, 16000);
    const recordings = { a: noise(3000, 16000, 1), b: noise(1001, 16000, 2) };
    const transform = addBackground({ recordings, snrDb: 0 });
    const seen = { a: new Set<number>(), b: new Set<number>() };
    for (let seed = 0; seed < 300; seed++) {
      const { output, drawn } = transform.run(clip, createRandom(seed));
      const name = drawn.recording as 'a' | 'b';
      const start = Math.round(drawn.offsetSec * 16000);
      seen[name].add(start);
      const from = recordings[name].samples;
      // What was added is in proportion to the recording: no other place of it would be.
      const factor = (output.samples[10]! - clip.samples[10]!) / from[start + 10]!;
      for (let i = 0; i < 1000; i += 37) {
        expect(output.samples[i]! - clip.samples[i]!).toBeCloseTo(factor * from[start + i]!, 4);
      }
    }
    expect(seen.a.size).toBeGreaterThan(100);
    expect(Math.max(...seen.a)).toBeLessThanOrEqual(2000);
    expect([...seen.b].sort()).toEqual([0, 1]);
  });

  it('is resampled to the rate of the clip', () => {
    const clip = tone(50, 4000, 8000);
    const recording = noise(30_000, 44100, 3);
    const at8k = resample(recording, 8000).samples;
    const { output, drawn } = addBackground({ recordings: { r: recording }, snrDb: 0 }).run(clip, createRandom(2));
    const start = Math.round(drawn.offsetSec * 8000);
    const factor = (output.samples[10]! - clip.samples[10]!) / at8k[start + 10]!;
    for (let i = 0; i < 4000; i += 37) {
      expect(output.samples[i]! - clip.samples[i]!).toBeCloseTo(factor * at8k[start + i]!, 4);
    }
  });

  it('goes over the seam of a loop without a click, at the power of the rest', () => {
    // A tone whose end does not meet its beginning: the plain loop would jump by 0.5.
    const short = tone(130, 3247, 16000, 0.5);
    const { samples } = new Background(short).stretch(100, 40_000);
    let step = 0;
    for (let i = 1; i < samples.length; i++) step = Math.max(step, Math.abs(samples[i]! - samples[i - 1]!));
    // The tone itself moves by 0.0255 a sample; two of them in the seam by 1.42 times that, and the weights' own slope.
    expect(step).toBeLessThan(0.04);

    const seam = 320;
    let inSeams = 0;
    let elsewhere = 0;
    for (let seed = 0; seed < 300; seed++) {
      const background = new Background(noise(2000, 16000, seed));
      expect(background.period).toBe(2000 - seam);
      const looped = background.stretch(0, 2 * background.period).samples;
      for (let i = 0; i < seam; i++) inSeams += looped[background.period + i]! ** 2 / seam;
      for (let i = seam; i < background.period; i++) elsewhere += looped[i]! ** 2 / (background.period - seam);
    }
    expect(Math.abs(10 * Math.log10(inSeams / elsewhere))).toBeLessThan(0.4);
  });

  it('is not copied where it is long enough, and repeats exactly where it is not', () => {
    const background = new Background(RECORDINGS.long);
    expect(background.stretch(123, 1000)).toEqual({ samples: RECORDINGS.long.samples, begin: 123 });
    expect(background.stretch(123, 1000).samples).toBe(RECORDINGS.long.samples);
    expect(background.stretch(49_900, 1000).begin).toBe(49_000);
    const short = new Background(RECORDINGS.short);
    const { samples } = short.stretch(300, 3000);
    for (let i = short.period; i < 3000; i++) expect(samples[i]).toBe(samples[i - short.period]);
    expect(samples.slice(0, 100)).toEqual(RECORDINGS.short.samples.slice(300, 400));
  });

  it('is not taken from where its recording is silent', () => {
    const clip = tone(200, 1000, 16000);
    const samples = new Float32Array(200_000);
    samples.set(noise(500, 16000, 1).samples, 150_000);
    const transform = addBackground({ recordings: { door: { samples, sampleRate: 16000 } }, snrDb: 10 });
    for (let seed = 0; seed < 50; seed++) {
      expect(measuredSnrDb(clip, transform(clip, createRandom(seed)))).toBeCloseTo(10, 3);
    }
    // A place that no draw of this clip gives.
    expect(transform.apply(clip, { recording: 'door', offsetSec: 1, snrDb: 10 })).toBe(clip);
    expect(transform.apply(clip, { recording: 'door', offsetSec: 1e8, snrDb: 10 })).toBe(clip);
  });
});

describe('addBackground()', () => {
  const transform = addBackground({ recordings: RECORDINGS, snrDb: [0, 20] });

  it('gives the same bytes for the same seed, and for what was drawn, over JSON', () => {
    const clip = tone(200, 3000, 16000);
    const before = clip.samples.slice();
    const json = JSON.parse(JSON.stringify(transform));
    expect(json).toEqual({ transform: 'addBackground', recordings: Object.keys(RECORDINGS), snrDb: [0, 20] });
    const again = parseTransform(json, { recordings: { ...RECORDINGS, unused: RECORDINGS.long } });
    expect(JSON.parse(JSON.stringify(again))).toEqual(json);
    for (let seed = 0; seed < 30; seed++) {
      const { output, drawn } = transform.run(clip, createRandom(seed));
      expect(transform.draw(clip, createRandom(seed))).toEqual(drawn);
      expect(again(clip, createRandom(seed))).toEqual(output);
      expect(again.apply(clip, JSON.parse(JSON.stringify(drawn)))).toEqual(output);
    }
    expect(clip.samples).toEqual(before);
  });

  it('leaves silence as it is, and a clip at whose rate nothing is left of the recording', () => {
    const silence = { samples: new Float32Array(100), sampleRate: 16000 };
    expect(transform(silence, createRandom(1))).toBe(silence);
    const blink = addBackground({ recordings: { blink: { samples: Float32Array.of(1), sampleRate: 384000 } } });
    const clip = tone(100, 50, 1000);
    expect(blink(clip, createRandom(1))).toBe(clip);
  });

  it('refuses what it cannot work with, by name', () => {
    const of = (recording: unknown) => () => addBackground({ recordings: { rain: recording as Waveform } });
    expect(of({ samples: new Float32Array(9), sampleRate: 8000 })).toThrow(
      'addBackground: recordings["rain"] expected sound, got silence',
    );
    expect(of({ samples: Float32Array.of(1, Number.NaN), sampleRate: 8000 })).toThrow(
      'addBackground: recordings["rain"]: samples expected finite numbers, got NaN at sample 1',
    );
    expect(of({ samples: new Float32Array(0), sampleRate: 8000 })).toThrow('at least one sample');
    expect(of('rain.wav')).toThrow('addBackground: recordings["rain"]: waveform expected');
    expect(() => addBackground({ recordings: {} })).toThrow('addBackground: recordings expected { name: waveform }');
    expect(() => addBackground({} as never)).toThrow('addBackground: recordings expected');
    expect(() => transform.apply(tone(9, 9, 8000), { recording: 'x', offsetSec: 0, snrDb: 0 })).toThrow(
      'addBackground.apply: drawn: recording expected "long" | "short"',
    );
    const json = { transform: 'addBackground', recordings: ['long', 'rain.wav', 'toString'] };
    expect(() => parseTransform(json, { recordings: RECORDINGS })).toThrow(
      'parseTransform: addBackground: recordings expected names of options.recordings (long, short, other, one sample), got "rain.wav", "toString"',
    );
    expect(() => parseTransform(json)).toThrow('(none were given)');
    expect(() => parseTransform({ transform: 'addBackground', recordings: 'rain.wav' })).toThrow(
      'addBackground: recordings expected a list of names, got "rain.wav"',
    );
  });
});
