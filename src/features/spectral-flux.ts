import * as z from 'zod/mini';
import type { FeatureMatrix, StreamingExtractor } from '../core/feature-matrix.ts';
import { parseOptions, type Resolved } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { type AtRate, createExtractor, framewise, oneShot, type Prepare } from './extractor.ts';
import {
  type SpectralConfig,
  type SpectralOptions,
  type SpectrumMeasure,
  spectralConfig,
  spectralFrames,
  spectralShape,
} from './spectral-frames.ts';

/** Options of {@link spectralFlux}. */
export interface SpectralFluxOptions extends SpectralOptions {
  /** True: each frame's magnitudes are divided by their sum first, so that loudness does not count. @default false */
  readonly norm?: boolean | undefined;
  /** True: only bins that grow count (half-wave rectification); false: all that change. @default false */
  readonly rectify?: boolean | undefined;
}

/** SpectralFluxOptions with every option decided, and the sample rate. */
export type SpectralFluxConfig = SpectralConfig & Resolved<SpectralFluxOptions>;

const spectralFluxSchema = () =>
  z.strictObject({
    ...spectralShape(),
    norm: z.optional(z.literal([true, false])),
    rectify: z.optional(z.literal([true, false])),
  });

const prepareSpectralFlux: Prepare<SpectralFluxOptions, SpectralFluxConfig> = (who, options) => {
  const parsed = parseOptions(who, spectralFluxSchema(), options);
  const { norm = false, rectify = false } = parsed;
  const config = { ...spectralConfig(who, parsed), norm, rectify };
  const begin = (): SpectrumMeasure => {
    const before = new Float64Array(Math.floor(config.nFft / 2) + 1);
    let any = false;
    return (magnitudes, data, at) => {
      let total = 0;
      if (norm) for (let k = 0; k < magnitudes.length; k++) total += magnitudes[k];
      const scale = total > 0 ? 1 / total : 1;
      let sum = 0;
      for (let k = 0; k < magnitudes.length; k++) {
        const value = magnitudes[k] * scale;
        const change = value - before[k];
        if (change > 0 || !rectify) sum += change * change;
        before[k] = value;
      }
      data[at] = any ? Math.sqrt(sum) : 0;
      any = true;
    };
  };
  return framewise(who, config, ['spectralFlux'], spectralFrames(config, 1, begin));
};

/**
 * The spectral flux, [frames, 1], from 0 on, 0 for silence: the Euclidean distance between the magnitudes of each frame
 * and of the frame before it, sqrt(sum (|X[t, k]| - |X[t - 1, k]|)^2); frame 0 is 0. Its unit is that of the magnitudes.
 * After Lartillot and Toiviainen 2007 (MIRtoolbox's mirflux, whose `Inc` is `rectify`). With `norm` each spectrum is
 * divided by its sum first, as Tzanetakis and Cook 2002 normalise theirs; they leave out the root. `rectify` leaves out
 * the bins that fall, as Dixon 2006.
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'empty', 'not-finite'; 'too-short' without centring
 * @example
 * const { data } = spectralFlux(waveform, { nFft: 512, hopLength: 160, norm: true });
 */
export const spectralFlux: (waveform: Waveform, options?: SpectralFluxOptions) => FeatureMatrix =
  /* @__PURE__ */ oneShot('spectralFlux', prepareSpectralFlux);

/**
 * {@link spectralFlux} prepared for many waveforms of one sample rate.
 *
 * @throws SerKitError 'bad-option'; its `extract` throws 'wrong-rate' at another sample rate
 * @example
 * const extractor = createSpectralFlux({ sampleRate: 16000, rectify: true });
 * const matrices = waveforms.map((waveform) => extractor.extract(waveform));
 */
export function createSpectralFlux(options: SpectralFluxOptions & AtRate): StreamingExtractor<SpectralFluxConfig> {
  return createExtractor('createSpectralFlux', prepareSpectralFlux, options);
}
