import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeWav } from '../../src/audio/wav-reader.ts';
import { createRandom, gaussian } from '../../src/core/random.ts';
import type { Waveform } from '../../src/core/waveform.ts';
import { createVoiceActivity, type VoiceActivityOptions, voiceActivity } from '../../src/features/index.ts';
import { corporaFolder } from '../support/corpora.ts';
import { errorOf } from '../support/error-of.ts';

const sampleRate = 16000;
const wave = (...samples: number[]): Waveform => ({ samples: Float32Array.from(samples), sampleRate });

/** When the made recording speaks, in seconds: two voiced words, and one that ends in a soft fricative. */
const WORDS = [
  [0.3, 0.8],
  [1.1, 1.4],
  [1.8, 2.4],
] as const;

/** Words of voiced sound in white noise that lies snrDb below them; the last 0.15 s of the last are hiss, 20 dB softer. */
function recording(snrDb: number, hiss = false): Waveform {
  const random = createRandom(3);
  const level = 0.2;
  const noise = (level / Math.SQRT2) * 10 ** (-snrDb / 20);
  const samples = new Float32Array(2.8 * sampleRate);
  let before = 0;
  for (let n = 0; n < samples.length; n++) {
    const t = n / sampleRate;
    const word = WORDS.find(([from, to]) => t >= from && t < to);
    const white = gaussian(random);
    let x = 0;
    if (word !== undefined) {
      const frication = hiss && word === WORDS[2] && t >= 2.25;
      const voice = Math.sin(2 * Math.PI * 150 * t) + 0.4 * Math.sin(2 * Math.PI * 600 * t);
      x = frication ? 0.008 * (white - before) : level * voice * (0.75 + 0.25 * Math.sin(2 * Math.PI * 5 * t));
    }
    before = white;
    samples[n] = x + noise * gaussian(random);
  }
  return { samples, sampleRate };
}

/** The share of frames that are what the words say, those within 40 ms of a word's edge left out. */
function shareRight(w: Waveform, options: VoiceActivityOptions = {}): number {
  const { data, frames } = voiceActivity(w, { hangoverSec: 0, ...options });
  let right = 0;
  let judged = 0;
  for (let t = 0; t < frames; t++) {
    const time = t * 0.01;
    if (WORDS.some((edges) => edges.some((edge) => Math.abs(edge - time) < 0.04))) continue;
    judged++;
    if ((data[t] === 1) === WORDS.some(([from, to]) => time >= from && time < to)) right++;
  }
  return right / judged;
}

/** The runs of equal frames: [value, frames]. */
function runsOf(data: Float32Array): [number, number][] {
  const runs: [number, number][] = [];
  for (const x of data) {
    const last = runs.at(-1);
    if (last !== undefined && last[0] === x) last[1]++;
    else runs.push([x, 1]);
  }
  return runs;
}

