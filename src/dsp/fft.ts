import { quote, SerKitError } from '../core/errors.ts';
import { Bluestein } from './bluestein.ts';
import { type ComplexTransform, MixedRadix, radices } from './mixed-radix.ts';

/** Above this prime factor the definition, which a mixed-radix pass falls back to, is slower than Bluestein's way. */
const LARGEST_PRIME = 37;

/** A complex transform of any size >= 1, over interleaved re, im. */
export function createComplexFft(size: number): ComplexTransform {
  return radices(size).every((radix) => radix <= LARGEST_PRIME) ? new MixedRadix(size) : new Bluestein(size);
}

/**
 * A prepared transform of real frames of any size >= 2. Calls allocate nothing and leave `input` as it is.
 *
 * An even size goes through a complex transform of half the size: neighbours x[2n], x[2n+1] are taken as one complex
 * number, and the spectra E and O of the even and the odd samples are told apart by symmetry:
 * X[k] = E[k] + w^k O[k] and X[half - k] = conj(E[k] - w^k O[k]), w = exp(-2 pi i / size).
 *
 * It is a class, as all that runs once a frame: V8 shares the compiled code of methods between instances, and that of
 * closures less well (a second extractor made of closures ran a third slower).
 */
export class RealFft {
  readonly size: number;
  /** floor(size / 2) + 1: from 0 Hz up to half the rate. */
  readonly bins: number;
  readonly #transform: ComplexTransform;
  readonly #odd: boolean;
  /** What goes into the transform of an odd size: the frame with imaginary parts of 0. */
  readonly #packed: Float64Array;
  readonly #z: Float64Array;
  /** w^k / 2, interleaved; the half belongs to O. */
  readonly #turns: Float64Array;

  constructor(size: number) {
    if (!Number.isInteger(size) || size < 2) {
      throw new SerKitError('bad-option', `RealFft: size expected a whole number >= 2, got ${quote(size)}`);
    }
    this.size = size;
    this.bins = Math.floor(size / 2) + 1;
    this.#odd = size % 2 === 1;
    const length = this.#odd ? size : size / 2;
    this.#transform = createComplexFft(length);
    this.#z = new Float64Array(2 * length);
    this.#packed = new Float64Array(this.#odd ? 2 * size : 0);
    this.#turns = new Float64Array(size / 2 + 2);
    for (let k = 0; 2 * k < this.#turns.length; k++) {
      this.#turns[2 * k] = 0.5 * Math.cos((2 * Math.PI * k) / size);
      this.#turns[2 * k + 1] = -0.5 * Math.sin((2 * Math.PI * k) / size);
    }
  }

  /** X[k] = sum x[n] exp(-2 pi i k n / size) for k < bins, interleaved re, im: `output` holds 2 * bins numbers. */
  spectrum(input: Float64Array, output: Float64Array): void {
    const z = this.#z;
    if (this.#odd) {
      this.#runOdd(input);
      for (let i = 0; i < 2 * this.bins; i++) output[i] = z[i];
      return;
    }
    this.#transform.run(input, z);
    const turns = this.#turns;
    const size = this.size;
    output[0] = z[0] + z[1];
    output[1] = 0;
    output[size] = z[0] - z[1];
    output[size + 1] = 0;
    for (let a = 2, b = size - 2; a <= b; a += 2, b -= 2) {
      const er = 0.5 * (z[a] + z[b]);
      const ei = 0.5 * (z[a + 1] - z[b + 1]);
      const or = z[a + 1] + z[b + 1];
      const oi = z[b] - z[a];
      const tr = or * turns[a] - oi * turns[a + 1];
      const ti = or * turns[a + 1] + oi * turns[a];
      output[a] = er + tr;
      output[a + 1] = ei + ti;
      output[b] = er - tr;
      output[b + 1] = ti - ei;
    }
  }

  /** |X[k]|^2 for k < bins. */
  power(input: Float64Array, output: Float64Array): void {
    const z = this.#z;
    if (this.#odd) {
      this.#runOdd(input);
      for (let k = 0; k < this.bins; k++) output[k] = z[2 * k] * z[2 * k] + z[2 * k + 1] * z[2 * k + 1];
      return;
    }
    this.#transform.run(input, z);
    const turns = this.#turns;
    const size = this.size;
    const first = z[0] + z[1];
    const last = z[0] - z[1];
    output[0] = first * first;
    output[size / 2] = last * last;
    for (let a = 2, b = size - 2; a <= b; a += 2, b -= 2) {
      twoPowers(z[a], z[a + 1], z[b], z[b + 1], turns[a], turns[a + 1], output, a >> 1, b >> 1);
    }
  }

  #runOdd(input: Float64Array): void {
    for (let n = 0; n < this.size; n++) this.#packed[2 * n] = input[n];
    this.#transform.run(this.#packed, this.#z);
  }
}

/** The powers k and l of a real frame, of the outputs z and y of the transform of half its size, turned by c + i s. */
export function twoPowers(
  zr: number,
  zi: number,
  yr: number,
  yi: number,
  c: number,
  s: number,
  power: Float64Array,
  k: number,
  l: number,
): void {
  const er = 0.5 * (zr + yr);
  const ei = 0.5 * (zi - yi);
  const or = zi + yi;
  const oi = yr - zr;
  const tr = or * c - oi * s;
  const ti = or * s + oi * c;
  const pr = er + tr;
  const pi = ei + ti;
  const qr = er - tr;
  const qi = ei - ti;
  power[k] = pr * pr + pi * pi;
  power[l] = qr * qr + qi * qi;
}
