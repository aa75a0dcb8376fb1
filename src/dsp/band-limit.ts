import { createComplexFft, RealFft } from './fft.ts';
import type { ComplexTransform } from './mixed-radix.ts';

/**
 * A frame at a lower rate, by its spectrum: the bins above the new half rate are dropped. The frame counts as one period
 * of a signal, so its ends should not matter to what follows (a window's task); the straight line from its first sample
 * to its last is taken off before and put back after, lest there be a jump. Methods allocate nothing.
 */
export class BandLimit {
  /** Samples of the output: an even number. */
  readonly length: number;
  readonly #fft: RealFft;
  readonly #inverse: ComplexTransform;
  readonly #frame: Float64Array;
  readonly #bins: Float64Array;
  readonly #folded: Float64Array;
  readonly #turned: Float64Array;

  /** @param ratio  new rate / old rate, below 1; the output's length is even, so it is kept to within one sample a frame */
  constructor(frameLength: number, ratio: number) {
    this.length = 2 * Math.max(1, Math.round((frameLength * ratio) / 2));
    this.#fft = new RealFft(frameLength);
    this.#inverse = createComplexFft(this.length);
    this.#frame = new Float64Array(frameLength);
    this.#bins = new Float64Array(2 * this.#fft.bins);
    this.#folded = new Float64Array(2 * this.length);
    this.#turned = new Float64Array(2 * this.length);
  }

  /** Fills output[0..length) with the frame that begins at samples[first]. */
  run(samples: Float32Array, first: number, output: Float64Array): void {
    const { length } = this;
    const frame = this.#frame;
    const size = frame.length;
    const start = samples[first];
    const slope = (samples[first + size - 1] - start) / Math.max(1, size - 1);
    for (let n = 0; n < size; n++) frame[n] = samples[first + n] - start - slope * n;
    this.#fft.spectrum(frame, this.#bins);
    // Bin 0 once and all others twice: the real part of a forward transform of conjugates is then the inverse.
    const folded = this.#folded;
    folded.fill(0);
    folded[0] = this.#bins[0];
    for (let k = 1; 2 * k < length; k++) {
      folded[2 * k] = 2 * this.#bins[2 * k];
      folded[2 * k + 1] = -2 * this.#bins[2 * k + 1];
    }
    this.#inverse.run(folded, this.#turned);
    const step = (slope * size) / length;
    for (let n = 0; n < length; n++) output[n] = this.#turned[2 * n] / size + start + step * n;
  }
}
