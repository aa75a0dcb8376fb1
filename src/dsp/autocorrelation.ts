import { RealFft } from './fft.ts';

/** A size >= `least` whose transform is fast: the smallest power of two, or five of them. Others take longer than these. */
function transformSize(least: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (const odd of [1, 5]) {
    let size = 16 * odd;
    while (size < least) size *= 2;
    best = Math.min(best, size);
  }
  return best;
}

/**
 * The autocorrelation of frames, r[k] = sum over n of x[n] x[n + k] for lags 0..maxLag, with zeros beyond the frame:
 * the inverse transform of the power spectrum (Wiener and Khinchin), of the frame and as many zeros as keep its end from
 * wrapping round to its beginning. Prepared once; calls allocate nothing.
 */
export class Autocorrelation {
  /** The frame last seen, in float64; what follows it stays 0. */
  readonly frame: Float64Array;
  /** r[0..maxLag] of the frame last seen. */
  readonly values: Float64Array;
  readonly #frameLength: number;
  readonly #fft: RealFft;
  readonly #powers: Float64Array;
  readonly #mirrored: Float64Array;
  readonly #spectrum: Float64Array;

  constructor(frameLength: number, maxLag: number) {
    const size = transformSize(frameLength + maxLag);
    this.#frameLength = frameLength;
    this.#fft = new RealFft(size);
    this.frame = new Float64Array(size);
    this.values = new Float64Array(maxLag + 1);
    this.#powers = new Float64Array(this.#fft.bins);
    this.#mirrored = new Float64Array(size);
    this.#spectrum = new Float64Array(2 * this.#fft.bins);
  }

  /** Fills `frame` and `values` from the frame that begins at samples[first]. */
  run(samples: Float32Array, first: number): void {
    const { frame, values } = this;
    const size = frame.length;
    for (let n = 0; n < this.#frameLength; n++) frame[n] = samples[first + n];
    this.#fft.power(frame, this.#powers);
    const powers = this.#powers;
    const mirrored = this.#mirrored;
    // Powers are real and even, so the forward transform of all of them is the inverse one but for the scale.
    mirrored[0] = powers[0];
    for (let k = 1; 2 * k <= size; k++) {
      mirrored[k] = powers[k];
      mirrored[size - k] = powers[k];
    }
    this.#fft.spectrum(mirrored, this.#spectrum);
    const scale = 1 / size;
    const overlapping = Math.min(values.length, this.#frameLength);
    for (let k = 0; k < overlapping; k++) values[k] = scale * this.#spectrum[2 * k];
  }
}
