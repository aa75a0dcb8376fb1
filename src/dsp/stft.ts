import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { parseOptions, type Resolved, size } from '../core/options.ts';
import { checkWaveform, type Waveform } from '../core/waveform.ts';
import { type ConditioningSettings, fillConditioned, UNCONDITIONED } from './conditioning.ts';
import { RealFft } from './fft.ts';
import { type Framing, frameCount, PAD_MODES, type PadMode, visitRuns } from './frames.ts';
import { createWindow, WINDOW_NAMES, type WindowName } from './window.ts';
import { WindowedPower } from './windowed-power.ts';

/** How a signal is cut into frames, weighted and transformed. librosa's names and defaults. */
export interface StftOptions {
  /** Samples in a transform, any whole number from 2 on. @default 2048 */
  readonly nFft?: number | undefined;
  /** Samples from one frame to the next. @default floor(winLength / 4); 512 in mel features */
  readonly hopLength?: number | undefined;
  /** Samples in the window; zeros fill the rest of the nFft. @default nFft */
  readonly winLength?: number | undefined;
  /** The window's shape. @default 'hann' */
  readonly window?: WindowName | undefined;
  /** False: the window's periodic form, as spectral analysis wants it. True: both ends are equal. @default false */
  readonly windowSymmetric?: boolean | undefined;
  /**
   * 'nFft': a frame is nFft samples, and the window lies in their middle. 'winLength': a frame is the window's samples,
   * so that without centring ("snip edges") as many frames are counted as windows fit. @default 'nFft'
   */
  readonly framedBy?: 'nFft' | 'winLength' | undefined;
  /** True: frame t is centred on sample t * hopLength. False: it begins there. @default true */
  readonly center?: boolean | undefined;
  /** What lies beyond the ends when centred. @default 'constant' */
  readonly padMode?: PadMode | undefined;
}

/** The schemas of StftOptions, for the factories that take them among others. */
export const stftShape = () => ({
  nFft: z.optional(size.check(z.minimum(2))),
  hopLength: z.optional(size),
  winLength: z.optional(size),
  window: z.optional(z.literal(WINDOW_NAMES)),
  windowSymmetric: z.optional(z.literal([true, false])),
  framedBy: z.optional(z.literal(['nFft', 'winLength'])),
  center: z.optional(z.literal([true, false])),
  padMode: z.optional(z.literal(PAD_MODES)),
});

/** StftOptions with every option decided. */
export type StftSettings = Resolved<StftOptions>;

/**
 * Fills in the defaults, librosa's.
 *
 * @param hop  the hop where none is given; a quarter of the window unless told
 * @throws SerKitError 'bad-option' where the window is longer than the transform
 */
export function stftSettings(who: string, o: StftOptions, hop?: number): StftSettings {
  const { nFft = 2048, window = 'hann', center = true, padMode = 'constant' } = o;
  const { winLength = nFft, windowSymmetric = false, framedBy = 'nFft' } = o;
  const { hopLength = hop ?? Math.max(1, Math.floor(winLength / 4)) } = o;
  const settings = { nFft, hopLength, winLength, window, windowSymmetric, framedBy, center, padMode };
  checkStftSettings(who, settings);
  return settings;
}

/** @throws SerKitError 'bad-option' where the window is longer than the transform */
export function checkStftSettings(who: string, { nFft, winLength }: StftSettings): void {
  if (winLength > nFft) {
    throw new SerKitError('bad-option', `${who}: winLength expected <= nFft = ${nFft}, got ${quote(winLength)}`);
  }
}

/** A prepared short-time transform of frames, which it may condition first. Its methods allocate nothing. */
export class ShortTimeTransform {
  /** floor(nFft / 2) + 1. */
  readonly bins: number;
  readonly #fft: RealFft;
  readonly #window: Float64Array;
  /** How far into the nFft the window begins. */
  readonly #before: number;
  /** Weighted samples of a frame; where the window is not, they stay 0. */
  readonly #centred: Float64Array;
  readonly #early: Float64Array;
  readonly #conditioning: ConditioningSettings;
  readonly #plain: boolean;
  /** The faster way to the powers, where there is one. */
  readonly #windowedPower: WindowedPower | undefined;

