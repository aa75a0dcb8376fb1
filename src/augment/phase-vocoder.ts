import { checkOption } from '../core/options.ts';
import { fastSize } from '../dsp/fast-size.ts';
import { InverseRealFft } from '../dsp/inverse-fft.ts';
import { OverlapAdd } from '../dsp/overlap-add.ts';
import { ShortTimeTransform, stftSettings } from '../dsp/stft.ts';
import { createWindow } from '../dsp/window.ts';
import { stretchedLength } from './stretched-length.ts';

/** How a phase vocoder cuts its frames. */
export interface PhaseVocoderOptions {
  /** Samples in a frame, from 2 on. */
  readonly nFft: number;
  /** Samples from one frame to the next, at most nFft / 2. @default floor(nFft / 4), at least 1 */
  readonly hopLength?: number | undefined;
}

/**
 * The samples in a frame of 40 ms, or a little more where a quick transform's size is near: 320 at 8 kHz, 640 at 16 kHz,
 * 2048 (46 ms) at 44.1 kHz. It holds four periods of a man's voice, enough to tell its harmonics apart; librosa's 2048
 * is 128 ms at 16 kHz, longer than most sounds of speech, and smears them.
 */
export function speechFrame(sampleRate: number): number {
  return fastSize(0.04 * sampleRate);
}

/** @throws SerKitError 'bad-option' for a hop without its frame, or beyond half of it, where phases lose their way; for both without a phase vocoder */
export function checkFrame(
  who: string,
  isVocoder: boolean,
  nFft: number | undefined,
  hopLength: number | undefined,
): void {
  const none = `none but with method 'phaseVocoder'`;
  checkOption(who, 'nFft', isVocoder || nFft === undefined, none, nFft);
  checkOption(who, 'hopLength', isVocoder || hopLength === undefined, none, hopLength);
  if (hopLength === undefined) return;
  const expected = nFft === undefined ? 'none without nFft' : `<= nFft / 2 = ${nFft / 2}`;
  checkOption(who, 'hopLength', nFft !== undefined && hopLength <= nFft / 2, expected, hopLength);
}

/**
 * The samples `rate` times as fast, their pitch kept: round(n / rate) of them, halves to even, and at least one. The
 * numbers are those of librosa 0.11's effects.time_stretch run in float64, rounded to float32.
 *
 * Output frame t stands at column c = t rate of the short-time spectrum. Magnitudes lie on the line between those of
 * floor(c) and of the next column; phases begin with column 0's and move on by what they move from floor(c) to the next
 * column (Ellis 2002, "A phase vocoder in Matlab", after Flanagan and Golden 1966).
 *
 * librosa adds up angles. The advance expected of a bin, which it takes away before wrapping and adds again after, does
 * not change where an angle points; so what is left is a unit phasor turned by u1 conj(u0), u = X / |X|, and neither
 * arctan nor sine is needed. One Newton step a frame keeps it at length 1.
 */
export function phaseVocoderStretch(
  samples: Float32Array<ArrayBuffer>,
  rate: number,
  options: PhaseVocoderOptions,
): Float32Array<ArrayBuffer> {
  const settings = stftSettings('phaseVocoderStretch', options);
  const { nFft, hopLength } = settings;
  const half = Math.floor(nFft / 2);
  const columns = new Columns(samples, new ShortTimeTransform(settings), nFft, hopLength);
  const inverse = new InverseRealFft(nFft);
  const length = stretchedLength(samples.length, rate);
  const signal = new OverlapAdd(createWindow('hann', nFft), hopLength, -half, length);

  const phasors = columns.at(0).units.slice();
  const spectrum = new Float64Array(2 * inverse.bins);
  const frame = new Float64Array(nFft);
  const reaching = Math.ceil((length + half) / hopLength);
  const frames = Math.min(reaching, Math.ceil(columns.count / rate));
  for (let t = 0; t < frames; t++) {
    const step = t * rate;
    const column = Math.floor(step);
    nextSpectrum(columns.at(column), columns.at(column + 1), step - column, phasors, spectrum);
    inverse.frame(spectrum, frame);
    signal.add(frame, 0, t);
  }
  return signal.samples();
}

