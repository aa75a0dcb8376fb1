import * as z from 'zod/mini';
import type { FeatureMatrix, StreamingExtractor } from '../core/feature-matrix.ts';
import { parseOptions, positive, type Resolved } from '../core/options.ts';
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

/** Options of {@link spectralBandwidth}. Names and defaults are librosa 0.11's. */
export interface SpectralBandwidthOptions extends SpectralOptions {
  /** The power that deviations are raised to; 2 makes it a standard deviation. @default 2 */
  readonly p?: number | undefined;
  /** True: magnitudes are divided by their sum first, so that loudness does not count. @default true */
  readonly norm?: boolean | undefined;
}

/** SpectralBandwidthOptions with every option decided, and the sample rate. */
export type SpectralBandwidthConfig = SpectralConfig & Resolved<SpectralBandwidthOptions>;

const spectralBandwidthSchema = () =>
  z.strictObject({
    ...spectralShape(),
    p: z.optional(positive),
    norm: z.optional(z.literal([true, false])),
  });

const prepareSpectralBandwidth: Prepare<SpectralBandwidthOptions, SpectralBandwidthConfig> = (who, options) => {
  const parsed = parseOptions(who, spectralBandwidthSchema(), options);
  const { p = 2, norm = true } = parsed;
  const config = { ...spectralConfig(who, parsed), p, norm };
  const frequencies = binFrequencies(config);
  return ofSpectrum(who, config, 'spectralBandwidth', (magnitudes) => {
    const centroid = centroidOf(magnitudes, frequencies);
    let sum = 0;
    let spread = 0;
    // The greatest deviation there can be, lest a high power of it be infinite.
    const scale = p === 2 ? 1 : Math.max(centroid, frequencies[frequencies.length - 1] - centroid) || 1;
    for (let k = 0; k < magnitudes.length; k++) {
      const deviation = Math.abs(frequencies[k] - centroid) / scale;
      sum += magnitudes[k];
      spread += magnitudes[k] * (p === 2 ? deviation * deviation : deviation ** p);
    }
    if (norm && sum > 0) spread /= sum;
    return p === 2 ? Math.sqrt(spread) : scale * spread ** (1 / p);
  });
};

/**
 * The spectral bandwidth, [frames, 1], from 0 on, 0 for silence: how far each frame's spectrum spreads around its
 * centroid c, (sum S[k] |f[k] - c|^p)^(1 / p), where S are the magnitudes divided by their sum. In Hz, unless `norm` is
 * false. The numbers are librosa.feature.spectral_bandwidth's, computed in float64. After Klapuri and Davy 2006,
 * chapter 5.
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'empty', 'not-finite'; 'too-short' without centring
 * @example
 * const { data } = spectralBandwidth(waveform, { nFft: 512, hopLength: 160 });
 */
export const spectralBandwidth: (waveform: Waveform, options?: SpectralBandwidthOptions) => FeatureMatrix =
  /* @__PURE__ */ oneShot('spectralBandwidth', prepareSpectralBandwidth);

/**
 * {@link spectralBandwidth} prepared for many waveforms of one sample rate.
 *
 * @throws SerKitError 'bad-option'; its `extract` throws 'wrong-rate' at another sample rate
 * @example
 * const extractor = createSpectralBandwidth({ sampleRate: 16000, p: 1 });
 * const matrices = waveforms.map((waveform) => extractor.extract(waveform));
 */
export function createSpectralBandwidth(
  options: SpectralBandwidthOptions & AtRate,
): StreamingExtractor<SpectralBandwidthConfig> {
  return createExtractor('createSpectralBandwidth', prepareSpectralBandwidth, options);
}
