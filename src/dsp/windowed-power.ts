import { twoPowers } from './fft.ts';
import { type Pass, planPasses, radices, runPass, turn } from './mixed-radix.ts';

/** The bits of an index into a frame. Masked numbers tell the compiler that sums of them cannot overflow. */
const INDEX = 0xffffff;

/**
 * The power spectrum of windowed real frames: RealFft's numbers, to rounding, for some sizes, the 512 of speech at 16 kHz
 * among them. The window is part of the first pass and the powers are part of the last, since loads and stores, each
 * checked against its array's end, are what takes JavaScript's time here.
 */
export class WindowedPower {
  readonly #window: Float64Array;
  readonly #first: Pass;
  readonly #middle: readonly Pass[];
  /** exp(-2 pi i k / size) / 2, interleaved. */
  readonly #turns: Float64Array;
  readonly #a: Float64Array;
  readonly #b: Float64Array;

  /** Whether there is such a way for frames of `size` samples, of which the window covers the first `length`. */
  static takes(size: number, length: number): boolean {
    if (size % 2 === 1 || length % 2 === 1 || length < size / 2) return false;
    const passes = radices(size / 2);
    return passes.length >= 2 && passes[0] === 8 && passes[passes.length - 1] === 4;
  }

  constructor(size: number, window: Float64Array) {
    this.#window = window;
    const passes = planPasses(size / 2);
    this.#first = passes[0];
    this.#middle = passes.slice(1, -1);
    this.#turns = new Float64Array(size / 4);
    for (let k = 0; k < size / 8; k++) {
      this.#turns[2 * k] = 0.5 * Math.cos((2 * Math.PI * k) / size);
      this.#turns[2 * k + 1] = -0.5 * Math.sin((2 * Math.PI * k) / size);
    }
    this.#a = new Float64Array(size);
    this.#b = new Float64Array(size);
  }

