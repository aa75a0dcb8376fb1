import * as z from 'zod/mini';
import type { FeatureMatrix, StreamingExtractor } from '../core/feature-matrix.ts';
import { parseOptions } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { type AtRate, createExtractor, oneShot, type Prepare } from './extractor.ts';
import {
  binFrequencies,
  centroidOf,
  ofSpectrum,
  type SpectralConfig,
  type SpectralOptions,
  spectralConfig,
  spectralShape,
} from './spectral-frames.ts';

const spectralCentroidSchema = () => z.strictObject(spectralShape());

const prepareSpectralCentroid: Prepare<SpectralOptions, SpectralConfig> = (who, options) => {
  const config = spectralConfig(who, parseOptions(who, spectralCentroidSchema(), options));
  const frequencies = binFrequencies(config);
  return ofSpectrum(who, config, 'spectralCentroid', (magnitudes) => centroidOf(magnitudes, frequencies));
};

/**
 * The spectral centroid in Hz, [frames, 1], from 0 to sampleRate / 2, 0 for silence: the mean frequency of each frame,
 * weighted by magnitude, sum f[k] |X[k]| / sum |X[k]|. A sharper voice has a higher one. The numbers are
 * librosa.feature.spectral_centroid's, computed in float64. After Klapuri and Davy 2006, chapter 5.
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'empty', 'not-finite'; 'too-short' without centring
 * @example
 * const { data } = spectralCentroid(waveform, { nFft: 512, hopLength: 160 });
 */
export const spectralCentroid: (waveform: Waveform, options?: SpectralOptions) => FeatureMatrix =
  /* @__PURE__ */ oneShot('spectralCentroid', prepareSpectralCentroid);

/**
 * {@link spectralCentroid} prepared for many waveforms of one sample rate.
 *
 * @throws SerKitError 'bad-option'; its `extract` throws 'wrong-rate' at another sample rate
 * @example
 * const extractor = createSpectralCentroid({ sampleRate: 16000, nFft: 512, hopLength: 160 });
 * const matrices = waveforms.map((waveform) => extractor.extract(waveform));
 */
export function createSpectralCentroid(options: SpectralOptions & AtRate): StreamingExtractor<SpectralConfig> {
  return createExtractor('createSpectralCentroid', prepareSpectralCentroid, options);
}
