import { type ComplexTransform, MixedRadix } from './mixed-radix.ts';

/**
 * A complex transform of any size >= 1 as a convolution of a power-of-two size, for sizes with a large prime factor
 * (Bluestein 1970, "A linear filtering approach to the computation of discrete Fourier transform").
 */
export class Bluestein implements ComplexTransform {
  readonly #size: number;
  readonly #transform: ComplexTransform;
  /** exp(-pi i n^2 / size). */
  readonly #chirp: Float64Array;
  /** The spectrum of the conjugate chirp, divided by the padded size for the inverse transform. */
  readonly #filter: Float64Array;
  readonly #a: Float64Array;
  readonly #b: Float64Array;

  constructor(size: number) {
    let padded = 2;
    while (padded < 2 * size - 1) padded *= 2;
    this.#size = size;
    this.#transform = new MixedRadix(padded);
    this.#chirp = new Float64Array(2 * size);
    this.#filter = new Float64Array(2 * padded);
    this.#a = new Float64Array(2 * padded);
    this.#b = new Float64Array(2 * padded);
    // n^2 is taken modulo 2 size, so that the angle stays exact.
    for (let n = 0, square = 0; n < size; n++) {
      const angle = (-Math.PI * square) / size;
      this.#chirp[2 * n] = Math.cos(angle);
      this.#chirp[2 * n + 1] = Math.sin(angle);
      for (const at of [n, (padded - n) % padded]) {
        this.#a[2 * at] = Math.cos(angle) / padded;
        this.#a[2 * at + 1] = -Math.sin(angle) / padded;
      }
      square = (square + 2 * n + 1) % (2 * size);
    }
    this.#transform.run(this.#a, this.#filter);
  }

  run(input: Float64Array, output: Float64Array): void {
    const chirp = this.#chirp;
    const filter = this.#filter;
    const a = this.#a;
    const b = this.#b;
    const end = 2 * this.#size;
    a.fill(0, end);
    for (let n = 0; n < end; n += 2) {
      a[n] = input[n] * chirp[n] - input[n + 1] * chirp[n + 1];
      a[n + 1] = input[n] * chirp[n + 1] + input[n + 1] * chirp[n];
    }
    this.#transform.run(a, b);
    // The inverse transform of a product z is the conjugate of the forward transform of conj(z).
    for (let n = 0; n < a.length; n += 2) {
      a[n] = b[n] * filter[n] - b[n + 1] * filter[n + 1];
      a[n + 1] = -(b[n] * filter[n + 1] + b[n + 1] * filter[n]);
    }
    this.#transform.run(a, b);
    for (let n = 0; n < end; n += 2) {
      output[n] = b[n] * chirp[n] + b[n + 1] * chirp[n + 1];
      output[n + 1] = b[n] * chirp[n + 1] - b[n + 1] * chirp[n];
    }
  }
}
