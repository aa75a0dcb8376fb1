import { fastSize } from './fast-size.ts';
import { createComplexFft } from './fft.ts';
import type { ComplexTransform } from './mixed-radix.ts';

/**
 * Linear convolution by blocks through the Fourier transform (overlap-add; Stockham 1966, "High-speed convolution and
 * correlation"). Two blocks of the signal go through one complex transform, one as its real and one as its imaginary
 * part: the response is real, so they come out apart. What was prepared for the last size is kept.
 */
export class Convolver {
  #size = 0;
  #transform: ComplexTransform | undefined;
  #a = new Float64Array(0);
  #b = new Float64Array(0);
  #response = new Float64Array(0);

  /**
   * output[n] = sum over k of response[k] signal[n + offset - k]: what the signal through the response is from `offset`
   * on, with silence around the signal. Overwrites `output`; its length is how much is wanted.
   *
   * @param offset  >= 0
   */
  convolve(
    signal: Float32Array | Float64Array,
    response: Float32Array | Float64Array,
    offset: number,
    output: Float64Array,
  ): void {
    output.fill(0);
    // What lies after the wanted part needs no computing.
    const length = Math.min(signal.length, offset + output.length);
    const taps = Math.min(response.length, offset + output.length);
    if (length === 0 || taps === 0) return;
    this.#prepare(blockSize(length, taps));
    const size = this.#size;
    const step = size - taps + 1;
    const [a, b, h] = [this.#a, this.#b, this.#response];

    // The inverse transform is the forward one with real and imaginary parts exchanged on both sides, over the size.
    a.fill(0);
    for (let k = 0; k < taps; k++) a[2 * k] = response[k]! / size;
    this.#transform!.run(a, h);

    for (let start = 0; start < length; start += 2 * step) {
      const second = start + step;
      a.fill(0);
      for (let i = start, at = 0; i < Math.min(second, length); i++, at += 2) a[at] = signal[i]!;
      for (let i = second, at = 1; i < Math.min(second + step, length); i++, at += 2) a[at] = signal[i]!;
      this.#transform!.run(a, b);
      for (let k = 0; k < 2 * size; k += 2) {
        a[k + 1] = b[k]! * h[k]! - b[k + 1]! * h[k + 1]!;
        a[k] = b[k]! * h[k + 1]! + b[k + 1]! * h[k]!;
      }
      this.#transform!.run(a, b);
      addTo(output, b, 1, start - offset, size);
      if (second < length) addTo(output, b, 0, second - offset, size);
    }
  }

  #prepare(size: number): void {
    if (size === this.#size) return;
    this.#size = size;
    this.#transform = createComplexFft(size);
    this.#a = new Float64Array(2 * size);
    this.#b = new Float64Array(2 * size);
    this.#response = new Float64Array(2 * size);
  }
}

/** Adds every second of the values, from `first` on, to the output from place `to` on, as far as it reaches. */
function addTo(output: Float64Array, values: Float64Array, first: number, to: number, count: number): void {
  const begin = Math.max(0, -to);
  const end = Math.min(count, output.length - to);
  for (let i = begin, at = first + 2 * begin; i < end; i++, at += 2) output[to + i]! += values[at]!;
}

/** The transform's size with which the fewest operations are needed. */
function blockSize(length: number, taps: number): number {
  const whole = fastSize(length + taps - 1);
  let best = whole;
  let least = Number.POSITIVE_INFINITY;
  for (let size = fastSize(taps); size <= whole; size = fastSize(size + 1)) {
    const turns = Math.ceil(length / (2 * (size - taps + 1)));
    // One transform of the response, two a turn. Beyond the cache, memory takes its time, too.
    const cost = (2 * turns + 1) * size * (Math.log2(size) + (size > 2 ** 15 ? 4 : 0));
    if (cost < least) [best, least] = [size, cost];
  }
  return best;
}