  constructor(settings: StftSettings, conditioning: ConditioningSettings = UNCONDITIONED) {
    const { nFft, winLength, window, windowSymmetric } = settings;
    const { scale, removeDc, preEmphasis } = conditioning;
    this.#fft = new RealFft(nFft);
    this.bins = this.#fft.bins;
    this.#window = createWindow(window, winLength, windowSymmetric);
    if (scale !== 1) for (let n = 0; n < winLength; n++) this.#window[n] *= scale;
    this.#conditioning = conditioning;
    this.#plain = !removeDc && preEmphasis === 0;
    this.#before = windowStart(settings);
    if (this.#plain && WindowedPower.takes(nFft, winLength)) {
      this.#windowedPower = new WindowedPower(nFft, this.#window);
    }
    this.#centred = new Float64Array(nFft);
    this.#early = new Float64Array(nFft);
  }

  /** The spectrum, interleaved re, im, of the frame that begins at samples[first]. */
  spectrum(samples: Float32Array, first: number, output: Float64Array): void {
    this.#fill(samples, first, this.#centred, this.#before);
    this.#fft.spectrum(this.#centred, output);
  }

  /** The power, |spectrum|^2, of the frame that begins at samples[first]. */
  power(samples: Float32Array, first: number, output: Float64Array): void {
    // A delay turns phases and leaves powers, so the window may begin where the buffer does.
    if (this.#windowedPower !== undefined) {
      this.#windowedPower.run(samples, first + this.#before, output);
      return;
    }
    this.#fill(samples, first, this.#early, 0);
    this.#fft.power(this.#early, output);
  }

  #fill(samples: Float32Array, first: number, buffer: Float64Array, at: number): void {
    const window = this.#window;
    const start = first + this.#before;
    if (!this.#plain) {
      fillConditioned(samples, start, window, this.#conditioning, buffer, at);
      return;
    }
    for (let n = 0; n < window.length; n++) buffer[at + n] = window[n] * samples[start + n];
  }
}

/** How far into its frame the window begins. */
export function windowStart({ nFft, winLength, framedBy }: StftSettings): number {
  return framedBy === 'winLength' ? 0 : Math.floor((nFft - winLength) / 2);
}

/** The framing of settings: nFft or winLength samples a frame. */
export function stftFraming({ nFft, winLength, framedBy, hopLength, center, padMode }: StftSettings): Framing {
  return { frameLength: framedBy === 'winLength' ? winLength : nFft, hopLength, center, padMode };
}

/** Complex spectra, [frames, bins, 2] row-major: `data[2 * (frame * bins + bin)]` is the real part, the imaginary next. */
export interface ComplexSpectrogram {
  readonly data: Float32Array<ArrayBuffer>;
  readonly frames: number;
  /** floor(nFft / 2) + 1; bin k lies at k * sampleRate / nFft Hz. */
  readonly bins: number;
}

const stftSchema = () => z.strictObject(stftShape());

/**
 * The short-time Fourier transform, [frames, bins, 2] row-major, real and imaginary parts interleaved:
 * X[t, k] = sum over n of window[n] x[n + t hopLength] exp(-2 pi i k n / nFft). The numbers are librosa.stft's
 * (transposed), computed in float64.
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'empty', 'not-finite'; 'too-short' without centring
 * @example
 * const { data, bins } = stft(waveform, { nFft: 512 });
 * Math.hypot(data[2 * (3 * bins + 10)], data[2 * (3 * bins + 10) + 1]); // magnitude of bin 10 in frame 3
 */
export function stft(waveform: Waveform, options: StftOptions = {}): ComplexSpectrogram {
  checkWaveform('stft', waveform);
  const settings = stftSettings('stft', parseOptions('stft', stftSchema(), options));
  const framing = stftFraming(settings);
  const transform = new ShortTimeTransform(settings);
  const { bins } = transform;
  const frames = frameCount('stft', waveform.samples.length, framing);
  const spectrum = new Float64Array(2 * bins);
  const data = new Float32Array(frames * 2 * bins);
  visitRuns(waveform.samples, framing, frames, (samples, first, frame, count) => {
    for (let t = 0; t < count; t++) {
      transform.spectrum(samples, first + t * settings.hopLength, spectrum);
      data.set(spectrum, (frame + t) * 2 * bins);
    }
  });
  return { data, frames, bins };
}
