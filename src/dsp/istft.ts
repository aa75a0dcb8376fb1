import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { count, parseOptions } from '../core/options.ts';
import { firstSample } from './frames.ts';
import { InverseRealFft } from './inverse-fft.ts';
import { OverlapAdd } from './overlap-add.ts';
import {
  type ComplexSpectrogram,
  type StftOptions,
  type StftSettings,
  stftFraming,
  stftSettings,
  stftShape,
  windowStart,
} from './stft.ts';
import { createWindow } from './window.ts';

/** The options that stft() was given, and how much of the signal is wanted. padMode has no effect. */
export interface IstftOptions extends StftOptions {
  /** Samples in a transform; has to be given where it was odd. @default 2 * (bins - 1) */
  readonly nFft?: number | undefined;
  /**
   * Samples to give: cut off, or followed by zeros. stft() leaves at most hopLength - 1 samples at the end for which no
   * frame was begun, and with the signal's length they come back too.
   * @default hopLength * (frames - 1), and nFft more without centring
   */
  readonly length?: number | undefined;
}

const schema = () => z.strictObject({ ...stftShape(), length: z.optional(count.check(z.maximum(2 ** 30))) });

/**
 * The samples whose short-time Fourier transform comes nearest, in the mean square, to the one given: frames are
 * transformed back, weighted by the window, added up, and divided by the sum of the squared windows (Griffin and Lim
 * 1984, IEEE Trans. ASSP 32(2):236-243). The numbers are librosa.istft's, computed in float64.
 *
 * With the options that stft() had, its samples come back within 1e-6 wherever windows overlap: everywhere, with centring
 * and a hop of at most half the window. Without centring a Hann window is 0 at the first sample and next to 0 beside it,
 * and what it hid does not come back.
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'not-finite'; 'too-short' where no sample would be left without a length
 * @example
 * const { samples, sampleRate } = waveform;
 * const spectrum = stft(waveform, { nFft: 512 });
 * const back = istft(spectrum, { nFft: 512, length: samples.length }); // samples, within 1e-6
 */
export function istft(spectrogram: ComplexSpectrogram, options: IstftOptions = {}): Float32Array<ArrayBuffer> {
  checkSpectrogram(spectrogram);
  const { data, frames, bins } = spectrogram;
  const { length: wanted, ...o } = parseOptions('istft', schema(), options);
  const settings = stftSettings('istft', { ...o, nFft: o.nFft ?? Math.max(2, 2 * (bins - 1)) });
  const { nFft, winLength, window, windowSymmetric, hopLength } = settings;
  const inverse = new InverseRealFft(nFft);
  if (bins !== inverse.bins) {
    throw new SerKitError(
      'bad-option',
      `istft: nFft expected a transform of ${bins} bins, ${2 * bins - 2} or ${2 * bins - 1}, got ${nFft}`,
    );
  }
  const before = windowStart(settings);
  const start = firstSample(stftFraming(settings));
  const length = wanted ?? reach(settings, frames);
  const weights = createWindow(window, winLength, windowSymmetric);
  const signal = new OverlapAdd(weights, hopLength, start + before, length);
  const spectrum = new Float64Array(2 * bins);
  const frame = new Float64Array(nFft);
  for (let t = 0; t < frames && start + t * hopLength < length; t++) {
    for (let i = 0, at = 2 * bins * t; i < spectrum.length; i++) spectrum[i] = data[at + i]!;
    inverse.frame(spectrum, frame);
    signal.add(frame, before, t);
  }
  return signal.samples();
}

/** How far the frames reach, the padding of centring left out. */
function reach(settings: StftSettings, frames: number): number {
  const { frameLength, hopLength, center } = stftFraming(settings);
  const length = frameLength + hopLength * (frames - 1) - (center ? 2 * Math.floor(frameLength / 2) : 0);
  if (length > 0) return length;
  throw new SerKitError('too-short', `istft: expected options.length, as one centred frame alone reaches no sample`);
}

function checkSpectrogram(spectrogram: ComplexSpectrogram): void {
  const { data, frames, bins } = spectrogram ?? {};
  const whole = (n: unknown): boolean => Number.isInteger(n) && (n as number) > 0;
  if (!(data instanceof Float32Array) || !whole(frames) || !whole(bins) || data.length !== 2 * frames * bins) {
    const got =
      data instanceof Float32Array
        ? `${data.length} numbers, frames ${quote(frames)}, bins ${quote(bins)}`
        : quote(spectrogram);
    throw new SerKitError(
      'bad-input',
      `istft: spectrogram expected what stft() gives, 2 * frames * bins numbers, got ${got}`,
    );
  }
  const at = data.findIndex((x) => !Number.isFinite(x));
  if (at < 0) return;
  throw new SerKitError('not-finite', `istft: spectrogram expected finite numbers, got ${data[at]} at index ${at}`);
}
