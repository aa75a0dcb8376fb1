/**
 * Frames laid back onto a signal: each is weighted by the window again, and every sample is divided by the sum of the
 * squared windows that reached it. That is the signal whose short-time spectra are nearest in the mean square to those
 * that the frames came from (Griffin and Lim 1984, "Signal estimation from modified short-time Fourier transform", IEEE
 * Trans. ASSP 32(2):236-243, equation 6).
 */
export class OverlapAdd {
  readonly #window: Float64Array;
  readonly #squared: Float64Array;
  readonly #hopLength: number;
  readonly #start: number;
  readonly #sum: Float64Array;
  readonly #weight: Float64Array;

  /** @param start  where the window of frame 0 begins in the signal, often below 0 */
  constructor(window: Float64Array, hopLength: number, start: number, length: number) {
    this.#window = window;
    this.#squared = window.map((w) => w * w);
    this.#hopLength = hopLength;
    this.#start = start;
    this.#sum = new Float64Array(length);
    this.#weight = new Float64Array(length);
  }

  /** Adds frame t, whose window begins at frame[before]. What lies outside the signal is dropped. */
  add(frame: Float64Array, before: number, t: number): void {
    const window = this.#window;
    const squared = this.#squared;
    const sum = this.#sum;
    const weight = this.#weight;
    const first = this.#start + t * this.#hopLength;
    const end = Math.min(window.length, sum.length - first);
    for (let n = Math.max(0, -first); n < end; n++) {
      sum[first + n]! += window[n]! * frame[before + n]!;
      weight[first + n]! += squared[n]!;
    }
  }

  /** The signal. A sample that no window reached is 0. */
  samples(): Float32Array<ArrayBuffer> {
    const out = new Float32Array(this.#sum.length);
    for (let i = 0; i < out.length; i++) {
      const weight = this.#weight[i]!;
      if (weight > SMALLEST_NORMAL) out[i] = this.#sum[i]! / weight;
    }
    return out;
  }
}

/** The smallest normal float64: below it librosa does not divide. */
const SMALLEST_NORMAL = 2 ** -1022;
