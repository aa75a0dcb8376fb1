import * as z from 'zod/mini';
import { resample } from '../audio/resample.ts';
import { SerKitError } from '../core/errors.ts';
import type { Extractor, FeatureMatrix } from '../core/feature-matrix.ts';
import { parseOptions } from '../core/options.ts';
import { checkWaveform, type Waveform } from '../core/waveform.ts';
import { deltas } from '../features/deltas.ts';
import { createLogMel, type LogMelOptions } from '../features/log-mel.ts';
import { createMfcc, type MfccOptions } from '../features/mfcc.ts';
import { createRms, type RmsOptions } from '../features/rms.ts';
import { createSpectrogram, type SpectrogramOptions } from '../features/spectrogram.ts';
import { stack } from '../features/stack.ts';
import { createZcr, type ZcrOptions } from '../features/zcr.ts';
import { withActiveLevel } from './active-level.ts';

/** One feature of a front end, by name, with its own options; `deltas` adds its rates of change after it. */
export type FeatureChoice = { readonly deltas?: readonly (1 | 2)[] | undefined } & (
  | { readonly name: 'mfcc'; readonly options?: MfccOptions | undefined }
  | { readonly name: 'logMel'; readonly options?: LogMelOptions | undefined }
  | { readonly name: 'spectrogram'; readonly options?: SpectrogramOptions | undefined }
  | { readonly name: 'zcr'; readonly options?: ZcrOptions | undefined }
  | { readonly name: 'rms'; readonly options?: RmsOptions | undefined }
);

/** From a recording of any rate to what the network sees. Plain JSON, kept in a recognizer's manifest. */
export interface FrontEndOptions {
  /** Every recording is resampled to this, in Hz, from 1,000 to 384,000. @default 16000 */
  readonly sampleRate?: number | undefined;
  /**
   * Bring every recording to one level before its features are computed, so that a microphone's gain does not decide.
   * (In acted corpora loudness is a strong cue that does not carry over to other recordings.)
   * @default true
   */
  readonly normalizeLevel?: boolean | undefined;
  /**
   * Stacked frame by frame, so all need the same hopLength and the same center; not centred, the same nFft or frameLength.
   * @default DEFAULT_FEATURES
   */
  readonly features?: readonly FeatureChoice[] | undefined;
}

/** FrontEndOptions with every option decided. */
export interface FrontEndConfig {
  readonly sampleRate: number;
  readonly normalizeLevel: boolean;
  readonly features: readonly FeatureChoice[];
}

/** Up to 5,000 Hz: corpora and microphones differ above, and the emotion in a voice lies below. */
const HIGHEST_HZ = 5000;

/** The RMS amplitude that levels are brought to: -26 dB of full scale. */
const LEVEL = 0.05;

/**
 * 20 MFCC of 40 mel bands from 50 to 5,000 Hz, 30 ms windows every 20 ms at 16 kHz, and their first deltas. The windows are
 * not centred: a centred one meets the recording's first sample as a step out of silence, and what it then shows depends
 * on the tool that resampled the recording.
 */
export const DEFAULT_FEATURES: readonly FeatureChoice[] = [
  {
    name: 'mfcc',
    options: {
      nMfcc: 20,
      nMels: 40,
      fMin: 50,
      fMax: HIGHEST_HZ,
      nFft: 512,
      winLength: 480,
      hopLength: 320,
      center: false,
    },
    deltas: [1],
  },
];

const schema = z.strictObject({
  sampleRate: z.optional(z.number().check(z.minimum(1000), z.maximum(384_000))),
  normalizeLevel: z.optional(z.boolean()),
  features: z.optional(
    z
      .array(
        z.strictObject({
          name: z.enum(['mfcc', 'logMel', 'spectrogram', 'zcr', 'rms']),
          // The extractor itself checks these, with its own name in the message.
          options: z.optional(z.record(z.string(), z.unknown())),
          deltas: z.optional(z.array(z.literal([1, 2]))),
        }),
      )
      .check(z.minLength(1)),
  ),
});

/** A front end that is ready to run. */
export interface FrontEnd {
  readonly config: FrontEndConfig;
  /** What each dimension is. */
  readonly names: readonly string[];
  /** The highest frequency that any of its features looks at, in Hz. */
  readonly highestHz: number;
  /** The features of a recording of any rate, [frames, names.length]. */
  extract(waveform: Waveform): FeatureMatrix;
}

/**
 * Prepares the way from waveforms to a network's input: resampling, level, features stacked.
 *
 * @throws SerKitError 'bad-option', also from the extractors; extract() throws as they do
 */
