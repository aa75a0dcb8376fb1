import * as z from 'zod/mini';
import type { FeatureMatrix, StreamingExtractor } from '../core/feature-matrix.ts';
import { parseOptions, type Resolved } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import type { Framing } from '../dsp/frames.ts';
import { gaussianWindow } from '../dsp/gaussian-window.ts';
import { NormalizedAutocorrelation } from '../dsp/normalized-autocorrelation.ts';
import { type AtRate, createExtractor, framewise, oneShot, type Prepare } from './extractor.ts';
import type { FrameRun } from './framewise.ts';
import { type VoiceFrameOptions, voiceFrameConfig, voiceFrameShape } from './voice-range.ts';

/** Options of {@link harmonicity}. A frame has nine periods of fMin unless told (120 ms). */
export type HarmonicityOptions = VoiceFrameOptions;

/** HarmonicityOptions with every option decided, and the sample rate. */
export type HarmonicityConfig = Resolved<HarmonicityOptions> & AtRate;

const harmonicitySchema = () => z.strictObject(voiceFrameShape());

/** The least and the greatest ratio that are told apart, in dB: 1 % periodic, and all but 1e-8 of it. */
const LEAST_DB = -20;
const GREATEST_DB = 80;

const NAMES = ['harmonicity'] as const;

const prepareHarmonicity: Prepare<HarmonicityOptions, HarmonicityConfig> = (who, options) => {
  const config = voiceFrameConfig(who, parseOptions(who, harmonicitySchema(), options), 9);
  const { sampleRate, fMin, fMax, frameLength, hopLength } = config;
  const minLag = sampleRate / fMax;
  const maxLag = sampleRate / fMin;
  const framing: Framing = { ...config, padMode: 'constant' };
  const correlation = new NormalizedAutocorrelation(gaussianWindow(frameLength), maxLag);
  const run: FrameRun = (samples, first, frames, data, at) => {
    for (let t = 0; t < frames; t++) {
      let decibel = LEAST_DB;
      if (correlation.load(samples, first + t * hopLength)) {
        correlation.best(minLag, maxLag, 0);
        const r = correlation.strength;
        decibel = Math.max(LEAST_DB, Math.min(GREATEST_DB, 10 * Math.log10(r / (1 - r))));
      }
      data[at + t] = decibel;
    }
  };
  return framewise(who, config, NAMES, { framing, dims: 1, begin: () => run });
};

/**
 * The harmonics-to-noise ratio of each frame in dB, [frames, 1], from -20 to 80: 10 log10(r / (1 - r)), where r, the
 * highest peak of the frame's normalized autocorrelation between lags 1 / fMax and 1 / fMin, is the share of the power
 * that repeats itself. 0 dB is as much noise as voice; a healthy sustained vowel has about 20. Silent frames, and
 * frames without a peak, have -20 (r = 0.01); so has nothing that is less periodic.
 *
 * After Boersma 1993, with the Gaussian window of Praat's "To Harmonicity (ac)" and its numbers; Praat takes fMax as half
 * the rate, gives -200 where it finds no voice, and calls a frame silent by the loudest sample of the whole clip, which
 * is not done here, so that a frame depends on its own samples alone.
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'empty', 'not-finite'; 'too-short' without centring
 * @example
 * const { data } = harmonicity(waveform, { hopLength: 160 });
 */
export const harmonicity: (waveform: Waveform, options?: HarmonicityOptions) => FeatureMatrix = /* @__PURE__ */ oneShot(
  'harmonicity',
  prepareHarmonicity,
);

/**
 * {@link harmonicity} prepared for many waveforms of one sample rate. Streamed, each push() gives the frames that its
 * samples decide, [frames, 1], often none.
 *
 * @throws SerKitError 'bad-option'; its `extract` throws 'wrong-rate' at another sample rate
 * @example
 * const extractor = createHarmonicity({ sampleRate: 16000, hopLength: 160 });
 * const matrices = waveforms.map((waveform) => extractor.extract(waveform));
 */
export function createHarmonicity(options: HarmonicityOptions & AtRate): StreamingExtractor<HarmonicityConfig> {
  return createExtractor('createHarmonicity', prepareHarmonicity, options);
}
