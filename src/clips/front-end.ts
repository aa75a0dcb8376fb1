import * as z from 'zod/mini';
import { resampleChecked } from '../audio/resample.ts';
import { quote, SerKitError } from '../core/errors.ts';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import { parseOptions } from '../core/options.ts';
import { checkWaveform, type Waveform } from '../core/waveform.ts';
import { featureSetNamed } from '../features/feature-sets.ts';
import { type FunctionalsOptions, functionals, type VoicedOptions } from '../features/functionals.ts';
import { createRecipe, type FeatureChoice } from '../features/recipe.ts';
import { createSlidingCmvn, type SlidingCmvnOptions, slidingCmvn } from '../features/sliding-cmvn.ts';
import { bringToActiveLevel, withActiveLevel } from './active-level.ts';

/** Options of functionals() that are plain JSON: the mask of voiced frames is one of the features, by name. */
export interface FrontEndFunctionals extends Omit<FunctionalsOptions, 'voiced'> {
  readonly voiced?: (Omit<VoicedOptions, 'mask'> & { readonly mask: string }) | null | undefined;
}

/** From a recording of any rate to what the network sees. Plain JSON, kept in a recognizer's manifest. */
export interface FrontEndOptions {
  /** Every recording is resampled to this, in Hz, from 1,000 to 384,000. @default 16000; a feature set's own */
  readonly sampleRate?: number | undefined;
  /**
   * Bring every recording to one level before its features are computed, so that a microphone's gain does not decide.
   * (In acted corpora loudness is a strong cue that does not carry over to other recordings.)
   * @default true
   */
  readonly normalizeLevel?: boolean | undefined;
  /**
   * A list, stacked frame by frame, so all need the same hopLength and the same center; not centred, the same nFft or
   * frameLength. Or the name of a feature set, such as 'fused.v1'.
   * @default DEFAULT_FEATURES
   */
  readonly features?: readonly FeatureChoice[] | string | undefined;
  /** Sliding mean (and variance) normalisation of the stacked frames, with the options of slidingCmvn(). @default none */
  readonly slidingCmvn?: SlidingCmvnOptions | undefined;
  /** One frame for the whole recording, the functionals of its frames, with the options of functionals(). @default none */
  readonly functionals?: FrontEndFunctionals | undefined;
}

/** FrontEndOptions with every option decided. */
export interface FrontEndConfig {
  readonly sampleRate: number;
  readonly normalizeLevel: boolean;
  readonly features: readonly FeatureChoice[] | string;
  /** Absent where there is none, as `functionals`. */
  readonly slidingCmvn?: SlidingCmvnOptions;
  readonly functionals?: FrontEndFunctionals;
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
  // Each feature, slidingCmvn() and functionals() check theirs, with their own names in the messages.
  features: z.optional(z.unknown()),
  slidingCmvn: z.optional(z.record(z.string(), z.unknown())),
  functionals: z.optional(z.record(z.string(), z.unknown())),
});

/** A front end that is ready to run. */
export interface FrontEnd {
  readonly config: FrontEndConfig;
  /** What each dimension is. */
  readonly names: readonly string[];
  /** The highest frequency that any of its features looks at, in Hz. */
  readonly highestHz: number;
  /**
   * The features of a recording of any rate, [frames, names.length]; [1, names.length] with functionals.
   *
   * @param who  begins the messages about a waveform that cannot be used
   */
  extract(waveform: Waveform, who?: string): FeatureMatrix;
}

/**
 * Prepares the way from waveforms to a network's input: resampling, level, features stacked,
 * normalised and summarised where asked for.
 *
 * @throws SerKitError 'bad-option', also from the extractors; extract() throws as they do
 */
export function createFrontEnd(options: FrontEndOptions = {}): FrontEnd {
  const who = 'createFrontEnd';
  parseOptions(who, schema, options);
  const { normalizeLevel = true, features = DEFAULT_FEATURES } = options;
  const { list, sampleRate } = listOf(features, options.sampleRate);
  const recipe = createRecipe({ sampleRate, features: list }, who);
  if (options.slidingCmvn !== undefined) createSlidingCmvn(options.slidingCmvn);
  const names =
    options.functionals === undefined
      ? recipe.names
      : functionalNames(recipe.names, options.functionals, options.slidingCmvn !== undefined);
  // Copies, so that what the caller does to the options afterwards changes no number.
  const sliding = structuredClone(options.slidingCmvn);
  const summary = structuredClone(options.functionals);
  // Windows that are not centred need a whole one.
  const leastSamples = recipe.framing.center ? 1 : recipe.framing.frameLength;
  return {
    config: {
      sampleRate,
      normalizeLevel,
      features: structuredClone(features),
      ...(sliding && { slidingCmvn: structuredClone(sliding) }),
      ...(summary && { functionals: structuredClone(summary) }),
    },
    names,
    highestHz: recipe.highestHz,
    extract(waveform, caller = who) {
      checkWaveform(caller, waveform);
      const isAtRate = waveform.sampleRate === sampleRate;
      const atRate = isAtRate ? waveform : resampled(waveform, sampleRate);
      // What was made here may be changed where it lies.
      const level = isAtRate ? withActiveLevel : bringToActiveLevel;
      const levelled = atLeast(leastSamples, normalizeLevel ? level(atRate, LEVEL) : atRate);
      const plain = recipe.extract(levelled);
      const matrix = sliding === undefined ? plain : slidingCmvn(plain, sliding);
      if (summary !== undefined) {
        const { values } = functionals(matrix, summary);
        return { data: values, frames: 1, dims: values.length };
      }
      const { data, frames, dims } = matrix;
      return { data, frames, dims };
    },
  };
}

/** What functionals() calls its values; it checks its options on the way. */
function functionalNames(
  names: readonly string[],
  options: FrontEndFunctionals,
  normalised: boolean,
): readonly string[] {
  const mask: unknown = options.voiced?.mask;
  if (options.voiced && (typeof mask !== 'string' || normalised)) {
    throw new SerKitError(
      'bad-option',
      `createFrontEnd: functionals.voiced expected ${normalised ? 'no slidingCmvn before it, which moves the mask' : 'mask to be the name of a dimension'}, got ${quote(mask)}`,
    );
  }
  const frame = { data: new Float32Array(names.length), frames: 1, dims: names.length, names };
  return functionals(frame, options).names;
}

/** The list of features and the rate that its options count in. */
function listOf(
  features: readonly FeatureChoice[] | string,
  sampleRate: number | undefined,
): { readonly list: readonly FeatureChoice[]; readonly sampleRate: number } {
  if (typeof features !== 'string') return { list: features, sampleRate: sampleRate ?? 16000 };
  const set = featureSetNamed('createFrontEnd', features);
  if (sampleRate !== undefined && sampleRate !== set.sampleRate) {
    throw new SerKitError(
      'bad-option',
      `createFrontEnd: sampleRate expected ${set.sampleRate} with the feature set ${features}, got ${sampleRate}`,
    );
  }
  return { list: set.features, sampleRate: set.sampleRate };
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
  const { samples } = resampleChecked(waveform, sampleRate);
  return { samples: samples.length > 0 ? samples : waveform.samples.slice(0, 1), sampleRate };
}
