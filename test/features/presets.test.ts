import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeWav } from '../../src/audio/wav-reader.ts';
import type { Waveform } from '../../src/core/waveform.ts';
import { createLogMel, createMfcc, logMel, type MfccOptions, mfcc } from '../../src/features/index.ts';
import { corporaFolder } from '../support/corpora.ts';
import { errorOf } from '../support/error-of.ts';
import { largestDifference, readFixture, rows, type SignalName, synthetic, unpack } from './support.ts';

// torchaudio and its Kaldi functions are run in float64; openSMILE only knows float32. Each is held to what was found
// (printed below), rounded up, and all to the bar of 1e-3.
const TOLERANCE = { torchaudio: 1e-4, kaldi: 1e-4, opensmile: 1e-3 } as const;
// At 48 kHz openSMILE leaves out the last bin below 8,000 Hz, which the HTK book does not.
const TOLERANCE_AT_48_KHZ = 1e-2;

type Preset = keyof typeof TOLERANCE;

interface Case {
  readonly preset: Preset;
  readonly options: MfccOptions;
  readonly sampleRate: number;
  readonly frames: number;
  readonly picked: readonly number[];
  readonly logMel: string;
  readonly mfcc?: string;
}

interface Fixture<C> {
  readonly ownFloat32: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly cases: readonly (C & Case)[];
}

/** MfccOptions as logMel takes them. */
function forLogMel({ nMfcc: _, dctNorm: __, lifter: ___, ...options }: MfccOptions) {
  return options;
}

/** Compares one case, and keeps the largest differences by preset. */
function comparison() {
  const largest: Record<string, number> = {};
  const hold = (name: string, c: Case, simd: boolean, a: Float32Array, b: Float32Array): void => {
    const { preset, sampleRate, options } = c;
    const difference = largestDifference(a, b);
    const known = preset === 'opensmile' && sampleRate === 48000;
    const float32 = options.topDb === null ? 2e-2 : 2e-3;
    const key = `${preset} ${name}${known ? ' at 48 kHz' : ''}${simd ? ', simd' : ''}`;
    largest[key] = Math.max(largest[key] ?? 0, difference);
    expect(difference, key).toBeLessThan(known ? TOLERANCE_AT_48_KHZ : simd ? float32 : TOLERANCE[preset]);
  };
  const compare = (waveform: Waveform, c: Case): void => {
    // The kernel knows no pre-emphasis, which kaldi and opensmile have: they are float64 either way.
    for (const simd of c.preset === 'torchaudio' ? [false, true] : [false]) {
      const options = { preset: c.preset, ...c.options, simd };
      const bands = logMel(waveform, forLogMel(options));
      expect(bands.frames).toBe(c.frames);
      hold('logMel', c, simd, rows(bands, c.picked), unpack(c.logMel));
      if (c.mfcc === undefined) continue;
      const coefficients = mfcc(waveform, options);
      expect(coefficients.frames).toBe(c.frames);
      hold('mfcc', c, simd, rows(coefficients, c.picked), unpack(c.mfcc));
    }
  };
  return { largest, compare };
}

describe('presets against their tools, on synthetic signals', () => {
  const { cases } = readFixture<Fixture<{ signal: SignalName }>>('presets-synthetic.json');
  const { largest, compare } = comparison();

  it.each(cases.map((c) => [c.preset, c.signal, c.sampleRate, JSON.stringify(c.options), c] as const))(
    '%s: mfcc() and logMel() agree on %s at %i Hz, %s',
    (_, signal, sampleRate, __, c) => compare({ ...synthetic(signal), sampleRate }, c),
  );

  it('prints the largest differences found', () => {
    console.log(`largest differences from the tools, synthetic signals: ${JSON.stringify(largest)}`);
    expect(Object.keys(largest)).toHaveLength(10);
  });
});

const corpora = corporaFolder();
const whole = corpora !== undefined && ['cremad', 'emodb', 'noise'].every((name) => existsSync(join(corpora, name)));
if (corpora !== undefined && !whole) console.log('presets on recordings: skipped, needs cremad, emodb and noise');

describe.skipIf(!whole)('presets against their tools, on recordings at their own rate', () => {
  const { cases, ownFloat32 } =
    readFixture<Fixture<{ file: string; first: number; samples: number }>>('presets-corpora.json');
  const { largest, compare } = comparison();

  it('has 20 clips of speech, and every preset on each', () => {
    const speech = cases.filter(({ file }) => !file.startsWith('noise'));
    expect(new Set(speech.map(({ file }) => file)).size).toBe(20);
    expect(speech.length).toBe(60);
  });

  it.each(cases.map((c) => [c.preset, c.file, c] as const))('%s agrees on %s', (_, file, c) => {
    const { samples, sampleRate } = decodeWav(readFileSync(join(corpora!, ...file.split('/'))));
    expect(sampleRate).toBe(c.sampleRate);
    compare({ samples: samples.slice(c.first, c.first + c.samples), sampleRate }, c);
  });

  it('prints the largest differences found', () => {
    console.log(`largest differences from the tools, recordings: ${JSON.stringify(largest)}`);
    console.log(`the tools in float32 from themselves in float64: ${JSON.stringify(ownFloat32)}`);
    expect(Object.keys(largest)).toHaveLength(8);
  });
});

