import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeWav } from '../../src/audio/wav-reader.ts';
import type { FeatureMatrix } from '../../src/core/feature-matrix.ts';
import type { Waveform } from '../../src/core/waveform.ts';
import {
  createSpectralBandwidth,
  createSpectralCentroid,
  createSpectralContrast,
  createSpectralFlatness,
  createSpectralFlux,
  createSpectralRolloff,
  spectralBandwidth,
  spectralCentroid,
  spectralContrast,
  spectralFlatness,
  spectralFlux,
  spectralRolloff,
} from '../../src/features/index.ts';
import { corporaFolder } from '../support/corpora.ts';
import { errorOf } from '../support/error-of.ts';
import { largestDifference, readFixture, rows, type SignalName, synthetic, unpack } from './support.ts';

const MEASURES = {
  spectralCentroid,
  spectralBandwidth,
  spectralRolloff,
  spectralFlatness,
  spectralContrast,
  spectralFlux,
} as const;
const FACTORIES = {
  spectralCentroid: createSpectralCentroid,
  spectralBandwidth: createSpectralBandwidth,
  spectralRolloff: createSpectralRolloff,
  spectralFlatness: createSpectralFlatness,
  spectralContrast: createSpectralContrast,
  spectralFlux: createSpectralFlux,
} as const;
type MeasureName = keyof typeof MEASURES;
const measureNames = Object.keys(MEASURES) as MeasureName[];

interface Case {
  readonly measure: MeasureName;
  readonly options: { readonly nFft?: number };
  readonly frames: number;
  readonly picked: readonly number[];
  readonly values: string;
}

/** The bar: this share of librosa's largest value. */
const TOLERANCE = 1e-4;

/** The largest difference from librosa as a share of its largest value. */
function shareOff(waveform: Waveform, c: Case): number {
  const matrix = (MEASURES[c.measure] as (w: Waveform, o: object) => FeatureMatrix)(waveform, c.options);
  expect(matrix.frames).toBe(c.frames);
  const expected = unpack(c.values);
  const largest = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return largestDifference(rows(matrix, c.picked), expected) / (largest === 0 ? 1 : largest);
}

describe('against librosa 0.11 in float64, on synthetic signals', () => {
  const { signals } = readFixture<{ signals: readonly { signal: SignalName; cases: readonly Case[] }[] }>(
    'spectral.json',
  );
  const all = signals.flatMap(({ signal, cases }) =>
    cases.map((c) => [`${c.measure}() of ${signal}, ${JSON.stringify(c.options)}`, signal, c] as const),
  );
  it.each(all)('%s agrees', (_, signal, c) => {
    expect(shareOff(synthetic(signal), c)).toBeLessThan(TOLERANCE);
  });
});

const corpora = corporaFolder();

describe.skipIf(corpora === undefined)('against librosa 0.11 in float64, on 20 clips of CREMA-D', () => {
  const { clips } = readFixture<{ clips: readonly { file: string; cases: readonly Case[] }[] }>('spectral-cremad.json');
  const largest: Record<string, number> = {};

  it.each(clips.map(({ file, cases }) => [file, cases] as const))('all measures agree on %s', (file, cases) => {
    const waveform = decodeWav(readFileSync(join(corpora!, 'cremad', 'AudioWAV', file)));
    for (const c of cases) {
      const off = shareOff(waveform, c);
      largest[c.measure] = Math.max(largest[c.measure] ?? 0, off);
      expect(off, `${c.measure} ${JSON.stringify(c.options)}`).toBeLessThan(TOLERANCE);
    }
  });

  it('prints the largest differences found', () => {
    console.log(`largest differences from librosa, in shares of its largest value: ${JSON.stringify(largest)}`);
    expect(clips.length).toBe(20);
    expect(Object.keys(largest).sort()).toEqual([...measureNames].sort());
  });
});

const speech = synthetic('speech-like');
const wave = (...samples: number[]): Waveform => ({ samples: Float32Array.from(samples), sampleRate: 16000 });

describe.each(measureNames)('%s() and its prepared twin', (name) => {
  const once = MEASURES[name] as (w: Waveform, o?: object) => FeatureMatrix;
  const create = FACTORIES[name] as typeof createSpectralCentroid;
  const options = { nFft: 512, hopLength: 160 };

  it('give the same matrix, with a name a dimension', () => {
    const matrix = create({ ...options, sampleRate: 16000 }).extract(speech);
    expect(once(speech, options)).toEqual(matrix);
    expect(matrix.names?.length).toBe(matrix.dims);
    expect(matrix.dims).toBe(name === 'spectralContrast' ? 7 : 1);
  });

  it('take the config of an extractor as options', () => {
    const extractor = create({ ...options, sampleRate: 16000 });
    expect(create(extractor.config).extract(speech)).toEqual(extractor.extract(speech));
    expect(extractor.config.hopLength).toBe(160);
    expect(create({ sampleRate: 16000, nFft: 1024 }).config.hopLength).toBe(512);
  });

  it('are finite for silence, one sample, and full scale', () => {
    for (const waveform of [synthetic('silence'), wave(0.5), wave(0), wave(...new Array(1000).fill(-1))]) {
      const { data, frames } = once(waveform, options);
      expect(frames).toBeGreaterThan(0);
      expect(data.every(Number.isFinite)).toBe(true);
    }
    const silent = once(synthetic('silence'), options).data;
    expect(silent.every((x) => x === 0) || (name === 'spectralFlatness' && silent.every((x) => x > 0.999999))).toBe(
      true,
    );
  });

  it('refuse NaN, no samples, too few without centring, and what they do not know', () => {
    expect(errorOf(() => once(wave(0, Number.NaN))).code).toBe('not-finite');
    expect(errorOf(() => once(wave())).code).toBe('empty');
    expect(errorOf(() => once(wave(1), { ...options, center: false })).code).toBe('too-short');
    expect(errorOf(() => once(speech, { hop: 3 })).message).toContain(`${name}: unknown option "hop"`);
    expect(errorOf(() => create({ sampleRate: 8000, nBands: 2 } as never).extract(speech)).code).toBe(
      name === 'spectralContrast' ? 'wrong-rate' : 'bad-option',
    );
  });
});

