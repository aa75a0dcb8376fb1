import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeatureMatrix, StreamingExtractor } from '../../src/core/feature-matrix.ts';
import {
  createFormants,
  createHarmonicity,
  createJitter,
  createLogMel,
  createMfcc,
  createPitch,
  createRecipe,
  createRms,
  createShimmer,
  createSpectralBandwidth,
  createSpectralCentroid,
  createSpectralContrast,
  createSpectralFlatness,
  createSpectralFlux,
  createSpectralRolloff,
  createSpectrogram,
  createWaveformFrames,
  createZcr,
} from '../../src/features/index.ts';
import { errorOf } from '../support/error-of.ts';

const sampleRate = 8000;

const mfcc5 = { nFft: 64, hopLength: 16, nMels: 8, nMfcc: 5, topDb: null };

/** Every extractor that streams, in framings that touch all kinds of padding. */
const EXTRACTORS: readonly (readonly [string, StreamingExtractor<unknown>])[] = [
  ['mfcc', createMfcc({ sampleRate, nFft: 64, hopLength: 16, nMels: 8, nMfcc: 5, topDb: null })],
  [
    'mfcc, in JavaScript',
    createMfcc({ sampleRate, nFft: 64, hopLength: 16, nMels: 8, nMfcc: 5, topDb: null, simd: false }),
  ],
  [
    'logMel, reflect, in JavaScript',
    createLogMel({ sampleRate, nFft: 60, hopLength: 24, nMels: 8, topDb: null, padMode: 'reflect', simd: false }),
  ],
  [
    'mfcc, reflect',
    createMfcc({ sampleRate, nFft: 60, hopLength: 24, nMels: 8, nMfcc: 5, topDb: null, padMode: 'reflect' }),
  ],
  ['mfcc, kaldi', createMfcc({ sampleRate, preset: 'kaldi', winLength: 50, hopLength: 20, nMels: 8, nMfcc: 5 })],
  [
    'mfcc, opensmile',
    createMfcc({ sampleRate, preset: 'opensmile', winLength: 33, hopLength: 40, nMels: 8, nMfcc: 5 }),
  ],
  [
    'logMel, torchaudio',
    createLogMel({
      sampleRate,
      preset: 'torchaudio',
      nFft: 50,
      hopLength: 20,
      nMels: 8,
      topDb: null,
      preEmphasis: 0.9,
    }),
  ],
  ['logMel, edge', createLogMel({ sampleRate, nFft: 64, hopLength: 80, nMels: 8, topDb: null, padMode: 'edge' })],
  ['logMel, not centred', createLogMel({ sampleRate, nFft: 64, hopLength: 16, nMels: 8, topDb: null, center: false })],
  ['spectrogram', createSpectrogram({ sampleRate, nFft: 31, hopLength: 7 })],
  ['spectralCentroid', createSpectralCentroid({ sampleRate, nFft: 64, hopLength: 16 })],
  ['spectralBandwidth, reflect', createSpectralBandwidth({ sampleRate, nFft: 60, hopLength: 24, padMode: 'reflect' })],
  ['spectralRolloff, edge', createSpectralRolloff({ sampleRate, nFft: 64, hopLength: 80, padMode: 'edge' })],
  ['spectralFlatness', createSpectralFlatness({ sampleRate, nFft: 64, hopLength: 16, center: false })],
  ['spectralFlux', createSpectralFlux({ sampleRate, nFft: 64, hopLength: 16 })],
  ['spectralFlux, norm', createSpectralFlux({ sampleRate, nFft: 31, hopLength: 40, norm: true, rectify: true })],
  ['spectralContrast', createSpectralContrast({ sampleRate, nFft: 64, hopLength: 16, nBands: 4, topDb: null })],
  [
    'spectralContrast, linear',
    createSpectralContrast({ sampleRate, nFft: 64, hopLength: 99, nBands: 3, linear: true, center: false }),
  ],
  ['waveformFrames', createWaveformFrames({ sampleRate, frameLength: 21, hopLength: 10, padMode: 'reflect' })],
  ['zcr', createZcr({ sampleRate, frameLength: 40, hopLength: 10 })],
  ['zcr, odd and not centred', createZcr({ sampleRate, frameLength: 41, hopLength: 50, center: false })],
  [
    'a recipe of features with deltas',
    createRecipe({
      sampleRate,
      features: [
        { name: 'mfcc', options: mfcc5, deltas: [1, 2] },
        { name: 'zcr', options: { frameLength: 100, hopLength: 16 } },
        { name: 'rms', options: { frameLength: 30, hopLength: 16 }, deltas: [2] },
      ],
    }),
  ],
  ['harmonicity', createHarmonicity({ sampleRate, fMin: 400, fMax: 2000, hopLength: 30 })],
  ['jitter', createJitter({ sampleRate, fMin: 400, fMax: 2000, hopLength: 30, voicingThreshold: 0.05 })],
  [
    'shimmer',
    createShimmer({ sampleRate, fMin: 400, fMax: 2000, frameLength: 91, center: false, voicingThreshold: 0.05 }),
  ],
  ['formants', createFormants({ sampleRate, nFormants: 2, frameLength: 60, hopLength: 25 })],
  ['formants below fMax', createFormants({ sampleRate, nFormants: 2, fMax: 3000, frameLength: 61, hopLength: 25 })],
  ['rms, reflect', createRms({ sampleRate, frameLength: 50, hopLength: 9, padMode: 'reflect' })],
  ['pitch, yin', createPitch({ sampleRate, method: 'yin', fMin: 200, fMax: 900, frameLength: 80, hopLength: 30 })],
  [
    'pitch, yin, reflect',
    createPitch({ sampleRate, method: 'yin', fMin: 250, frameLength: 51, hopLength: 60, padMode: 'reflect' }),
  ],
];

