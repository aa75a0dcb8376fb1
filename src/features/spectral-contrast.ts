import * as z from 'zod/mini';
import type { FeatureMatrix, StreamingExtractor } from '../core/feature-matrix.ts';
import { count, nonNegative, parseOptions, positive, type Resolved } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { powerToDb } from '../dsp/decibel.ts';
import { frameCount, visitRuns } from '../dsp/frames.ts';
import { contrastBands, peaksAndValleys } from './contrast-bands.ts';
import { type AtRate, createExtractor, framewise, numbered, oneShot, type Prepare } from './extractor.ts';
import {
  type SpectralConfig,
  type SpectralOptions,
  type SpectrumMeasure,
  spectralConfig,
  spectralFrames,
  spectralShape,
} from './spectral-frames.ts';

/** Options of {@link spectralContrast}. Names and defaults are librosa 0.11's, but for topDb. */
export interface SpectralContrastOptions extends SpectralOptions {
  /** Bands of an octave each above fMin; one more lies below it. @default 6 */
  readonly nBands?: number | undefined;
  /** The upper edge of the lowest band, in Hz; fMin * 2^(nBands - 1) lies below sampleRate / 2. @default 200 */
  readonly fMin?: number | undefined;
  /** The share of a band's bins, above 0 and below 1, that make its peak and its valley. @default 0.02 */
  readonly quantile?: number | undefined;
  /** True: peak - valley; false: their distance in dB. @default false */
  readonly linear?: boolean | undefined;
  /**
   * Peaks further than this many dB below the clip's greatest peak are raised to that, and valleys likewise; null leaves
   * them. Without a meaning when linear. @default 80, as librosa's power_to_db
   */
  readonly topDb?: number | null | undefined;
}

/** SpectralContrastOptions with every option decided, and the sample rate. */
export type SpectralContrastConfig = SpectralConfig & Resolved<SpectralContrastOptions>;

const spectralContrastSchema = () =>
  z.strictObject({
    ...spectralShape(),
    nBands: z.optional(count),
    fMin: z.optional(positive),
    quantile: z.optional(z.number().check(z.gt(0), z.lt(1))),
    linear: z.optional(z.literal([true, false])),
    topDb: z.optional(z.nullable(nonNegative)),
  });

/** librosa's power_to_db floors at this. */
const AMIN = 1e-10;

/** The greatest of `width` columns, from column `from` on, of rows of 2 * width. */
function greatest(values: Float64Array, from: number, width: number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let row = from; row < values.length; row += 2 * width) {
    for (let i = row; i < row + width; i++) if (values[i] > most) most = values[i];
  }
  return most;
}

const prepareSpectralContrast: Prepare<SpectralContrastOptions, SpectralContrastConfig> = (who, options) => {
  const parsed = parseOptions(who, spectralContrastSchema(), options);
  const { nBands = 6, fMin = 200, quantile = 0.02, linear = false, topDb = 80 } = parsed;
  const config = { ...spectralConfig(who, parsed), nBands, fMin, quantile, linear, topDb };
  const measure = peaksAndValleys(contrastBands(who, config));
  const dims = nBands + 1;
  const names = numbered('spectralContrast', dims);
  const both = new Float64Array(2 * dims);
  const alone: SpectrumMeasure = (magnitudes, data, at) => {
    measure(magnitudes, both, 0);
    if (!linear) powerToDb(both, 0, 2 * dims, 1, AMIN);
    for (let b = 0; b < dims; b++) data[at + b] = both[b] - both[dims + b];
  };
  const frames = spectralFrames(config, dims, () => alone);
  if (linear || topDb === null) return framewise(who, config, names, frames);
  const extremes = spectralFrames(config, 2 * dims, () => measure);
  const { framing } = frames;
  return {
    config,
    names,
    framing,
    streamed: `topDb: null or linear: true, got topDb ${topDb}: a frame's values would depend on the loudest frame of the whole clip`,
    compute(samples) {
      const total = frameCount(who, samples.length, framing);
      const values = new Float64Array(total * 2 * dims);
      const run = extremes.begin();
      visitRuns(samples, framing, total, (buffer, first, t, some) => run(buffer, first, some, values, t * 2 * dims));
      powerToDb(values, 0, values.length, 1, AMIN);
      // librosa limits the peaks by the greatest peak and the valleys by the greatest valley.
      const peak = greatest(values, 0, dims) - topDb;
      const valley = greatest(values, dims, dims) - topDb;
      const data = new Float32Array(total * dims);
      for (let t = 0; t < total; t++) {
        for (let b = 0; b < dims; b++) {
          const at = t * 2 * dims + b;
          data[t * dims + b] = Math.max(values[at], peak) - Math.max(values[at + dims], valley);
        }
      }
      return { data, frames: total, dims, names };
    },
  };
};

/**
 * The spectral contrast, [frames, nBands + 1], 0 for silence: how far in dB the peaks of each octave band rise above its
 * valleys, peak and valley being the means of the greatest and the smallest `quantile` of the band's magnitudes. The
 * first band reaches from 0 to fMin, the next ones are an octave each, and the last one goes on to sampleRate / 2. Clear
 * harmonics have a high contrast, noise a low one. The numbers are librosa.feature.spectral_contrast's, which reads
 * magnitudes as powers (10 log10), computed in float64. After Jiang, Lu, Zhang, Tao and Cai 2002.
 *
 * With the default topDb a frame's values depend on the loudest frame of its clip; `topDb: null` makes them independent.
 *
 * @throws SerKitError 'bad-option' (also where a band reaches beyond half the sample rate: at 8,000 and 11,025 Hz take
 * nBands 4 and 5), 'bad-input', 'empty', 'not-finite'; 'too-short' without centring
 * @example
 * const { data, dims } = spectralContrast(waveform, { nFft: 1024, hopLength: 160, nBands: 5 });
 */
export const spectralContrast: (waveform: Waveform, options?: SpectralContrastOptions) => FeatureMatrix =
  /* @__PURE__ */ oneShot('spectralContrast', prepareSpectralContrast);

/**
 * {@link spectralContrast} prepared for many waveforms of one sample rate.
 *
 * @throws SerKitError 'bad-option'; its `extract` throws 'wrong-rate' at another sample rate
 * @example
 * const extractor = createSpectralContrast({ sampleRate: 16000, topDb: null });
 * const stream = extractor.stream();
 * const first = stream.push(samples);
 */
export function createSpectralContrast(
  options: SpectralContrastOptions & AtRate,
): StreamingExtractor<SpectralContrastConfig> {
  return createExtractor('createSpectralContrast', prepareSpectralContrast, options);
}