describe('the measures', () => {
  const tone = (hz: number, gain = 1): Waveform => ({
    samples: Float32Array.from({ length: 8000 }, (_, n) => gain * Math.sin((2 * Math.PI * hz * n) / 16000)),
    sampleRate: 16000,
  });
  const middle = ({ data, frames }: FeatureMatrix): number => data[Math.floor(frames / 2)];

  it('of a tone: centroid and roll-off at its frequency, little bandwidth and flatness, no flux', () => {
    expect(Math.abs(middle(spectralCentroid(tone(1000))) - 1000)).toBeLessThan(15);
    expect(Math.abs(middle(spectralRolloff(tone(1000))) - 1000)).toBeLessThan(10);
    expect(middle(spectralBandwidth(tone(1000)))).toBeLessThan(150);
    expect(middle(spectralFlatness(tone(1000)))).toBeLessThan(1e-5);
    expect(middle(spectralFlux(tone(1000), { norm: true }))).toBeLessThan(1e-3);
  });

  it('do not depend on gain, but for flux without norm, which grows with it', () => {
    const soft = { samples: speech.samples.map((x) => x / 4), sampleRate: 16000 };
    for (const measure of [spectralCentroid, spectralBandwidth, spectralRolloff]) {
      expect(Array.from(measure(soft).data)).toEqual(Array.from(measure(speech).data));
    }
    const flux = (w: Waveform, norm: boolean) => Array.from(spectralFlux(w, { norm }).data);
    expect(flux(soft, true)).toEqual(flux(speech, true));
    expect(flux(soft, false)).toEqual(flux(speech, false).map((x) => x / 4));
  });

  it('refuse what librosa refuses: shares outside (0, 1), powers of 0', () => {
    expect(() => spectralRolloff(speech, { rollPercent: 1 })).toThrow(
      /spectralRolloff: rollPercent expected < 1, got 1/,
    );
    expect(() => spectralRolloff(speech, { rollPercent: 0 })).toThrow(/rollPercent expected > 0, got 0/);
    expect(() => spectralFlatness(speech, { amin: 0 })).toThrow(/amin expected > 0, got 0/);
    expect(() => spectralBandwidth(speech, { p: 0 })).toThrow(/p expected > 0, got 0/);
    expect(() => spectralContrast(speech, { quantile: 1 })).toThrow(/quantile expected < 1, got 1/);
  });

  it('flux with rectify counts what grows alone, so a tone that ends has none', () => {
    const samples = tone(1000).samples.map((x, n) => (n < 4096 ? x : 0));
    const o = { nFft: 512, hopLength: 512, center: false, window: 'ones' } as const;
    const whole = spectralFlux({ samples, sampleRate: 16000 }, o).data;
    expect(whole[8]).toBeGreaterThan(100);
    expect(spectralFlux({ samples, sampleRate: 16000 }, { ...o, rectify: true }).data[8]).toBe(0);
  });
});

describe('spectralContrast()', () => {
  it('says where its bands do not fit the rate or the transform', () => {
    expect(errorOf(() => spectralContrast({ ...speech, sampleRate: 11025 })).message).toBe(
      'spectralContrast: fMin * 2^(nBands - 1) expected < 5512.5, half the sample rate, got 6400; take fewer bands or a lower fMin',
    );
    expect(errorOf(() => spectralContrast(speech, { nFft: 64 })).message).toMatch(
      /nFft expected to leave a bin in every band, got 64, whose bins are 250 Hz apart, for the band from 0 to 200 Hz/,
    );
  });

  it('streams without topDb, and says so with it', () => {
    expect(errorOf(() => createSpectralContrast({ sampleRate: 16000 }).stream()).message).toContain(
      'createSpectralContrast: stream() expected topDb: null or linear: true, got topDb 80',
    );
    expect(createSpectralContrast({ sampleRate: 16000, linear: true }).stream().flush().frames).toBe(0);
  });

  it('with topDb raises what is far below the loudest, and equals topDb null where nothing is', () => {
    const loud = synthetic('speech-like');
    expect(spectralContrast(loud, { topDb: 1000 })).toEqual(spectralContrast(loud, { topDb: null }));
    expect(spectralContrast(loud, { topDb: 10 })).not.toEqual(spectralContrast(loud, { topDb: null }));
    expect(spectralContrast(loud, { topDb: 0 }).data.every((x) => Number.isFinite(x))).toBe(true);
  });
});