const speech = synthetic('speech-like');

describe('a preset', () => {
  it("decides every option, in the tool's numbers: config says them all", () => {
    expect(createMfcc({ sampleRate: 11025, preset: 'kaldi' }).config).toEqual({
      preset: 'kaldi',
      simd: true,
      sampleRate: 11025,
      scale: 32768,
      removeDc: true,
      preEmphasis: 0.97,
      nFft: 512,
      hopLength: 110,
      winLength: 275,
      window: 'povey',
      windowSymmetric: true,
      framedBy: 'winLength',
      center: false,
      padMode: 'constant',
      nMels: 23,
      fMin: 20,
      fMax: 5512.5,
      htk: true,
      melNorm: null,
      triangles: 'mel',
      lastBinHz: 5512.5,
      power: 2,
      logarithm: 'ln',
      ref: 1,
      amin: 2 ** -23,
      topDb: null,
      nMfcc: 13,
      dctNorm: 'ortho',
      lifter: 22,
      lifterShift: 0,
      c0: 'first',
    });
    const { nFft, hopLength, padMode, fMax, lastBinHz, htk, melNorm, topDb } = createLogMel({
      sampleRate: 11025,
      preset: 'torchaudio',
    }).config;
    expect([nFft, hopLength, padMode, fMax, lastBinHz]).toEqual([400, 200, 'reflect', 5512, 5512]);
    expect([htk, melNorm, topDb]).toEqual([true, null, 80]);
    const smile = createMfcc({ sampleRate: 11025, preset: 'opensmile' }).config;
    expect([smile.winLength, smile.nFft, smile.hopLength, smile.fMax]).toEqual([276, 512, 110, 5520]);
    expect([smile.lastBinHz, smile.dctNorm, smile.c0, smile.amin]).toEqual([5520, 'htk', 'last', 1]);
  });

  it.each(['torchaudio', 'kaldi', 'opensmile'] as const)(
    "%s only sets defaults: overridden by all of librosa's numbers it gives librosa's",
    (preset) => {
      const { preset: _, ...numbers } = createMfcc({ sampleRate: 16000, nMfcc: 13 }).config;
      expect(createMfcc({ ...numbers, preset }).extract(speech)).toEqual(mfcc(speech, { nMfcc: 13 }));
      expect(mfcc(speech, { preset }).data).not.toEqual(mfcc(speech).data);
    },
  );

  it.each(['torchaudio', 'kaldi', 'opensmile'] as const)('%s survives its config as JSON', (preset) => {
    const waveform = { ...speech, sampleRate: 11025 };
    const extractor = createMfcc({ sampleRate: 11025, preset });
    const again = createMfcc(JSON.parse(JSON.stringify(extractor.config)) as MfccOptions & { sampleRate: number });
    expect(again.config).toEqual(extractor.config);
    expect(again.extract(waveform)).toEqual(extractor.extract(waveform));
  });

  it('takes an option that is undefined as one that is not given', () => {
    expect(mfcc(speech, { preset: 'kaldi', nMels: undefined, winLength: undefined })).toEqual(
      mfcc(speech, { preset: 'kaldi' }),
    );
  });

  it('lets the transform follow a window of another length', () => {
    const config = createMfcc({ sampleRate: 16000, preset: 'opensmile', winLength: 600 }).config;
    expect([config.nFft, config.lastBinHz, config.fMax]).toEqual([1024, 8000, 8000]);
    expect(createLogMel({ sampleRate: 16000, preset: 'kaldi', winLength: 200 }).config.nFft).toBe(256);
    expect(createLogMel({ sampleRate: 16000, preset: 'torchaudio', nFft: 512 }).config.hopLength).toBe(256);
  });

  it('opensmile names coefficient 0 last, and its other coefficients are those of c0 first', () => {
    const last = mfcc(speech, { preset: 'opensmile' });
    const first = mfcc(speech, { preset: 'opensmile', c0: 'first' });
    expect(last.names?.slice(-2)).toEqual(['mfcc12', 'mfcc0']);
    expect(first.names?.[0]).toBe('mfcc0');
    expect([last.data[12], last.data[0], last.data[11]]).toEqual([first.data[0], first.data[1], first.data[12]]);
  });

  it('streams where it has no topDb, and says what to set where it has', () => {
    expect(createMfcc({ sampleRate: 16000, preset: 'kaldi' }).stream().push(speech.samples).frames).toBe(54);
    expect(createLogMel({ sampleRate: 16000, preset: 'opensmile' }).stream().push(speech.samples).frames).toBe(54);
    const error = errorOf(() => createMfcc({ sampleRate: 16000, preset: 'torchaudio' }).stream());
    expect([error.code, error.message]).toEqual(['bad-option', expect.stringContaining('topDb: null, got 80')]);
  });

  it('gives the floor for silence: the logarithm of amin', () => {
    const silence = synthetic('silence');
    expect(new Set(logMel(silence, { preset: 'kaldi' }).data)).toEqual(new Set([Math.fround(Math.log(2 ** -23))]));
    expect(new Set(logMel(silence, { preset: 'opensmile' }).data)).toEqual(new Set([0]));
    expect(new Set(logMel(silence, { preset: 'torchaudio', simd: false }).data)).toEqual(new Set([-100]));
  });

  it('removes a constant offset where it removes the mean', () => {
    const shifted = { samples: speech.samples.map((x) => x + 0.125), sampleRate: 16000 };
    const kaldi = mfcc(speech, { preset: 'kaldi' }).data;
    expect(largestDifference(mfcc(shifted, { preset: 'kaldi' }).data, kaldi)).toBeLessThan(1e-3);
    const kept = { preset: 'kaldi', removeDc: false } as const;
    expect(largestDifference(mfcc(shifted, kept).data, mfcc(speech, kept).data)).toBeGreaterThan(0.1);
  });

  it('counts topDb in dB under natural logarithms too', () => {
    const { data } = logMel(speech, { preset: 'kaldi', topDb: 20 });
    const greatest = data.reduce((a, b) => Math.max(a, b));
    const least = data.reduce((a, b) => Math.min(a, b));
    expect(greatest - least).toBeCloseTo(2 * Math.LN10, 5);
  });
});

