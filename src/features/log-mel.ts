import * as z from 'zod/mini';
import type { FeatureMatrix, StreamingExtractor } from '../core/feature-matrix.ts';
import { nonNegative, parseOptions, positive, type Resolved } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { conditioningShape } from '../dsp/conditioning.ts';
import { LOGARITHMS, limitRange, powerToDb } from '../dsp/decibel.ts';
import { type Framing, firstSample, frameCount, visitRuns } from '../dsp/frames.ts';
import type { MelKernelSettings } from '../dsp/kernel/mel-kernel.ts';
import { checkMelSettings, MelBank, melShape } from '../dsp/mel.ts';
import { checkStftSettings, ShortTimeTransform, stftFraming, stftShape } from '../dsp/stft.ts';
import { type AtRate, createExtractor, numbered, oneShot, type Prepare, type Prepared } from './extractor.ts';
import type { FrameRun } from './framewise.ts';
import { logMelKernel } from './log-mel-kernel.ts';
import type { LogMelNumbers } from './presets/preset.ts';
import { logMelNumbers, PRESET_NAMES, type PresetName } from './presets/presets.ts';

/**
 * Options of {@link logMel}. Names are librosa 0.11's, and so are the defaults that are written beside them; another
 * preset has others, and an option that is given counts before the preset's.
 */
export interface LogMelOptions extends LogMelNumbers {
  /** Whose defaults the other options start from: 'librosa', 'torchaudio', 'kaldi' or 'opensmile'. @default 'librosa' */
  readonly preset?: PresetName | undefined;
  /**
   * True: compute in WebAssembly SIMD, in float32, where it runs and knows the other options (no pre-emphasis, no mean
   * removed, an even nFft without prime factors above 13): several times as fast, and on recordings of speech within 2e-3 of
   * the float64 numbers, 2e-2 where topDb is null. False: compute in JavaScript, in float64. @default true
   */
  readonly simd?: boolean | undefined;
}

/** LogMelOptions with every option decided, and the sample rate. */
export type LogMelConfig = Resolved<LogMelOptions> & AtRate;

/** The schemas of LogMelOptions and of the sample rate, for the factories that take them among others. */
export const logMelShape = () => ({
  sampleRate: positive,
  preset: z.optional(z.literal(PRESET_NAMES)),
  ...conditioningShape(),
  ...stftShape(),
  ...melShape(),
  power: z.optional(z.literal([1, 2])),
  logarithm: z.optional(z.literal(['db', 'ln'])),
  ref: z.optional(positive),
  amin: z.optional(positive),
  topDb: z.optional(z.nullable(nonNegative)),
  simd: z.optional(z.literal([true, false])),
});

const logMelSchema = () => z.strictObject(logMelShape());

/** Fills in the defaults, those of the preset. */
export function logMelConfig(who: string, o: LogMelOptions & AtRate): LogMelConfig {
  const { preset = 'librosa', simd = true, sampleRate } = o;
  const config = { preset, simd, sampleRate, ...logMelNumbers(who, preset, sampleRate, o) };
  checkStftSettings(who, config);
  checkMelSettings(who, config);
  return config;
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
    this.#transform = new ShortTimeTransform(config, config);
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

  /** A run of frames, logarithms with topDb left out: see FrameRun. */
  run(samples: Float32Array, first: number, count: number, values: Float64Array, at: number): void {
    const { nMels, power, hopLength, logarithm, ref, amin } = this.#config;
    const bins = this.#bins;
    for (let t = 0; t < count; t++) {
      this.#transform.power(samples, first + t * hopLength, bins);
      if (power === 1) for (let k = 0; k < bins.length; k++) bins[k] = Math.sqrt(bins[k]);
      this.#melBank.apply(bins, values, at + t * nMels);
    }
    powerToDb(values, at, count * nMels, ref, amin, LOGARITHMS[logarithm]);
  }

  /** All frames of a whole signal, none further than `range` below the greatest: [frames, nMels] from the start on. */
  whole(samples: Float32Array<ArrayBuffer>, frames: number, range: number): Float64Array {
    const { nMels } = this.#config;
    const values = this.room(frames);
    visitRuns(samples, this.framing, frames, (buffer, first, frame, count) => {
      this.run(buffer, first, count, values, frame * nMels);
    });
    limitRange(values, frames * nMels, range);
    return values;
  }
}

/** Frames that are gathered before their next step, where a signal comes in runs. */
const FRAMES_AT_ONCE = 64;

/**
 * What logMel and mfcc do with their log-mel frames, whole or streamed: `finish` turns frame t of `values`, nMels numbers
 * from `from` on, into dims numbers of `data` from `to` on.
 *
 * @param inKernel  what the WebAssembly kernel computes to the same end; undefined where it cannot
 */
