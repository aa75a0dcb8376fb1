import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeWav } from '../../src/audio/wav-reader.ts';
import {
  type DeltasOptions,
  deltas,
  logMel,
  type MfccOptions,
  mfcc,
  type RmsOptions,
  rms,
  type StftOptions,
  spectrogram,
  stft,
  zcr,
} from '../../src/features/index.ts';
import { corporaFolder } from '../support/corpora.ts';
import { largestDifference, readFixture, rows, type SignalName, synthetic, unpack } from './support.ts';

// librosa 0.11 in float64 is the truth; our numbers are float64 rounded to float32 at the very end.
const DECIBEL_TOLERANCE = 1e-3;
// In float32, by the WebAssembly kernel; the looser one where topDb is null, so that nothing hides what is quiet.
const SIMD_TOLERANCE = 2e-3;
const SIMD_QUIET_TOLERANCE = 2e-2;
const RATE_TOLERANCE = 1e-6;
const DELTA_TOLERANCE = 1e-5;

interface SyntheticCase {
  readonly signal: SignalName;
  readonly options: MfccOptions & RmsOptions & DeltasOptions & StftOptions;
  readonly of?: MfccOptions;
  readonly frames: number;
  readonly picked?: readonly number[];
  readonly mfcc?: string;
  readonly logMel?: string;
  readonly zcr?: string;
  readonly rms?: string;
  readonly deltas?: string;
  readonly stft?: string;
  readonly spectrogram?: string;
}

/** MfccOptions as logMel takes them. */
function forLogMel({ nMfcc: _, dctNorm: __, lifter: ___, ...options }: MfccOptions) {
  return options;
}

/** Both ways to compute, and how close they have to come. */
function ways(options: MfccOptions): readonly (readonly [boolean, number])[] {
  return [
    [false, DECIBEL_TOLERANCE],
    [true, options.topDb === null ? SIMD_QUIET_TOLERANCE : SIMD_TOLERANCE],
  ];
}

describe('against librosa 0.11 in float64, on synthetic signals', () => {
  const { cases } = readFixture<{ cases: readonly SyntheticCase[] }>('librosa-synthetic.json');
  const title = (c: SyntheticCase): string => `${c.signal}, ${JSON.stringify(c.options)}`;
  const having = (key: keyof SyntheticCase) =>
    cases.filter((c) => c[key] !== undefined).map((c) => [title(c), c] as const);

  it.each(having('mfcc'))('mfcc() and logMel() agree: %s', (_, c) => {
    const waveform = synthetic(c.signal);
    for (const [simd, tolerance] of ways(c.options)) {
      const coefficients = mfcc(waveform, { ...c.options, simd });
      const bands = logMel(waveform, { ...forLogMel(c.options), simd });
      expect(coefficients.frames).toBe(c.frames);
      expect(bands.frames).toBe(c.frames);
      expect(largestDifference(rows(coefficients, c.picked!), unpack(c.mfcc!)), `${simd}`).toBeLessThan(tolerance);
      expect(largestDifference(rows(bands, c.picked!), unpack(c.logMel!)), `${simd}`).toBeLessThan(tolerance);
    }
  });

  it.each(having('zcr'))('zcr() and rms() agree: %s', (_, c) => {
    const waveform = synthetic(c.signal);
    expect(largestDifference(zcr(waveform, c.options).data, unpack(c.zcr!))).toBeLessThan(RATE_TOLERANCE);
    expect(largestDifference(rms(waveform, c.options).data, unpack(c.rms!))).toBeLessThan(RATE_TOLERANCE);
  });

  it.each(having('deltas'))('deltas() agrees: %s', (_, c) => {
    const matrix = deltas(mfcc(synthetic(c.signal), { ...c.of, simd: false }), c.options);
    expect(largestDifference(matrix.data, unpack(c.deltas!))).toBeLessThan(DELTA_TOLERANCE);
  });

  it.each(having('stft'))('stft() and spectrogram() agree: %s', (_, c) => {
    const waveform = synthetic(c.signal);
    const { data, frames, bins } = stft(waveform, c.options);
    expect([frames, data.length]).toEqual([c.frames, 2 * frames * bins]);
    expect(largestDifference(data, unpack(c.stft!))).toBeLessThan(1e-6);
    const power = unpack(c.spectrogram!);
    expect(largestDifference(spectrogram(waveform, c.options).data, power)).toBeLessThan(1e-5);
    const magnitude = spectrogram(waveform, { ...c.options, power: 1 }).data;
    expect(largestDifference(magnitude, Float32Array.from(power, Math.sqrt))).toBeLessThan(1e-5);
  });
});

