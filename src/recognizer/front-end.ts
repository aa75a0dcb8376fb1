import * as z from 'zod/mini';
import { resample } from '../audio/resample.ts';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import { parseOptions } from '../core/options.ts';
import { checkWaveform, type Waveform } from '../core/waveform.ts';
import { createRecipe, type FeatureChoice, featureChoices } from '../features/recipe.ts';
import { withActiveLevel } from './active-level.ts';

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
  features: z.optional(featureChoices()),
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
  const recipe = createRecipe({ sampleRate, features }, 'createFrontEnd');
  // Windows that are not centred need a whole one.
  const leastSamples = recipe.framing.center ? 1 : recipe.framing.frameLength;
  return {
    config: { sampleRate, normalizeLevel, features },
    names: recipe.names,
    highestHz: recipe.highestHz,
    extract(waveform) {
      checkWaveform('predict', waveform);
      const atRate = waveform.sampleRate === sampleRate ? waveform : resampled(waveform, sampleRate);
      const levelled = atLeast(leastSamples, normalizeLevel ? withActiveLevel(atRate, LEVEL) : atRate);
      const { data, frames, dims } = recipe.extract(levelled);
      return { data, frames, dims };
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

/** At the new rate, and at least one sample of it: a single sample of 96 kHz rounds to none at 16 kHz. */
function resampled(waveform: Waveform, sampleRate: number): Waveform {
  const { samples } = resample(waveform, sampleRate);
  return { samples: samples.length > 0 ? samples : waveform.samples.slice(0, 1), sampleRate };
}