/** Lengths and directions of a short-time spectrum's numbers at one frame. */
interface Column {
  readonly magnitudes: Float64Array;
  /** X / |X|, and 1 for 0; interleaved. */
  readonly units: Float64Array;
}

/** The columns of a short-time spectrum, centred, zeros beyond the ends; the two last asked for are kept. */
class Columns {
  readonly count: number;
  readonly #padded: Float32Array;
  readonly #transform: ShortTimeTransform;
  readonly #hopLength: number;
  readonly #spectrum: Float64Array;
  readonly #kept: readonly [Column, Column];
  /** Which columns are kept: column c lies in slot c % 2. */
  readonly #indices: [number, number] = [-1, -1];

  constructor(samples: Float32Array, transform: ShortTimeTransform, nFft: number, hopLength: number) {
    const half = Math.floor(nFft / 2);
    this.count = 1 + Math.floor((samples.length + 2 * half - nFft) / hopLength);
    this.#padded = new Float32Array(samples.length + 2 * half);
    this.#padded.set(samples, half);
    this.#transform = transform;
    this.#hopLength = hopLength;
    const { bins } = transform;
    this.#spectrum = new Float64Array(2 * bins);
    const column = (): Column => ({ magnitudes: new Float64Array(bins), units: new Float64Array(2 * bins) });
    this.#kept = [column(), column()];
  }

  /** Column `index`; it stays until the one after the next is asked for. */
  at(index: number): Column {
    const slot = index % 2;
    const column = this.#kept[slot]!;
    if (this.#indices[slot] === index) return column;
    this.#indices[slot] = index;
    const spectrum = this.#spectrum;
    if (index < this.count) this.#transform.spectrum(this.#padded, index * this.#hopLength, spectrum);
    else spectrum.fill(0);
    toPolar(spectrum, column);
    return column;
  }
}

function toPolar(spectrum: Float64Array, { magnitudes, units }: Column): void {
  for (let k = 0; k < magnitudes.length; k++) {
    const re = spectrum[2 * k]!;
    const im = spectrum[2 * k + 1]!;
    const magnitude = Math.sqrt(re * re + im * im);
    const inverse = 1 / magnitude;
    magnitudes[k] = magnitude;
    units[2 * k] = magnitude > 0 ? re * inverse : 1;
    units[2 * k + 1] = magnitude > 0 ? im * inverse : 0;
  }
}

/** The spectrum `alpha` of the way from one column to the next; then moves the phasors on by what lies between the two. */
function nextSpectrum(
  { magnitudes, units }: Column,
  { magnitudes: nextMagnitudes, units: nextUnits }: Column,
  alpha: number,
  phasors: Float64Array,
  spectrum: Float64Array,
): void {
  for (let k = 0, a = 0; k < magnitudes.length; k++, a += 2) {
    const pr = phasors[a]!;
    const pi = phasors[a + 1]!;
    const magnitude = (1 - alpha) * magnitudes[k]! + alpha * nextMagnitudes[k]!;
    spectrum[a] = magnitude * pr;
    spectrum[a + 1] = magnitude * pi;
    const ur = units[a]!;
    const ui = units[a + 1]!;
    const vr = nextUnits[a]!;
    const vi = nextUnits[a + 1]!;
    const turnRe = vr * ur + vi * ui;
    const turnIm = vi * ur - vr * ui;
    const re = pr * turnRe - pi * turnIm;
    const im = pr * turnIm + pi * turnRe;
    const newton = 1.5 - 0.5 * (re * re + im * im);
    phasors[a] = newton * re;
    phasors[a + 1] = newton * im;
  }
}