export function createFrontEnd(options: FrontEndOptions = {}): FrontEnd {
  parseOptions('createFrontEnd', schema, options);
  const { sampleRate = 16000, normalizeLevel = true, features = DEFAULT_FEATURES } = options;
  const parts = features.map((choice) => ({ choice, extractor: createExtractor(choice, sampleRate) }));
  const names = parts.flatMap(({ choice, extractor }) => [
    ...extractor.names,
    ...(choice.deltas ?? []).flatMap((order) => deltaNames(extractor.names, order)),
  ]);
  checkFraming(parts);
  const leastSamples = Math.max(...parts.map(({ extractor }) => windowOf(extractor)));
  return {
    config: { sampleRate, normalizeLevel, features },
    names,
    highestHz: Math.max(...parts.map(({ extractor }) => highestOf(extractor, sampleRate))),
    extract(waveform) {
      checkWaveform('predict', waveform);
      const atRate = waveform.sampleRate === sampleRate ? waveform : resampled(waveform, sampleRate);
      const levelled = atLeast(leastSamples, normalizeLevel ? withActiveLevel(atRate, LEVEL) : atRate);
      const matrices = parts.flatMap(({ choice, extractor }) => {
        const matrix = extractor.extract(levelled);
        return [matrix, ...(choice.deltas ?? []).map((order) => deltasOfAny(matrix, order))];
      });
      const matrix = matrices.length === 1 ? matrices[0]! : stack(matrices);
      return { data: matrix.data, frames: matrix.frames, dims: matrix.dims };
    },
  };
}

/** The recording, followed by silence up to `length` samples where it is shorter: windows that are not centred need one. */
function atLeast(length: number, waveform: Waveform): Waveform {
  const { samples, sampleRate } = waveform;
  if (samples.length >= length) return waveform;
  const longer = new Float32Array(length);
  longer.set(samples);
  return { samples: longer, sampleRate };
}

/** How an extractor cuts a signal into frames; each of its configs says it in one of two ways. */
function framingOf(extractor: Extractor<unknown>): { hopLength: number; center: boolean; frameLength: number } {
  const config = extractor.config as { hopLength: number; center: boolean; nFft?: number; frameLength?: number };
  return { hopLength: config.hopLength, center: config.center, frameLength: config.nFft ?? config.frameLength ?? 1 };
}

/** How many samples an extractor has to have; 1 where it centres its windows. */
function windowOf(extractor: Extractor<unknown>): number {
  const { center, frameLength } = framingOf(extractor);
  return center ? 1 : frameLength;
}

/**
 * Features can be stacked when they give equally many frames of every recording. They do where hopLength agrees and what
 * frameCount() takes off the length does: the frame, less the padding on both sides.
 */
function checkFraming(parts: readonly { choice: FeatureChoice; extractor: Extractor<unknown> }[]): void {
  const framings = parts.map(({ extractor }) => framingOf(extractor));
  const hops = new Set(framings.map(({ hopLength }) => hopLength));
  if (hops.size > 1) {
    throw new SerKitError('bad-option', `createFrontEnd: features expected one hopLength, got ${[...hops].join(', ')}`);
  }
  const taken = framings.map(({ center, frameLength }) => (center ? frameLength % 2 : frameLength));
  if (new Set(taken).size > 1) {
    const those = framings.map(
      ({ center, frameLength }, i) =>
        `${parts[i]!.choice.name} (${center ? 'centred' : 'not centred'}, ${frameLength} samples)`,
    );
    throw new SerKitError(
      'bad-option',
      `createFrontEnd: features expected equally many frames of every recording, got ${those.join(', ')}; give all the same center, and without it the same nFft or frameLength (with it, all even or all odd)`,
    );
  }
}

const DELTA_WIDTH = 9;

/** Deltas of width 9; a matrix too short for them is first continued at both ends by its first and last frame. */
function deltasOfAny(matrix: FeatureMatrix, order: 1 | 2): FeatureMatrix {
  if (matrix.frames >= DELTA_WIDTH) return deltas(matrix, { order, width: DELTA_WIDTH });
  const { frames, dims } = matrix;
  const beside = (DELTA_WIDTH - 1) / 2;
  const data = new Float32Array((frames + 2 * beside) * dims);
  for (let t = 0; t < frames + 2 * beside; t++) {
    const from = Math.min(frames - 1, Math.max(0, t - beside)) * dims;
    data.set(matrix.data.subarray(from, from + dims), t * dims);
  }
  const long = deltas({ data, frames: frames + 2 * beside, dims }, { order, width: DELTA_WIDTH });
  return { data: long.data.slice(beside * dims, (beside + frames) * dims), frames, dims };
}

/** What deltas() calls the rates of change of features with these names. */
function deltaNames(names: readonly string[], order: 1 | 2): readonly string[] {
  const dims = names.length;
  const still = { data: new Float32Array(DELTA_WIDTH * dims), frames: DELTA_WIDTH, dims, names };
  return deltas(still, { order, width: DELTA_WIDTH }).names!;
}

/** At the new rate, and at least one sample of it: a single sample of 96 kHz rounds to none at 16 kHz. */
function resampled(waveform: Waveform, sampleRate: number): Waveform {
  const { samples } = resample(waveform, sampleRate);
  return { samples: samples.length > 0 ? samples : waveform.samples.slice(0, 1), sampleRate };
}

function createExtractor(choice: FeatureChoice, sampleRate: number): Extractor<unknown> {
  switch (choice.name) {
    case 'mfcc':
      return createMfcc({ ...choice.options, sampleRate });
    case 'logMel':
      return createLogMel({ ...choice.options, sampleRate });
    case 'spectrogram':
      return createSpectrogram({ ...choice.options, sampleRate });
    case 'zcr':
      return createZcr({ ...choice.options, sampleRate });
    case 'rms':
      return createRms({ ...choice.options, sampleRate });
  }
}

function highestOf(extractor: Extractor<unknown>, sampleRate: number): number {
  return (extractor.config as { fMax?: number }).fMax ?? sampleRate / 2;
}
