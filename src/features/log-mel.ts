import * as z from 'zod/mini';
import type { FeatureMatrix, StreamingExtractor } from '../core/feature-matrix.ts';
import { nonNegative, parseOptions, positive, type Resolved } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { type DecibelOptions, limitRange, powerToDb } from '../dsp/decibel.ts';
import { type Framing, frameCount, visitRuns } from '../dsp/frames.ts';
import { MelBank, type MelOptions, melSettings, melShape } from '../dsp/mel.ts';
import { ShortTimeTransform, type StftOptions, stftFraming, stftSettings, stftShape } from '../dsp/stft.ts';
import { type AtRate, createExtractor, numbered, oneShot, type Prepare, type Prepared } from './extractor.ts';
import type { FrameRun } from './framewise.ts';

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
  readonly framing: Framing;
  readonly #config: LogMelConfig;
  readonly #transform: ShortTimeTransform;
  readonly #melBank: MelBank;
  readonly #bins: Float64Array;
  #kept = new Float64Array(0);

  constructor(config: LogMelConfig) {
    this.framing = stftFraming(config);
    this.#config = config;
    this.#transform = new ShortTimeTransform(config);
    this.#melBank = new MelBank(config);
    this.#bins = new Float64Array(this.#transform.bins);
  }

  /** Room for `frames` frames; the next call may use the array again. */
  room(frames: number): Float64Array<ArrayBuffer> {
    const size = frames * this.#config.nMels;
    if (size <= this.#kept.length) return this.#kept;
    const values = new Float64Array(size);
    if (size <= KEPT) this.#kept = values;
    return values;
  }

  /** A run of frames in dB, topDb left out: see FrameRun. */
  run(samples: Float32Array, first: number, count: number, values: Float64Array, at: number): void {
    const { nMels, power, hopLength, ref, amin } = this.#config;
    const bins = this.#bins;
    for (let t = 0; t < count; t++) {
      this.#transform.power(samples, first + t * hopLength, bins);
      if (power === 1) for (let k = 0; k < bins.length; k++) bins[k] = Math.sqrt(bins[k]);
      this.#melBank.apply(bins, values, at + t * nMels);
    }
    powerToDb(values, at, count * nMels, ref, amin);
  }

  /** All frames of a whole signal, topDb applied: [frames, nMels] in dB from the array's start on. */
  whole(who: string, samples: Float32Array<ArrayBuffer>): { readonly values: Float64Array; readonly frames: number } {
    const { nMels, topDb } = this.#config;
    const frames = frameCount(who, samples.length, this.framing);
    const values = this.room(frames);
    visitRuns(samples, this.framing, frames, (buffer, first, frame, count) => {
      this.run(buffer, first, count, values, frame * nMels);
    });
    if (topDb !== null) limitRange(values, frames * nMels, topDb);
    return { values, frames };
  }
}

/** Frames that are gathered before their next step, where a signal comes in runs. */
const FRAMES_AT_ONCE = 64;

/**
 * What logMel and mfcc do with their log-mel frames, whole or streamed: `finish` turns frame t of `values`, nMels numbers
 * from `from` on, into dims numbers of `data` from `to` on.
 */
export function fromLogMel<C extends LogMelConfig>(
  who: string,
  config: C,
  names: readonly string[],
  finish: (values: Float64Array, from: number, data: Float32Array | Float64Array, to: number) => void,
): Prepared<C> {
  const { nMels, topDb, hopLength } = config;
  const dims = names.length;
  const logMelFrames = new LogMelFrames(config);
  const { framing } = logMelFrames;
  const run: FrameRun = (samples, first, count, data, at) => {
    for (let done = 0; done < count; done += FRAMES_AT_ONCE) {
      const some = Math.min(FRAMES_AT_ONCE, count - done);
      const values = logMelFrames.room(some);
      logMelFrames.run(samples, first + done * hopLength, some, values, 0);
      for (let t = 0; t < some; t++) finish(values, t * nMels, data, at + (done + t) * dims);
    }
  };
  return {
    config,
    names,
    framing,
    compute(samples) {
      const { values, frames } = logMelFrames.whole(who, samples);
      const data = new Float32Array(frames * dims);
      for (let t = 0; t < frames; t++) finish(values, t * nMels, data, t * dims);
      return { data, frames, dims, names };
    },
    streamed:
      topDb === null
        ? { framing, dims, begin: () => run }
        : `topDb: null, got ${topDb}: a frame's values would depend on the loudest frame of the whole clip`,
  };
}

const prepareLogMel: Prepare<LogMelOptions, LogMelConfig> = (who, options) => {
  const config = logMelConfig(who, parseOptions(who, logMelSchema(), options));
  const { nMels } = config;
  return fromLogMel(who, config, numbered('mel', nMels), (values, from, data, to) => {
    for (let i = 0; i < nMels; i++) data[to + i] = values[from + i];
  });
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
export function createLogMel(options: LogMelOptions & AtRate): StreamingExtractor<LogMelConfig> {
  return createExtractor('createLogMel', prepareLogMel, options);
}
