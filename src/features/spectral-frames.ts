import * as z from 'zod/mini';
import { positive, type Resolved } from '../core/options.ts';
import { ShortTimeTransform, type StftOptions, stftFraming, stftSettings, stftShape } from '../dsp/stft.ts';
import { type AtRate, framewise, type Prepared } from './extractor.ts';
import type { Framewise } from './framewise.ts';

/** Options that every measure of a spectrum takes. Names and defaults are librosa 0.11's: nFft 2048, hopLength 512. */
export interface SpectralOptions extends StftOptions {
  /** Whose defaults the other options start from. @default 'librosa' */
  readonly preset?: 'librosa' | undefined;
}

/** SpectralOptions with every option decided, and the sample rate. */
export type SpectralConfig = Resolved<SpectralOptions> & AtRate;

/** The schemas of SpectralOptions and of the sample rate. */
export const spectralShape = () => ({
  sampleRate: positive,
  preset: z.optional(z.literal('librosa')),
  ...stftShape(),
});

/** Fills in the defaults. */
export function spectralConfig(who: string, o: SpectralOptions & AtRate): SpectralConfig {
  return { preset: 'librosa', sampleRate: o.sampleRate, ...stftSettings(who, o, 512) };
}

/** The frequency of each bin in Hz; numpy.fft.rfftfreq's very operations, so that band edges fall on the same bins. */
export function binFrequencies({ nFft, sampleRate }: SpectralConfig): Float64Array<ArrayBuffer> {
  const spacing = 1 / (nFft * (1 / sampleRate));
  return Float64Array.from({ length: Math.floor(nFft / 2) + 1 }, (_, k) => k * spacing);
}

/** What a measure makes of one frame: magnitudes |X[k]| in, `dims` numbers out from data[at] on. */
export type SpectrumMeasure = (
  magnitudes: Float64Array<ArrayBuffer>,
  data: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>,
  at: number,
) => void;

/** How `measure` of each frame's spectrum is computed; `begin` gives the measure with which a signal begins. */
export function spectralFrames(config: SpectralConfig, dims: number, begin: () => SpectrumMeasure): Framewise {
  const { hopLength } = config;
  const transform = new ShortTimeTransform(config);
  const magnitudes = new Float64Array(transform.bins);
  return {
    framing: stftFraming(config),
    dims,
    begin() {
      const measure = begin();
      return (samples, first, count, data, at) => {
        for (let t = 0; t < count; t++) {
          transform.power(samples, first + t * hopLength, magnitudes);
          for (let k = 0; k < magnitudes.length; k++) magnitudes[k] = Math.sqrt(magnitudes[k]);
          measure(magnitudes, data, at + t * dims);
        }
      };
    },
  };
}

/** A feature that is one measure of each frame's magnitudes and keeps nothing between frames. */
export function ofSpectrum<C extends SpectralConfig>(
  who: string,
  config: C,
  name: string,
  measure: (magnitudes: Float64Array<ArrayBuffer>) => number,
): Prepared<C> {
  const write: SpectrumMeasure = (magnitudes, data, at) => {
    data[at] = measure(magnitudes);
  };
  return framewise(
    who,
    config,
    [name],
    spectralFrames(config, 1, () => write),
  );
}

/** The mean frequency, weighted by magnitude; 0 where every magnitude is 0. */
export function centroidOf(magnitudes: Float64Array, frequencies: Float64Array): number {
  let sum = 0;
  let weighted = 0;
  for (let k = 0; k < magnitudes.length; k++) {
    sum += magnitudes[k];
    weighted += magnitudes[k] * frequencies[k];
  }
  return sum > 0 ? weighted / sum : 0;
}