interface RealClip {
  readonly file: string;
  readonly sampleRate: number;
  readonly samples: number;
  readonly spectral: readonly { frames: number; picked: readonly number[]; mfcc: string; logMel: string }[];
  readonly framed: readonly { frames: number; zcr: string; rms: string }[];
  readonly deltas: readonly { picked: readonly number[]; deltas: string }[];
}

interface RealFixture {
  readonly spectral: readonly MfccOptions[];
  readonly framed: readonly RmsOptions[];
  readonly deltas: readonly DeltasOptions[];
  readonly deltasOf: MfccOptions;
  readonly clips: readonly RealClip[];
}

const corpora = corporaFolder();

describe.skipIf(corpora === undefined)(
  'against librosa 0.11 in float64, on 20 clips of CREMA-D at their own rate',
  () => {
    const fixture = readFixture<RealFixture>('librosa-cremad.json');
    const largest = {
      mfcc: 0,
      logMel: 0,
      mfccSimd: 0,
      logMelSimd: 0,
      mfccSimdQuiet: 0,
      logMelSimdQuiet: 0,
      zcr: 0,
      rms: 0,
      deltas: 0,
    };
    const hold = (name: keyof typeof largest, a: Float32Array, b: Float32Array, tolerance: number): void => {
      const difference = largestDifference(a, b);
      largest[name] = Math.max(largest[name], difference);
      expect(difference, name).toBeLessThan(tolerance);
    };

    it('has 20 clips and at least 12 option sets that are not the defaults', () => {
      expect(fixture.clips.length).toBe(20);
      expect(fixture.spectral.filter((options) => Object.keys(options).length > 0).length).toBeGreaterThanOrEqual(12);
    });

    it.each(fixture.clips.map((clip) => [clip.file, clip] as const))('agrees on %s', (file, clip) => {
      const waveform = decodeWav(readFileSync(join(corpora!, 'cremad', 'AudioWAV', file)));
      expect([waveform.sampleRate, waveform.samples.length]).toEqual([clip.sampleRate, clip.samples]);
      for (const [i, options] of fixture.spectral.entries()) {
        const { frames, picked, mfcc: coefficients, logMel: bands } = clip.spectral[i];
        for (const [simd, tolerance] of ways(options)) {
          const way = simd ? (options.topDb === null ? 'SimdQuiet' : 'Simd') : '';
          const matrix = mfcc(waveform, { ...options, simd });
          expect(matrix.frames).toBe(frames);
          hold(`mfcc${way}`, rows(matrix, picked), unpack(coefficients), tolerance);
          const logMelMatrix = logMel(waveform, { ...forLogMel(options), simd });
          hold(`logMel${way}`, rows(logMelMatrix, picked), unpack(bands), tolerance);
        }
      }
      for (const [i, options] of fixture.framed.entries()) {
        hold('zcr', zcr(waveform, options).data, unpack(clip.framed[i].zcr), RATE_TOLERANCE);
        hold('rms', rms(waveform, options).data, unpack(clip.framed[i].rms), RATE_TOLERANCE);
      }
      const matrix = mfcc(waveform, { ...fixture.deltasOf, simd: false });
      for (const [i, options] of fixture.deltas.entries()) {
        const { picked, deltas: expected } = clip.deltas[i];
        hold('deltas', rows(deltas(matrix, options), picked), unpack(expected), DELTA_TOLERANCE);
      }
    });

    it('prints the largest differences found', () => {
      console.log(`largest differences from librosa: ${JSON.stringify(largest)}`);
      expect(largest.mfcc).toBeGreaterThan(0);
    });
  },
);
