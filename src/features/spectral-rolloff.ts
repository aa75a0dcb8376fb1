import * as z from 'zod/mini';
import type { FeatureMatrix, StreamingExtractor } from '../core/feature-matrix.ts';
import { parseOptions, type Resolved } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { type AtRate, createExtractor, oneShot, type Prepare } from './extractor.ts';
import {
  binFrequencies,
  ofSpectrum,
  type SpectralConfig,
  type SpectralOptions,
  spectralConfig,
  spectralShape,
} from './spectral-frames.ts';

/** Options of {@link spectralRolloff}. Names and defaults are librosa 0.11's. */
export interface SpectralRolloffOptions extends SpectralOptions {
  /** The share of the summed magnitudes to reach, above 0 and below 1. @default 0.85 */
  readonly rollPercent?: number | undefined;
}

/** SpectralRolloffOptions with every option decided, and the sample rate. */
export type SpectralRolloffConfig = SpectralConfig & Resolved<SpectralRolloffOptions>;

const spectralRolloffSchema = () =>
  z.strictObject({
    ...spectralShape(),
    rollPercent: z.optional(z.number().check(z.gt(0), z.lt(1))),
  });

const prepareSpectralRolloff: Prepare<SpectralRolloffOptions, SpectralRolloffConfig> = (who, options) => {
  const parsed = parseOptions(who, spectralRolloffSchema(), options);
  const { rollPercent = 0.85 } = parsed;
  const config = { ...spectralConfig(who, parsed), rollPercent };
  const frequencies = binFrequencies(config);
  return ofSpectrum(who, config, 'spectralRolloff', (magnitudes) => {
    let total = 0;
    for (let k = 0; k < magnitudes.length; k++) total += magnitudes[k];
    const threshold = rollPercent * total;
    // The total again, in the same order: the last bin is reached at the latest.
    let sum = magnitudes[0];
    let k = 0;
    while (sum < threshold) sum += magnitudes[++k];
    return frequencies[k];
  });
};

/**
 * The spectral roll-off in Hz, [frames, 1], from 0 to sampleRate / 2, 0 for silence: the frequency of the lowest bin up
 * to which the magnitudes make at least the share `rollPercent` of all. The numbers are
 * librosa.feature.spectral_rolloff's, computed in float64. After Scheirer and Slaney 1997.
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'empty', 'not-finite'; 'too-short' without centring
 * @example
 * const { data } = spectralRolloff(waveform, { nFft: 512, hopLength: 160, rollPercent: 0.95 });
 */
export const spectralRolloff: (waveform: Waveform, options?: SpectralRolloffOptions) => FeatureMatrix =
  /* @__PURE__ */ oneShot('spectralRolloff', prepareSpectralRolloff);

/**
 * {@link spectralRolloff} prepared for many waveforms of one sample rate.
 *
 * @throws SerKitError 'bad-option'; its `extract` throws 'wrong-rate' at another sample rate
 * @example
 * const extractor = createSpectralRolloff({ sampleRate: 16000 });
 * const matrices = waveforms.map((waveform) => extractor.extract(waveform));
 */
export function createSpectralRolloff(
  options: SpectralRolloffOptions & AtRate,
): StreamingExtractor<SpectralRolloffConfig> {
  return createExtractor('createSpectralRolloff', prepareSpectralRolloff, options);
}
