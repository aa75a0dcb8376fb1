import { fastSize } from './fast-size.ts';
import { RealFft } from './fft.ts';

/**
 * The autocorrelation of frames, r[k] = sum over n of x[n] x[n + k] for lags 0..maxLag, with zeros beyond the frame:
 * the inverse transform of the power spectrum (Wiener and Khinchin), of the frame and as many zeros as keep its end from
 * wrapping round to its beginning. Prepared once; calls allocate nothing.
 */
export class Autocorrelation {
  /** Holds the frame in its first frameLength places, for the caller to fill; the others stay 0. */
  readonly frame: Float64Array;
  /** r[0..maxLag] of the last run(). */
  readonly values: Float64Array;
  readonly #frameLength: number;
  readonly #fft: RealFft;
  readonly #powers: Float64Array;
  readonly #spectrum: Float64Array;

  constructor(frameLength: number, maxLag: number) {
    const size = fastSize(frameLength + maxLag);
    this.#frameLength = frameLength;
    this.#fft = new RealFft(size);
    this.frame = new Float64Array(size);
    this.values = new Float64Array(maxLag + 1);
    this.#powers = new Float64Array(size);
    this.#spectrum = new Float64Array(2 * this.#fft.bins);
  }

  /** Fills `values` from `frame`. */
  run(): void {
    const { values } = this;
    const { size } = this.#fft;
    const powers = this.#powers;
    this.#fft.power(this.frame, powers);
    // Powers are real and even, so the forward transform of all of them is the inverse one but for the scale.
    for (let k = 1; 2 * k < size; k++) powers[size - k] = powers[k];
    this.#fft.spectrum(powers, this.#spectrum);
    const scale = 1 / size;
    const overlapping = Math.min(values.length, this.#frameLength);
    for (let k = 0; k < overlapping; k++) values[k] = scale * this.#spectrum[2 * k];
  }
}