export function fromLogMel<C extends LogMelConfig>(
  who: string,
  config: C,
  names: readonly string[],
  finish: (values: Float64Array, from: number, data: Float32Array | Float64Array, to: number) => void,
  inKernel: Pick<MelKernelSettings, 'cosines'> | undefined,
): Prepared<C> {
  const { nMels, topDb, hopLength, padMode, logarithm } = config;
  const dims = names.length;
  const framing = stftFraming(config);
  const range = topDb === null ? null : topDb * (LOGARITHMS[logarithm] / LOGARITHMS.db);
  const kernel = inKernel && logMelKernel(config, inKernel.cosines);
  let prepared = kernel ? undefined : new LogMelFrames(config);
  const exact = (): LogMelFrames => {
    prepared ??= new LogMelFrames(config);
    return prepared;
  };
  const runExact: FrameRun = (samples, first, count, data, at) => {
    const logMelFrames = exact();
    for (let done = 0; done < count; done += FRAMES_AT_ONCE) {
      const some = Math.min(FRAMES_AT_ONCE, count - done);
      const values = logMelFrames.room(some);
      logMelFrames.run(samples, first + done * hopLength, some, values, 0);
      for (let t = 0; t < some; t++) finish(values, t * nMels, data, at + (done + t) * dims);
    }
  };
  // Samples of 1e16 overflow float32: such a frame is computed in float64, and that must not depend on its neighbours.
  const run: FrameRun = (samples, first, count, data, at) => {
    if (kernel?.compute(samples, first, count, padMode, null, data, at)) return;
    if (kernel === undefined || count === 1) runExact(samples, first, count, data, at);
    else for (let t = 0; t < count; t++) run(samples, first + t * hopLength, 1, data, at + t * dims);
  };
  const compute = (samples: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> => {
    const frames = frameCount(who, samples.length, framing);
    const data = new Float32Array(frames * dims);
    if (kernel?.compute(samples, firstSample(framing), frames, padMode, range, data, 0)) return data;
    if (range === null) {
      visitRuns(samples, framing, frames, (buffer, first, frame, count) =>
        run(buffer, first, count, data, frame * dims),
      );
    } else {
      const values = exact().whole(samples, frames, range);
      for (let t = 0; t < frames; t++) finish(values, t * nMels, data, t * dims);
    }
    return data;
  };
  return {
    config,
    names,
    framing,
    compute(samples) {
      const data = compute(samples);
      return { data, frames: data.length / dims, dims, names };
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
  const finish = (values: Float64Array, from: number, data: Float32Array | Float64Array, to: number): void => {
    for (let i = 0; i < nMels; i++) data[to + i] = values[from + i];
  };
  return fromLogMel(who, config, numbered('mel', nMels), finish, {});
};

/**
 * The log-mel spectrogram, [frames, nMels] row-major: the logarithm of the power in overlapping triangular bands. Frames
 * are 1 + floor(samples / hopLength) when centred, else as many as fit. Whose numbers they are, the preset says:
 *
 * - 'librosa' (default): power_to_db(melspectrogram(y)) transposed, in dB, floored 80 dB below the clip's greatest value.
 * - 'torchaudio': AmplitudeToDB(top_db=80) of MelSpectrogram, in dB.
 * - 'kaldi': torchaudio.compliance.kaldi.fbank without dither, of samples times 32768; natural logarithms.
 * - 'opensmile': the logarithm of cMelspec's bands as its cMfcc takes it, of samples times 32768; natural logarithms.
 *
 * Computed in float32 or float64, as `simd` says. With a topDb (librosa, torchaudio) a frame's values depend on the
 * loudest frame of its clip; `topDb: null` makes them independent.
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'empty', 'not-finite'; 'too-short' without centring
 * @example
 * const { data, frames, dims } = logMel(waveform, { nFft: 512, hopLength: 160, nMels: 64 });
 * const bands = logMel(waveform, { preset: 'kaldi', nMels: 80 }); // what compute-fbank-feats --num-mel-bins=80 gives
 */
export const logMel: (waveform: Waveform, options?: LogMelOptions) => FeatureMatrix = /* @__PURE__ */ oneShot(
  'logMel',
  prepareLogMel,
);

/**
 * {@link logMel} prepared for many waveforms of one sample rate: options are checked and tables made once. Streamed,
 * each push() gives the frames that its samples decide, [frames, nMels], often none.
 *
 * @throws SerKitError 'bad-option', of stream() also where topDb is not null; its `extract` throws 'wrong-rate' at
 * another sample rate
 * @example
 * const stream = createLogMel({ sampleRate: 16000, nMels: 64, hopLength: 160, topDb: null }).stream();
 * const { data, frames, dims } = stream.push(samples); // dims is 64
 */
export function createLogMel(options: LogMelOptions & AtRate): StreamingExtractor<LogMelConfig> {
  return createExtractor('createLogMel', prepareLogMel, options);
}
