import * as z from 'zod/mini';
import type { Extractor, FeatureMatrix } from '../core/feature-matrix.ts';
import { nonNegative, parseOptions, positive, type Resolved } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { type DecibelOptions, powerToDb } from '../dsp/decibel.ts';
import { MelBank, type MelOptions, melSettings, melShape } from '../dsp/mel.ts';
import { ShortTimeTransform, type StftOptions, stftSettings, stftShape } from '../dsp/stft.ts';
import { type AtRate, createExtractor, numbered, oneShot, type Prepare } from './extractor.ts';

/** Options of {@link logMel}. Names and defaults are librosa 0.11's. */
export interface LogMelOptions extends StftOptions, MelOptions, DecibelOptions {
  /** Whose defaults the other options start from. @default 'librosa' */
  readonly preset?: 'librosa' | undefined;
  /** 2: bands sum powers; 1: they sum magnitudes. @default 2 */
  readonly power?: 1 | 2 | undefined;
}

/** LogMelOptions with every option decided, and the sample rate. */
export type LogMelConfig = Resolved<LogMelOptions> & AtRate;

/** The schemas of LogMelOptions and of the sample rate, for the factories that take them among others. */
export const logMelShape = () => ({
  sampleRate: positive,
  preset: z.optional(z.literal('librosa')),
  ...stftShape(),
  ...melShape(),
  power: z.optional(z.literal([1, 2])),
  ref: z.optional(positive),
  amin: z.optional(positive),
  topDb: z.optional(z.nullable(nonNegative)),
});

const logMelSchema = () => z.strictObject(logMelShape());

/** Fills in the defaults. */
export function logMelConfig(who: string, o: LogMelOptions & AtRate): LogMelConfig {
  const stft = stftSettings(who, o, 512);
  const { power = 2, ref = 1, amin = 1e-10, topDb = 80 } = o;
  return { preset: 'librosa', ...stft, ...melSettings(who, { ...o, nFft: stft.nFft }), power, ref, amin, topDb };
}

/** Longer results than this are not kept between calls: 32,768 numbers are 256 kB. */
const KEPT = 32768;

/** What logMel and mfcc have in common: log-mel frames in float64. */
export class LogMelFrames {
  readonly #config: LogMelConfig;
  readonly #transform: ShortTimeTransform;
  readonly #melBank: MelBank;
  readonly #bins: Float64Array;
  #kept = new Float64Array(0);

  constructor(who: string, config: LogMelConfig) {
    this.#config = config;
    this.#transform = new ShortTimeTransform(who, config);
    this.#melBank = new MelBank(config);
    this.#bins = new Float64Array(this.#transform.bins);
  }

  /** [frames, nMels] in dB from the array's start on; the next call may use the array again. */
  compute(samples: Float32Array): { readonly values: Float64Array<ArrayBuffer>; readonly frames: number } {
    const { nMels, power, ref, amin, topDb } = this.#config;
    const bins = this.#bins;
    const frames = this.#transform.frames(samples.length);
    const size = frames * nMels;
    const values = size <= this.#kept.length ? this.#kept : new Float64Array(size);
    if (size <= KEPT) this.#kept = values;
    for (let t = 0; t < frames; t++) {
      this.#transform.power(samples, t, bins);
      if (power === 1) for (let k = 0; k < bins.length; k++) bins[k] = Math.sqrt(bins[k]);
      this.#melBank.apply(bins, values, t * nMels);
    }
    powerToDb(values, size, ref, amin, topDb);
    return { values, frames };
  }
}

const prepareLogMel: Prepare<LogMelOptions, LogMelConfig> = (who, options) => {
  const config = logMelConfig(who, parseOptions(who, logMelSchema(), options));
  const names = numbered('mel', config.nMels);
  const logMelFrames = new LogMelFrames(who, config);
  return {
    config,
    names,
    compute(samples) {
      const { values, frames } = logMelFrames.compute(samples);
      const data = new Float32Array(frames * config.nMels);
      data.set(values.subarray(0, data.length));
      return { data, frames, dims: config.nMels, names };
    },
  };
};

/**
 * The log-mel spectrogram in dB, [frames, nMels] row-major, 1 + floor(samples / hopLength) frames when centred:
 * 10 log10 of the power in overlapping triangular bands, floored `topDb` below the clip's greatest value. The numbers
 * are librosa's power_to_db(melspectrogram(y)) transposed, computed in float64.
 *
 * With the default topDb a frame's values depend on the loudest frame of its clip; `topDb: null` makes them independent.
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'empty', 'not-finite'; 'too-short' without centring
 * @example
 * const { data, frames, dims } = logMel(waveform, { nFft: 512, hopLength: 160, nMels: 64 });
 */
export const logMel: (waveform: Waveform, options?: LogMelOptions) => FeatureMatrix = /* @__PURE__ */ oneShot(
  'logMel',
  prepareLogMel,
);

/** {@link logMel} prepared for many waveforms of one sample rate: options are checked and tables made once. */
export function createLogMel(options: LogMelOptions & AtRate): Extractor<LogMelConfig> {
  return createExtractor('createLogMel', prepareLogMel, options);
}