function joined(parts: readonly FeatureMatrix[]): number[] {
  return parts.flatMap(({ data }) => Array.from(data));
}

describe('stream()', () => {
  it.each(EXTRACTORS)('%s gives, for blocks of any sizes, exactly the frames of the whole clip', (_, extractor) => {
    const { frameLength, center } = extractor.framing;
    const stream = extractor.stream(); // one stream for all signals: flush() makes it new
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 2 ** 31 }),
        (sizes, seed) => {
          const total = sizes.reduce((sum, size) => sum + size, 0);
          if (total === 0 || (!center && total < frameLength)) return;
          let state = seed;
          const samples = Float32Array.from({ length: total }, () => {
            state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
            return state / 2 ** 31 - 1;
          });
          const parts: FeatureMatrix[] = [];
          let at = 0;
          for (const size of sizes) {
            parts.push(stream.push(samples.slice(at, at + size)));
            at += size;
          }
          parts.push(stream.flush());
          const whole = extractor.extract({ samples, sampleRate });
          expect(parts.reduce((sum, { frames }) => sum + frames, 0)).toBe(whole.frames);
          expect(joined(parts)).toEqual(Array.from(whole.data));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('gives a frame as soon as its samples are there', () => {
    const stream = createRms({ sampleRate, frameLength: 40, hopLength: 10, center: false }).stream();
    expect(stream.push(new Float32Array(39)).frames).toBe(0);
    expect(stream.push(new Float32Array(1)).frames).toBe(1);
    expect(stream.push(new Float32Array(25)).frames).toBe(2);
    expect(stream.flush().frames).toBe(0);
  });

  it('takes a long block at once as it takes many short ones', () => {
    const extractor = createZcr({ sampleRate, frameLength: 32, hopLength: 8 });
    const samples = Float32Array.from({ length: 20_000 }, (_, n) => Math.sin(n * n));
    const stream = extractor.stream();
    expect(joined([stream.push(samples), stream.flush()])).toEqual(
      Array.from(extractor.extract({ samples, sampleRate }).data),
    );
  });

  it('of nothing, or of less than a frame, is no frames', () => {
    const stream = createRms({ sampleRate, frameLength: 40, hopLength: 10, center: false }).stream();
    expect(stream.flush().frames).toBe(0);
    stream.push(new Float32Array(39));
    expect(stream.flush().frames).toBe(0);
  });

  it('is refused, by the name of the option, where a frame depends on the whole clip', () => {
    const error = errorOf(() => createMfcc({ sampleRate }).stream());
    expect(error.code).toBe('bad-option');
    expect(error.message).toBe(
      "createMfcc: stream() expected topDb: null, got 80: a frame's values would depend on the loudest frame of the whole clip",
    );
  });

  it('refuses blocks that are not finite samples, and goes on after them', () => {
    const stream = createRms({ sampleRate, frameLength: 4, hopLength: 4, center: false }).stream();
    stream.push(Float32Array.of(1, 1));
    expect(errorOf(() => stream.push(Float32Array.of(1, Number.NaN))).code).toBe('not-finite');
    expect(errorOf(() => stream.push([1, 1] as never)).code).toBe('bad-input');
    expect(Array.from(stream.push(Float32Array.of(1, 1)).data)).toEqual([1]);
  });
});
