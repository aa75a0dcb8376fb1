import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeWav } from '../../src/audio/wav-reader.ts';
import type { Waveform } from '../../src/core/waveform.ts';
import { createPitch, type PitchOptions, pitch } from '../../src/features/pitch.ts';
import { corporaFolder } from '../support/corpora.ts';
import { type PitchSignal, pitchSignal } from './pitch-signals.ts';
import { largestDifference, readFixture, unpack } from './support.ts';

// librosa 0.11 in float64 is the truth. With refine: false its numbers are ours, up to the rounding to float32.

/** Of 500 Hz, one part in ten million. */
const HERTZ = 5e-5;
const PROBABILITY = 1e-6;

interface Result {
  readonly frames: number;
  readonly f0: string;
  readonly voiced: string;
  readonly yin: string;
}

/** Column 0 or 1 of every so-manieth frame. */
function column(data: Float32Array, at: 0 | 1, every = 1): Float32Array {
  return Float32Array.from({ length: Math.ceil(data.length / 2 / every) }, (_, t) => data[2 * t * every + at]);
}

describe('against librosa 0.11 in float64, on synthetic signals', () => {
  const { cases } = readFixture<{
    cases: readonly (Result & { readonly signal: PitchSignal; readonly options: PitchOptions })[];
  }>('pitch-synthetic.json');
  const named = cases.map((c) => [`${c.signal}, ${JSON.stringify(c.options)}`, c] as const);

  it('holds voiced and unvoiced frames, and options that are not the defaults', () => {
    const glide = unpack(cases.find((c) => c.signal === 'glide')!.f0);
    expect(glide.filter((f0) => f0 > 0).length).toBeGreaterThan(10);
    expect(glide.filter((f0) => f0 === 0).length).toBeGreaterThan(3);
    expect(new Set(cases.map((c) => JSON.stringify(c.options))).size).toBeGreaterThan(5);
  });

  it.each(named)('pyin has its f0 and its voicing: %s', (_, c) => {
    const { data, frames } = pitch(pitchSignal(c.signal), { ...c.options, refine: false });
    expect(frames).toBe(c.frames);
    expect(largestDifference(column(data, 0), unpack(c.f0))).toBeLessThan(HERTZ);
    expect(largestDifference(column(data, 1), unpack(c.voiced))).toBeLessThan(PROBABILITY);
  });

  it.each(named)('refining moves f0 by less than 1.5 % and voicing not at all: %s', (_, c) => {
    const { data } = pitch(pitchSignal(c.signal), c.options);
    const expected = unpack(c.f0);
    for (const [t, f0] of column(data, 0).entries()) {
      expect(Math.abs(f0 - expected[t])).toBeLessThanOrEqual(0.015 * expected[t]);
    }
    expect(largestDifference(column(data, 1), unpack(c.voiced))).toBeLessThan(PROBABILITY);
  });

  // Of constant frames (zeros, or one sample that its edges continue) librosa.yin gives the highest pitch, and this none.
  const constant = (c: (typeof named)[number][1]): boolean =>
    c.signal === 'silence' || (c.signal === 'one sample' && c.options.padMode === 'edge');
  it.each(named.filter(([, c]) => !constant(c)))('yin has its f0: %s', (_, c) => {
    const o: PitchOptions = { ...c.options, method: 'yin', refine: false, voicingThreshold: 0 };
    const ours = column(pitch(pitchSignal(c.signal), o).data, 0);
    const expected = unpack(c.yin).map((f0, t) => (ours[t] === 0 ? 0 : f0));
    expect(ours.filter((f0) => f0 === 0).length).toBeLessThan(0.3 * ours.length);
    expect(largestDifference(ours, expected)).toBeLessThan(HERTZ);
  });
});

const corpora = corporaFolder();

describe.skipIf(corpora === undefined)('against librosa 0.11 in float64, on 50 clips of CREMA-D', () => {
  const { sets, clips } = readFixture<{
    sets: readonly { readonly options: PitchOptions; readonly every: number }[];
    clips: readonly { readonly file: string; readonly results: readonly Result[] }[];
  }>('pitch-cremad.json');
  let waveforms: Waveform[] = [];
  beforeAll(() => {
    waveforms = clips.map(({ file }) => decodeWav(readFileSync(join(corpora!, 'cremad', 'AudioWAV', file))));
  });
  const named = sets.map(({ options, every }, i) => [JSON.stringify(options), options, every, i] as const);

  it.each(named)('without refining has its numbers: %s', (_, options, every, i) => {
    const { sampleRate } = waveforms[0];
    const pyin = createPitch({ sampleRate, ...options, refine: false });
    const yin = createPitch({ sampleRate, ...options, refine: false, method: 'yin', voicingThreshold: 0 });
    for (const [c, { results }] of clips.entries()) {
      const { data, frames } = pyin.extract(waveforms[c]);
      expect(frames).toBe(results[i].frames);
      expect(largestDifference(column(data, 0, every), unpack(results[i].f0))).toBeLessThan(HERTZ);
      expect(largestDifference(column(data, 1, every), unpack(results[i].voiced))).toBeLessThan(PROBABILITY);
      const alone = column(yin.extract(waveforms[c]).data, 0, every);
      expect(largestDifference(alone, unpack(results[i].yin))).toBeLessThan(HERTZ);
    }
  });

  it.each(
    named.flatMap(([name, options, every, i]) =>
      (['pyin', 'yin'] as const).map((method) => [method, name, options, every, i] as const),
    ),
  )('%s is within 1 % of its pyin in the middle, and rarely far off: %s', (method, name, options, every, i) => {
    const extractor = createPitch({ sampleRate: waveforms[0].sampleRate, ...options, method });
    const errors: number[] = [];
    let frames = 0;
    let agreed = 0;
    for (const [c, { results }] of clips.entries()) {
      const ours = column(extractor.extract(waveforms[c]).data, 0, every);
      for (const [t, f0] of unpack(results[i].f0).entries()) {
        frames++;
        if (ours[t] > 0 === f0 > 0) agreed++;
        if (ours[t] > 0 && f0 > 0) errors.push(Math.abs(ours[t] / f0 - 1));
      }
    }
    errors.sort((a, b) => a - b);
    const median = errors[Math.floor(errors.length / 2)];
    const gross = errors.filter((error) => error > 0.2).length / errors.length;
    console.log(
      `pitch, ${method}, ${name}: median error ${(100 * median).toFixed(3)} %, gross ${(100 * gross).toFixed(2)} %, ` +
        `voicing agrees on ${((100 * agreed) / frames).toFixed(1)} % of ${frames} frames`,
    );
    expect(errors.length).toBeGreaterThan(500);
    expect(median).toBeLessThan(0.01);
    expect(gross).toBeLessThan(0.03);
    if (method === 'pyin') expect(agreed).toBe(frames);
  });
});
