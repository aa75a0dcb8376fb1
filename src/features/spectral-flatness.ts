import * as z from 'zod/mini';
import type { FeatureMatrix, StreamingExtractor } from '../core/feature-matrix.ts';
import { parseOptions, positive, type Resolved } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { type AtRate, createExtractor, oneShot, type Prepare } from './extractor.ts';
import {
  ofSpectrum,
  type SpectralConfig,
  type SpectralOptions,
  spectralConfig,
  spectralShape,
} from './spectral-frames.ts';

/** Options of {@link spectralFlatness}. Names and defaults are librosa 0.11's. */
export interface SpectralFlatnessOptions extends SpectralOptions {
  /** What |X|^power is raised to where it is less. @default 1e-10 */
  readonly amin?: number | undefined;
  /** 2: of powers; 1: of magnitudes; any number above 0. @default 2 */
  readonly power?: number | undefined;
}

/** SpectralFlatnessOptions with every option decided, and the sample rate. */
export type SpectralFlatnessConfig = SpectralConfig & Resolved<SpectralFlatnessOptions>;

const spectralFlatnessSchema = () =>
  z.strictObject({
    ...spectralShape(),
    amin: z.optional(positive),
    power: z.optional(positive),
  });

const prepareSpectralFlatness: Prepare<SpectralFlatnessOptions, SpectralFlatnessConfig> = (who, options) => {
  const parsed = parseOptions(who, spectralFlatnessSchema(), options);
  const { amin = 1e-10, power = 2 } = parsed;
  const config = { ...spectralConfig(who, parsed), amin, power };
  return ofSpectrum(who, config, 'spectralFlatness', (magnitudes) => {
    let greatest = 0;
    for (let k = 0; k < magnitudes.length; k++) if (magnitudes[k] > greatest) greatest = magnitudes[k];
    if (greatest === 0) return 1;
    // All is divided by the greatest value, which may be beyond the range of numbers where the power is high.
    const floor = Math.min(1, Math.exp(Math.log(amin) - power * Math.log(greatest)));
    const scale = 1 / greatest;
    let sum = 0;
    let logarithms = 0;
    for (let k = 0; k < magnitudes.length; k++) {
      const share = magnitudes[k] * scale;
      const value = Math.max(floor, power === 2 ? share * share : share ** power);
      sum += value;
      logarithms += Math.log(value);
    }
    return Math.exp(logarithms / magnitudes.length) / (sum / magnitudes.length);
  });
};

/**
 * The spectral flatness, [frames, 1], from 0 (a pure tone) to 1 (white noise; silence too, where every bin is `amin`):
 * the geometric mean of each frame's |X[k]|^power divided by its arithmetic mean. The numbers are
 * librosa.feature.spectral_flatness's, computed in float64. After Dubnov 2004.
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'empty', 'not-finite'; 'too-short' without centring
 * @example
 * const { data } = spectralFlatness(waveform, { nFft: 512, hopLength: 160 });
 */
export const spectralFlatness: (waveform: Waveform, options?: SpectralFlatnessOptions) => FeatureMatrix =
  /* @__PURE__ */ oneShot('spectralFlatness', prepareSpectralFlatness);

/**
 * {@link spectralFlatness} prepared for many waveforms of one sample rate.
 *
 * @throws SerKitError 'bad-option'; its `extract` throws 'wrong-rate' at another sample rate
 * @example
 * const extractor = createSpectralFlatness({ sampleRate: 16000 });
 * const matrices = waveforms.map((waveform) => extractor.extract(waveform));
 */
export function createSpectralFlatness(
  options: SpectralFlatnessOptions & AtRate,
): StreamingExtractor<SpectralFlatnessConfig> {
  return createExtractor('createSpectralFlatness', prepareSpectralFlatness, options);
}
