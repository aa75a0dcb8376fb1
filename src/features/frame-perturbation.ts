import * as z from 'zod/mini';
import { parseOptions, type Resolved } from '../core/options.ts';
import type { Framing } from '../dsp/frames.ts';
import { gaussianWindow } from '../dsp/gaussian-window.ts';
import { NormalizedAutocorrelation } from '../dsp/normalized-autocorrelation.ts';
import { type AtRate, framewise, type Prepare } from './extractor.ts';
import type { FrameRun } from './framewise.ts';
import { GlottalPeriods } from './glottal-periods.ts';
import { jitterOf, type PerturbationLimits, perturbationLimits, shimmerOf } from './perturbation.ts';
import { type VoiceFrameOptions, voiceFrameConfig, voiceFrameShape } from './voice-range.ts';

/** Options of `jitter` and `shimmer`. A frame has six periods of fMin unless told (80 ms). */
export interface PerturbationOptions extends VoiceFrameOptions {
  /** Frames whose normalized autocorrelation at the period is below this are unvoiced: from 0 to 1. @default 0.45 */
  readonly voicingThreshold?: number | undefined;
  /** Neighbouring periods that differ by more than this factor are not compared: above 1. @default 1.3 */
  readonly maxPeriodFactor?: number | undefined;
  /** Neighbouring amplitudes that differ by more than this factor are not compared: above 1. @default 1.6 */
  readonly maxAmplitudeFactor?: number | undefined;
}

/** PerturbationOptions with every option decided, and the sample rate. */
export type PerturbationConfig = Resolved<PerturbationOptions> & AtRate;

const aboveOne = () => z.number().check(z.gt(1));

/** The schemas of the factors. */
export const factorShape = () => ({
  maxPeriodFactor: z.optional(aboveOne()),
  maxAmplitudeFactor: z.optional(aboveOne()),
});

const perturbationSchema = () =>
  z.strictObject({
    ...voiceFrameShape(),
    ...factorShape(),
    voicingThreshold: z.optional(z.number().check(z.minimum(0), z.maximum(1))),
  });

/** What a peak loses for every octave below the highest frequency: Boersma's. */
const OCTAVE_COST = 0.01;

/** Marks the periods of one frame after another. */
class FramePeriods {
  readonly periods = new GlottalPeriods();
  /** The frame itself: places in it do not depend on where it lies in a signal, to the last bit. */
  readonly frame: Float32Array;
  readonly #config: PerturbationConfig;
  readonly #correlation: NormalizedAutocorrelation;
  #period = 0;
  readonly #periodAt = (): number => this.#period;

  constructor(config: PerturbationConfig) {
    const { sampleRate, frameLength, fMin } = config;
    this.#config = config;
    this.frame = new Float32Array(frameLength);
    this.#correlation = new NormalizedAutocorrelation(gaussianWindow(frameLength), sampleRate / fMin);
  }

  /** Marks the frame that begins at samples[first]; leaves no marks where it is unvoiced. */
  mark(samples: Float32Array, first: number): void {
    const { sampleRate, frameLength, fMin, fMax, voicingThreshold } = this.#config;
    const { frame, periods } = this;
    periods.clear();
    let loudest = 0;
    for (let n = 0; n < frameLength; n++) {
      frame[n] = samples[first + n];
      if (Math.abs(frame[n]) > loudest) loudest = Math.abs(frame[n]);
    }
    if (!this.#correlation.load(frame, 0)) return;
    this.#correlation.best(sampleRate / fMax, sampleRate / fMin, OCTAVE_COST);
    if (this.#correlation.lag === 0 || this.#correlation.strength < voicingThreshold) return;
    this.#period = this.#correlation.lag;
    periods.mark(frame, 0, frameLength, loudest, this.#periodAt);
  }
}

/** The preparation of a feature that is one of the measures. */
function preparation(
  name: string,
  measure: (frame: Float32Array, periods: GlottalPeriods, limits: PerturbationLimits) => number,
): Prepare<PerturbationOptions, PerturbationConfig> {
  return (who, options) => {
    const parsed = parseOptions(who, perturbationSchema(), options);
    const { voicingThreshold = 0.45, maxPeriodFactor = 1.3, maxAmplitudeFactor = 1.6 } = parsed;
    const config = { ...voiceFrameConfig(who, parsed, 6), voicingThreshold, maxPeriodFactor, maxAmplitudeFactor };
    const { hopLength, sampleRate, fMin } = config;
    const framing: Framing = { ...config, padMode: 'constant' };
    const limits = perturbationLimits(sampleRate, fMin, config);
    const marker = new FramePeriods(config);
    const { periods, frame } = marker;
    const run: FrameRun = (samples, first, frames, data, at) => {
      for (let t = 0; t < frames; t++) {
        marker.mark(samples, first + t * hopLength);
        data[at + t] = measure(frame, periods, limits);
      }
    };
    return framewise(who, config, [name], { framing, dims: 1, begin: () => run });
  };
}

export const prepareJitter = /* @__PURE__ */ preparation('jitter', (_, { times, count }, limits) =>
  jitterOf(times, count, limits),
);

export const prepareShimmer = /* @__PURE__ */ preparation('shimmer', (frame, { times, count }, limits) =>
  shimmerOf(frame, times, count, limits),
);
