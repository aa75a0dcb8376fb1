import { quote, SerKitError } from '../core/errors.ts';
import { createComplexFft } from './fft.ts';
import type { ComplexTransform } from './mixed-radix.ts';

/**
 * The way back from RealFft: the real frame of `size` samples, any size >= 2, that has a given spectrum. Calls allocate
 * nothing and leave `input` as it is.
 *
 * An even size goes through a complex transform of half the size: E[k] = (X[k] + conj X[half - k]) / 2 and
 * O[k] = w^-k (X[k] - conj X[half - k]) / 2, w = exp(-2 pi i / size), are the spectra of the even and the odd samples,
 * and E + i O is that of the numbers x[2n] + i x[2n+1]. A forward transform goes backward where real and imaginary parts
 * change places on both its sides.
 */
export class InverseRealFft {
  readonly size: number;
  /** floor(size / 2) + 1. */
  readonly bins: number;
  readonly #transform: ComplexTransform;
  readonly #packed: Float64Array;
  readonly #z: Float64Array;
  /** 2 w^k / size, interleaved, for an even size. */
  readonly #turns: Float64Array;

  constructor(size: number) {
    if (!Number.isInteger(size) || size < 2) {
      throw new SerKitError('bad-option', `InverseRealFft: size expected a whole number >= 2, got ${quote(size)}`);
    }
    this.size = size;
    this.bins = Math.floor(size / 2) + 1;
    const odd = size % 2 === 1;
    const length = odd ? size : size / 2;
    this.#transform = createComplexFft(length);
    this.#packed = new Float64Array(2 * length);
    this.#z = new Float64Array(2 * length);
    this.#turns = new Float64Array(odd ? 0 : 2 * Math.floor(size / 4) + 2);
    for (let k = 0; 2 * k < this.#turns.length; k++) {
      this.#turns[2 * k] = Math.cos((2 * Math.PI * k) / size) / size;
      this.#turns[2 * k + 1] = -Math.sin((2 * Math.PI * k) / size) / size;
    }
  }

  /**
   * x[n] = 1 / size * sum over all k of X[k] exp(2 pi i k n / size), X[size - k] = conj X[k].
   *
   * @param input  X[k] for k < bins, interleaved re, im; as numpy.fft.irfft, the imaginary parts at 0 Hz and (for an even
   *   size) at half the rate count as 0
   * @param output  `size` samples
   */
  frame(input: Float64Array, output: Float64Array): void {
    const { size } = this;
    const z = this.#z;
    const packed = this.#packed;
    if (size % 2 === 1) {
      this.#packOdd(input);
      this.#transform.run(packed, z);
      for (let n = 0; n < size; n++) output[n] = z[2 * n + 1]!;
      return;
    }
    const turns = this.#turns;
    const scale = 1 / size;
    // The imaginary part goes first.
    packed[0] = scale * (input[0]! - input[size]!);
    packed[1] = scale * (input[0]! + input[size]!);
    for (let a = 2, b = size - 2; a <= b; a += 2, b -= 2) {
      const er = scale * (input[a]! + input[b]!);
      const ei = scale * (input[a + 1]! - input[b + 1]!);
      const dr = input[a]! - input[b]!;
      const di = input[a + 1]! + input[b + 1]!;
      const or = dr * turns[a]! + di * turns[a + 1]!;
      const oi = di * turns[a]! - dr * turns[a + 1]!;
      packed[a] = ei + or;
      packed[a + 1] = er - oi;
      packed[b] = or - ei;
      packed[b + 1] = er + oi;
    }
    this.#transform.run(packed, z);
    for (let n = 0; n < size; n += 2) {
      output[n] = z[n + 1]!;
      output[n + 1] = z[n]!;
    }
  }

  /** The whole spectrum, its halves mirrored, parts exchanged. */
  #packOdd(input: Float64Array): void {
    const { size } = this;
    const packed = this.#packed;
    const scale = 1 / size;
    packed[0] = 0;
    packed[1] = scale * input[0]!;
    for (let a = 2, b = 2 * size - 2; a < b; a += 2, b -= 2) {
      packed[a + 1] = packed[b + 1] = scale * input[a]!;
      packed[a] = scale * input[a + 1]!;
      packed[b] = -packed[a]!;
    }
  }
}