  /** |X[k]|^2 for k <= size / 2, of the window times the samples from samples[from] on. */
  run(samples: Float32Array, from: number, power: Float64Array): void {
    let x = this.#a;
    let y = this.#b;
    firstPass(samples, from, this.#window, this.#first.twiddles, x);
    for (let i = 0; i < this.#middle.length; i++) {
      runPass(this.#middle[i], x, y);
      const z = x;
      x = y;
      y = z;
    }
    lastPass(x, this.#turns, power);
  }
}

/**
 * The pass of eight with stride 1, of window times samples from samples[from] on; what lies behind the window is 0, and
 * is not read. Each twiddle is loaded where it is used, as there are more of them than registers. The butterfly is that of
 * MixedRadix's pass of eight, written out again: sixteen numbers cannot be handed to a function without being stored.
 */
function firstPass(
  samples: Float32Array,
  from: number,
  window: Float64Array,
  twiddles: Float64Array,
  y: Float64Array,
): void {
  const length = window.length;
  const eighth = (y.length / 8) & INDEX;
  for (let n = 0, t = 0; n < eighth; n += 2, t += 14) {
    const x0r = window[n] * samples[from + n];
    const x0i = window[n + 1] * samples[from + n + 1];
    const n1 = n + eighth;
    const x1r = window[n1] * samples[from + n1];
    const x1i = window[n1 + 1] * samples[from + n1 + 1];
    const n2 = n + 2 * eighth;
    const x2r = window[n2] * samples[from + n2];
    const x2i = window[n2 + 1] * samples[from + n2 + 1];
    const n3 = n + 3 * eighth;
    const x3r = window[n3] * samples[from + n3];
    const x3i = window[n3 + 1] * samples[from + n3 + 1];
    let x4r = 0;
    let x4i = 0;
    const n4 = n + 4 * eighth;
    if (n4 < length) {
      x4r = window[n4] * samples[from + n4];
      x4i = window[n4 + 1] * samples[from + n4 + 1];
    }
    let x5r = 0;
    let x5i = 0;
    const n5 = n + 5 * eighth;
    if (n5 < length) {
      x5r = window[n5] * samples[from + n5];
      x5i = window[n5 + 1] * samples[from + n5 + 1];
    }
    let x6r = 0;
    let x6i = 0;
    const n6 = n + 6 * eighth;
    if (n6 < length) {
      x6r = window[n6] * samples[from + n6];
      x6i = window[n6 + 1] * samples[from + n6 + 1];
    }
    let x7r = 0;
    let x7i = 0;
    const n7 = n + 7 * eighth;
    if (n7 < length) {
      x7r = window[n7] * samples[from + n7];
      x7i = window[n7 + 1] * samples[from + n7 + 1];
    }
    // Sums of opposite inputs give the even outputs by a 4-point transform,
    const a0r = x0r + x4r;
    const a0i = x0i + x4i;
    const a1r = x1r + x5r;
    const a1i = x1i + x5i;
    const a2r = x2r + x6r;
    const a2i = x2i + x6i;
    const a3r = x3r + x7r;
    const a3i = x3i + x7i;
    const s02r = a0r + a2r;
    const s02i = a0i + a2i;
    const d02r = a0r - a2r;
    const d02i = a0i - a2i;
    const s13r = a1r + a3r;
    const s13i = a1i + a3i;
    const d13r = a1r - a3r;
    const d13i = a1i - a3i;
    // differences the odd ones, each turned by another eighth first.
    const b0r = x0r - x4r;
    const b0i = x0i - x4i;
    const b1r = x1r - x5r;
    const b1i = x1i - x5i;
    const b2r = x2r - x6r;
    const b2i = x2i - x6i;
    const b3r = x3r - x7r;
    const b3i = x3i - x7i;
    const t1r = Math.SQRT1_2 * (b1r + b1i);
    const t1i = Math.SQRT1_2 * (b1i - b1r);
    const t3r = Math.SQRT1_2 * (b3i - b3r);
    const t3i = -Math.SQRT1_2 * (b3r + b3i);
    const e0r = b0r + b2i;
    const e0i = b0i - b2r;
    const g0r = b0r - b2i;
    const g0i = b0i + b2r;
    const e1r = t1r + t3r;
    const e1i = t1i + t3i;
    const g1r = t1r - t3r;
    const g1i = t1i - t3i;
    const o = 8 * n;
    y[o] = s02r + s13r;
    y[o + 1] = s02i + s13i;
    turn(y, o + 2, e0r + e1r, e0i + e1i, twiddles[t], twiddles[t + 1]);
    turn(y, o + 4, d02r + d13i, d02i - d13r, twiddles[t + 2], twiddles[t + 3]);
    turn(y, o + 6, g0r + g1i, g0i - g1r, twiddles[t + 4], twiddles[t + 5]);
    turn(y, o + 8, s02r - s13r, s02i - s13i, twiddles[t + 6], twiddles[t + 7]);
    turn(y, o + 10, e0r - e1r, e0i - e1i, twiddles[t + 8], twiddles[t + 9]);
    turn(y, o + 12, d02r - d13i, d02i + d13r, twiddles[t + 10], twiddles[t + 11]);
    turn(y, o + 14, g0r - g1i, g0i + g1r, twiddles[t + 12], twiddles[t + 13]);
  }
}

/**
 * The pass of four at the end, whose outputs are told apart as in RealFft and become powers without being stored. It
 * takes two butterflies at a time: outputs a, a + quarter, ... belong together with those of b = quarter - a.
 */
function lastPass(x: Float64Array, turns: Float64Array, power: Float64Array): void {
  const quarter = (x.length / 4) & INDEX;
  const half = 2 * quarter;
  const threeQuarters = 3 * quarter;
  const step = quarter >> 1;
  firstPowers(x, quarter, power);
  for (let a = 2, b = quarter - 2; a <= b; a += 2, b -= 2) {
    // Loaded once each: the compiler does not see that a second load gives the same.
    const x0r = x[a];
    const x0i = x[a + 1];
    const x1r = x[a + quarter];
    const x1i = x[a + quarter + 1];
    const x2r = x[a + half];
    const x2i = x[a + half + 1];
    const x3r = x[a + threeQuarters];
    const x3i = x[a + threeQuarters + 1];
    const y0r = x[b];
    const y0i = x[b + 1];
    const y1r = x[b + quarter];
    const y1i = x[b + quarter + 1];
    const y2r = x[b + half];
    const y2i = x[b + half + 1];
    const y3r = x[b + threeQuarters];
    const y3i = x[b + threeQuarters + 1];
    const sacr = x0r + x2r;
    const saci = x0i + x2i;
    const dacr = x0r - x2r;
    const daci = x0i - x2i;
    const sbdr = x1r + x3r;
    const sbdi = x1i + x3i;
    const dbdr = x1r - x3r;
    const dbdi = x1i - x3i;
    const tacr = y0r + y2r;
    const taci = y0i + y2i;
    const eacr = y0r - y2r;
    const eaci = y0i - y2i;
    const tbdr = y1r + y3r;
    const tbdi = y1i + y3i;
    const ebdr = y1r - y3r;
    const ebdi = y1i - y3i;
    // An eighth of the circle further on the turn is (1 - i) / sqrt(2) times it, a quarter further -i times.
    const c = turns[a];
    const s = turns[a + 1];
    const d = Math.SQRT1_2 * (c + s);
    const t = Math.SQRT1_2 * (s - c);
    const k = a >> 1;
    const l = b >> 1;
    twoPowers(sacr + sbdr, saci + sbdi, eacr - ebdi, eaci + ebdr, c, s, power, k, l + 3 * step);
    twoPowers(dacr + dbdi, daci - dbdr, tacr - tbdr, taci - tbdi, d, t, power, k + step, l + 2 * step);
    twoPowers(sacr - sbdr, saci - sbdi, eacr + ebdi, eaci - ebdr, s, -c, power, k + 2 * step, l + step);
    twoPowers(dacr - dbdi, daci + dbdr, tacr + tbdr, taci + tbdi, t, -d, power, k + 3 * step, l);
  }
}

/** The butterfly at 0, whose outputs belong together with each other. */
function firstPowers(x: Float64Array, quarter: number, power: Float64Array): void {
  const sacr = x[0] + x[2 * quarter];
  const saci = x[1] + x[2 * quarter + 1];
  const dacr = x[0] - x[2 * quarter];
  const daci = x[1] - x[2 * quarter + 1];
  const sbdr = x[quarter] + x[3 * quarter];
  const sbdi = x[quarter + 1] + x[3 * quarter + 1];
  const dbdr = x[quarter] - x[3 * quarter];
  const dbdi = x[quarter + 1] - x[3 * quarter + 1];
  const step = quarter / 2;
  const zr = sacr + sbdr;
  const zi = saci + sbdi;
  power[0] = (zr + zi) * (zr + zi);
  power[4 * step] = (zr - zi) * (zr - zi);
  power[2 * step] = (sacr - sbdr) * (sacr - sbdr) + (saci - sbdi) * (saci - sbdi);
  const c = 0.5 * Math.SQRT1_2;
  twoPowers(dacr + dbdi, daci - dbdr, dacr - dbdi, daci + dbdr, c, -c, power, step, 3 * step);
}