describe('a preset refuses, or answers, what its tool does not have', () => {
  it('a name that is none', () => {
    const error = errorOf(() => logMel(speech, { preset: 'htk' as never }));
    expect(error.code).toBe('bad-option');
    expect(error.message).toBe('logMel: preset expected "librosa" | "torchaudio" | "kaldi" | "opensmile", got "htk"');
  });

  it('a rate at which 10 ms are less than a sample', () => {
    for (const preset of ['kaldi', 'opensmile'] as const) {
      const error = errorOf(() => createMfcc({ sampleRate: 40, preset }));
      expect(error.code).toBe('bad-option');
      expect(error.message).toBe(
        `createMfcc: preset ${preset} expected a sampleRate at which 10 ms are at least a sample, got 40`,
      );
    }
  });

  it('a rate of which half is 0 after torchaudio has cut it', () => {
    expect(errorOf(() => createLogMel({ sampleRate: 1, preset: 'torchaudio' })).message).toBe(
      'createLogMel: fMin expected < fMax = 0, got 0',
    );
  });

  it('a low rate that it has: bands narrower than a bin are at the floor, and all is finite', () => {
    const waveform = { samples: speech.samples.slice(0, 300), sampleRate: 200 };
    for (const preset of ['torchaudio', 'kaldi', 'opensmile'] as const) {
      const { data, frames } = mfcc(waveform, { preset });
      expect(frames).toBeGreaterThan(0);
      expect(data.every(Number.isFinite)).toBe(true);
    }
  });

  it('fMax above half the rate, and a transform shorter than the window', () => {
    expect(errorOf(() => mfcc(speech, { preset: 'kaldi', fMax: 8001 })).message).toBe(
      'mfcc: fMax expected <= 8000, half the sample rate of 16000 Hz, got 8001',
    );
    expect(errorOf(() => createMfcc({ sampleRate: 11025, preset: 'opensmile', fMax: 5521 })).message).toBe(
      'createMfcc: fMax expected <= 5520, where the last bin is, got 5521',
    );
    expect(errorOf(() => mfcc(speech, { preset: 'kaldi', nFft: 256 })).message).toBe(
      'mfcc: winLength expected <= nFft = 256, got 400',
    );
    expect(errorOf(() => mfcc(speech, { preset: 'opensmile', nMfcc: 27 })).message).toBe(
      'mfcc: nMfcc expected <= nMels = 26, got 27',
    );
  });

  it('a clip shorter than a window, where frames are not padded; one window is one frame', () => {
    const clip = (length: number) => ({ samples: speech.samples.slice(0, length), sampleRate: 16000 });
    for (const preset of ['kaldi', 'opensmile'] as const) {
      expect(mfcc(clip(400), { preset }).frames).toBe(1);
      const error = errorOf(() => mfcc(clip(399), { preset }));
      expect([error.code, error.message]).toEqual([
        'too-short',
        'mfcc: without centring expected at least one frame of 400 samples, got 399 samples',
      ]);
    }
    // torchaudio itself wants more samples than half a window; here the mirror goes to and fro.
    expect(mfcc(clip(1), { preset: 'torchaudio' }).frames).toBe(1);
  });

  it('a scale, a pre-emphasis and a last bin that are out of range', () => {
    expect(() => mfcc(speech, { scale: 0 })).toThrow(/scale expected > 0, got 0/);
    expect(() => mfcc(speech, { preEmphasis: 1.1 })).toThrow(/preEmphasis expected <= 1, got 1.1/);
    expect(() => mfcc(speech, { lastBinHz: -1 })).toThrow(/lastBinHz expected > 0, got -1/);
    expect(() => mfcc(speech, { lifterShift: 2 as never })).toThrow(/lifterShift expected 0 \| 1, got 2/);
  });
});