describe('voiceActivity()', () => {
  it.each([60, 40, 20, 10, 6])('finds the words of a recording with %i dB of signal to noise', (snrDb) => {
    expect(shareRight(recording(snrDb))).toBeGreaterThan(0.98);
  });

  it('finds them in digital silence as well, and at other rates', () => {
    expect(shareRight(recording(Number.POSITIVE_INFINITY))).toBeGreaterThan(0.98);
    const half = { samples: recording(40).samples.filter((_, n) => n % 2 === 0), sampleRate: 8000 };
    expect(shareRight(half)).toBeGreaterThan(0.98);
  });

  it('goes on through a soft fricative by its crossings, and not where that is switched off', () => {
    const w = recording(50, true);
    expect(shareRight(w, { lower: 0.2, upper: 0.3 })).toBeGreaterThan(0.98);
    const { data } = voiceActivity(w, { lower: 0.2, upper: 0.3, fricationSec: 0, hangoverSec: 0 });
    expect(Array.from(data.subarray(230, 238))).toEqual(new Array(8).fill(0));
  });

  it('does not depend on gain, nor on a constant that is added', () => {
    const w = recording(30);
    const { data } = voiceActivity(w);
    for (const [gain, offset] of [[1 / 64, 0] as const, [4, 0] as const, [1, 0.5] as const]) {
      const other = { samples: w.samples.map((x) => gain * x + offset), sampleRate };
      expect(runsOf(voiceActivity(other).data)).toEqual(runsOf(data));
    }
  });

  it('finds no speech in silence, in steady noise, in one sample or in a constant', () => {
    const random = createRandom(1);
    const noise = Float32Array.from({ length: sampleRate }, () => 0.1 * gaussian(random));
    for (const w of [
      wave(...new Array(5000).fill(0)),
      { samples: noise, sampleRate },
      wave(0.5),
      wave(0.2, 0.2, 0.2),
    ]) {
      const { data, frames, dims, names } = voiceActivity(w);
      expect([dims, names]).toEqual([1, ['voiceActivity']]);
      expect(frames).toBe(1 + Math.floor(w.samples.length / 160));
      expect(data.every((x) => x === 0)).toBe(true);
    }
  });

  it('drops clicks, fills short pauses and holds on, each by its option', () => {
    const samples = recording(60).samples.slice();
    samples.fill(0.5, 0.1 * sampleRate, 0.1 * sampleRate + 100); // a click
    samples.fill(0, 0.5 * sampleRate, 0.55 * sampleRate); // a gap of 50 ms
    const at = (options: VoiceActivityOptions, sec: number) =>
      voiceActivity({ samples, sampleRate }, { fricationSec: 0, hangoverSec: 0, ...options }).data[
        Math.round(sec / 0.01)
      ];
    expect(at({}, 0.1)).toBe(0);
    expect(at({ minSpeechSec: 0 }, 0.1)).toBe(1);
    expect(at({}, 0.525)).toBe(1);
    expect(at({ minPauseSec: 0 }, 0.525)).toBe(0);
    expect(at({}, 0.86)).toBe(0);
    expect(at({ hangoverSec: 0.1 }, 0.86)).toBe(1);
  });

  it('leaves no pause inside and no speech shorter than asked, whatever the signal', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 1500 }), fc.constantFrom(0, 0.001, 0.01, 0.1, 1)), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 0, max: 6 }),
        (parts, pause, speech, hold) => {
          const random = createRandom(parts.length);
          const samples = Float32Array.from(
            parts.flatMap(([length, gain]) => Array.from({ length }, () => gain * (random() - 0.5))),
          );
          const { data } = voiceActivity(
            { samples, sampleRate: 8000 },
            { minPauseSec: pause / 100, minSpeechSec: speech / 100, hangoverSec: hold / 100 },
          );
          const runs = runsOf(data);
          runs.forEach(([value, length], i) => {
            if (value === 1) expect(length).toBeGreaterThanOrEqual(speech);
            else if (i > 0 && i < runs.length - 1) expect(length).toBeGreaterThanOrEqual(pause);
          });
        },
      ),
      { numRuns: 200 },
    );
  });

  it('has a prepared twin, which does not stream and refuses another rate', () => {
    const extractor = createVoiceActivity({ sampleRate });
    const w = recording(30);
    expect(extractor.extract(w)).toEqual(voiceActivity(w));
    expect(createVoiceActivity(extractor.config).extract(w)).toEqual(voiceActivity(w));
    expect(extractor.config).toMatchObject({ frameLength: 400, hopLength: 160, center: true, lower: 0.03, upper: 0.1 });
    expect(errorOf(() => extractor.stream()).message).toBe(
      'createVoiceActivity: stream() expected the whole clip, so use extract(): its levels decide the thresholds',
    );
    expect(errorOf(() => createVoiceActivity({ sampleRate: 8000 }).extract(w)).code).toBe('wrong-rate');
  });

  it('refuses NaN, no samples, too few without centring, and options that are none', () => {
    expect(errorOf(() => voiceActivity(wave(Number.NaN))).code).toBe('not-finite');
    expect(errorOf(() => voiceActivity(wave())).code).toBe('empty');
    expect(errorOf(() => voiceActivity(wave(1), { center: false })).code).toBe('too-short');
    expect(errorOf(() => voiceActivity(wave(1), { aggressive: 3 } as never)).message).toContain(
      'unknown option "aggressive"',
    );
    expect(errorOf(() => voiceActivity(wave(1), { lower: 0.3, upper: 0.2 })).message).toBe(
      'voiceActivity: upper expected >= lower = 0.3, got 0.2',
    );
  });
});

const corpora = corporaFolder();

describe.skipIf(corpora === undefined)('voiceActivity() of 60 clips of CREMA-D', () => {
  it('finds speech in every one, mostly in the middle and seldom in the first 100 ms', () => {
    const folder = join(corpora!, 'cremad', 'AudioWAV');
    const files = readdirSync(folder).filter((file) => file.endsWith('.wav'));
    const chosen = Array.from({ length: 60 }, (_, i) => files[Math.floor((i * files.length) / 60)]);
    let spoken = 0;
    let early = 0;
    for (const file of chosen) {
      const w = decodeWav(readFileSync(join(folder, file)));
      if (w.samples.length < 10000) continue;
      const { data, frames } = voiceActivity(w);
      const share = data.reduce((sum, x) => sum + x, 0) / frames;
      expect(share, file).toBeGreaterThan(0.1);
      spoken += share / chosen.length;
      if (data[5] === 1) early++;
    }
    console.log(
      `voice activity: ${(100 * spoken).toFixed(0)} % of frames are speech; ${early} of 60 clips begin with it`,
    );
    expect(spoken).toBeLessThan(0.9);
    expect(early).toBeLessThan(20);
  });
});
