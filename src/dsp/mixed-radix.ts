// A complex discrete Fourier transform for sizes made of small factors, after Stockham: every pass reads one array
// and writes another in sorted order, so nothing has to be permuted afterwards (Van Loan, Computational Frameworks for
// the Fast Fourier Transform, 1992, section 1.7).

/** A forward transform X[k] = sum x[n] exp(-2 pi i k n / size), over interleaved re, im, prepared for one size. */
export interface ComplexTransform {
  /** Leaves `input` as it is; `output` is another array. Allocates nothing. */
  run(input: Float64Array, output: Float64Array): void;
}

/** One pass: `stride` interleaved transforms of length `radix * m` become `radix * stride` of length `m`. */
export interface Pass {
  readonly radix: number;
  readonly m: number;
  readonly stride: number;
  /** For p in 0..m, for j in 1..radix: exp(-2 pi i p j / (radix * m)), interleaved. */
  readonly twiddles: Float64Array;
  /** exp(-2 pi i j / radix), interleaved, for the radices without a butterfly of their own. */
  readonly roots: Float64Array;
}

/** The factors of a size in the order of the passes: eights, odd primes, and last what is left of two, a 4 or a 2. */
export function radices(size: number): number[] {
  const factors: number[] = [];
  let rest = size;
  for (; rest % 8 === 0; rest /= 8) factors.push(8);
  const twos = rest % 4 === 0 ? 4 : rest % 2 === 0 ? 2 : 1;
  rest /= twos;
  for (let prime = 3; rest > 1; prime += 2) {
    for (; rest % prime === 0; rest /= prime) factors.push(prime);
  }
  if (twos > 1) factors.push(twos);
  return factors;
}

/** exp(-2 pi i j / size), with the angle reduced so that no accuracy is lost at large j. */
function root(j: number, size: number): [number, number] {
  const angle = (-2 * Math.PI * (j % size)) / size;
  return [Math.cos(angle), Math.sin(angle)];
}

/** The passes that transform `size` values, in their order. */
export function planPasses(size: number): Pass[] {
  const passes: Pass[] = [];
  let length = size;
  let stride = 1;
  for (const radix of radices(size)) {
    const m = length / radix;
    const twiddles = new Float64Array(2 * m * (radix - 1));
    for (let p = 0, at = 0; p < m; p++) {
      for (let j = 1; j < radix; j++, at += 2) twiddles.set(root(p * j, length), at);
    }
    const roots = new Float64Array(2 * radix);
    for (let j = 0; j < radix; j++) roots.set(root(j, radix), 2 * j);
    passes.push({ radix, m, stride, twiddles, roots });
    length = m;
    stride *= radix;
  }
  return passes;
}

/** A transform of a size >= 1. Its time grows with size times the sum of its prime factors. */
export class MixedRadix implements ComplexTransform {
  readonly #passes: readonly Pass[];
  readonly #work: Float64Array;

  constructor(size: number) {
    this.#passes = planPasses(size);
    this.#work = new Float64Array(2 * size);
  }

  run(input: Float64Array, output: Float64Array): void {
    const passes = this.#passes;
    if (passes.length === 0) output.set(input.subarray(0, 2));
    let from = input;
    for (let i = 0; i < passes.length; i++) {
      // The last pass has to end in `output`; the ones before it take turns.
      const to = (passes.length - i) % 2 === 1 ? output : this.#work;
      runPass(passes[i], from, to);
      from = to;
    }
  }
}

export function runPass(pass: Pass, from: Float64Array, to: Float64Array): void {
  if (pass.radix === 8) pass8(pass, from, to);
  else if (pass.radix === 4) pass4(pass, from, to);
  else if (pass.radix === 2) pass2(pass, from, to);
  else if (pass.radix === 5) pass5(pass, from, to);
  else passAny(pass, from, to);
}

function pass8({ m, stride, twiddles }: Pass, x: Float64Array, y: Float64Array): void {
  const block = 2 * stride;
  const eighth = block * m;
  for (let p = 0, t = 0; p < m; p++, t += 14) {
    const w1r = twiddles[t];
    const w1i = twiddles[t + 1];
    const w2r = twiddles[t + 2];
    const w2i = twiddles[t + 3];
    const w3r = twiddles[t + 4];
    const w3i = twiddles[t + 5];
    const w4r = twiddles[t + 6];
    const w4i = twiddles[t + 7];
    const w5r = twiddles[t + 8];
    const w5i = twiddles[t + 9];
    const w6r = twiddles[t + 10];
    const w6i = twiddles[t + 11];
    const w7r = twiddles[t + 12];
    const w7i = twiddles[t + 13];
    const end = block * (p + 1);
    for (let start = block * p, out = 8 * block * p; start < end; start += 2, out += 2) {
      let a = start;
      const x0r = x[a];
      const x0i = x[a + 1];
      a += eighth;
      const x1r = x[a];
      const x1i = x[a + 1];
      a += eighth;
      const x2r = x[a];
      const x2i = x[a + 1];
      a += eighth;
      const x3r = x[a];
      const x3i = x[a + 1];
      a += eighth;
      const x4r = x[a];
      const x4i = x[a + 1];
      a += eighth;
      const x5r = x[a];
      const x5i = x[a + 1];
      a += eighth;
      const x6r = x[a];
      const x6i = x[a + 1];
      a += eighth;
      const x7r = x[a];
      const x7i = x[a + 1];
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
      let o = out;
      y[o] = s02r + s13r;
      y[o + 1] = s02i + s13i;
      o += block;
      turn(y, o, e0r + e1r, e0i + e1i, w1r, w1i);
      o += block;
      turn(y, o, d02r + d13i, d02i - d13r, w2r, w2i);
      o += block;
      turn(y, o, g0r + g1i, g0i - g1r, w3r, w3i);
      o += block;
      turn(y, o, s02r - s13r, s02i - s13i, w4r, w4i);
      o += block;
      turn(y, o, e0r - e1r, e0i - e1i, w5r, w5i);
      o += block;
      turn(y, o, d02r - d13i, d02i + d13r, w6r, w6i);
      o += block;
      turn(y, o, g0r - g1i, g0i + g1r, w7r, w7i);
    }
  }
}

/** Comes last (m = 1), so nothing is turned. */
function pass4({ stride }: Pass, x: Float64Array, y: Float64Array): void {
  const quarter = 2 * stride;
  for (let a = 0; a < quarter; a += 2) {
    const b = a + quarter;
    const c = b + quarter;
    const d = c + quarter;
    const ar = x[a];
    const ai = x[a + 1];
    const br = x[b];
    const bi = x[b + 1];
    const cr = x[c];
    const ci = x[c + 1];
    const dr = x[d];
    const di = x[d + 1];
    const sacr = ar + cr;
    const saci = ai + ci;
    const dacr = ar - cr;
    const daci = ai - ci;
    const sbdr = br + dr;
    const sbdi = bi + di;
    const dbdr = br - dr;
    const dbdi = bi - di;
    y[a] = sacr + sbdr;
    y[a + 1] = saci + sbdi;
    y[b] = dacr + dbdi;
    y[b + 1] = daci - dbdr;
    y[c] = sacr - sbdr;
    y[c + 1] = saci - sbdi;
    y[d] = dacr - dbdi;
    y[d + 1] = daci + dbdr;
  }
}

/** Comes last (m = 1), so nothing is turned. */
function pass2({ stride }: Pass, x: Float64Array, y: Float64Array): void {
  const half = 2 * stride;
  for (let a = 0, b = half; a < half; a++, b++) {
    y[a] = x[a] + x[b];
    y[b] = x[a] - x[b];
  }
}

const COS_72 = 0.30901699437494745; // cos(2 pi / 5)
const COS_144 = -0.8090169943749475; // cos(4 pi / 5)
const SIN_72 = 0.9510565162951535; // sin(2 pi / 5)
const SIN_144 = 0.5877852522924731; // sin(4 pi / 5)

function pass5({ m, stride, twiddles }: Pass, x: Float64Array, y: Float64Array): void {
  const block = 2 * stride;
  const fifth = block * m;
  for (let p = 0, t = 0; p < m; p++, t += 8) {
    const end = block * (p + 1);
    for (let a = block * p, o = 5 * block * p; a < end; a += 2, o += 2) {
      const b = a + fifth;
      const c = b + fifth;
      const d = c + fifth;
      const e = d + fifth;
      const sber = x[b] + x[e];
      const sbei = x[b + 1] + x[e + 1];
      const dber = x[b] - x[e];
      const dbei = x[b + 1] - x[e + 1];
      const scdr = x[c] + x[d];
      const scdi = x[c + 1] + x[d + 1];
      const dcdr = x[c] - x[d];
      const dcdi = x[c + 1] - x[d + 1];
      y[o] = x[a] + sber + scdr;
      y[o + 1] = x[a + 1] + sbei + scdi;
      const u1r = x[a] + COS_72 * sber + COS_144 * scdr;
      const u1i = x[a + 1] + COS_72 * sbei + COS_144 * scdi;
      const u2r = x[a] + COS_144 * sber + COS_72 * scdr;
      const u2i = x[a + 1] + COS_144 * sbei + COS_72 * scdi;
      const v1r = SIN_72 * dber + SIN_144 * dcdr;
      const v1i = SIN_72 * dbei + SIN_144 * dcdi;
      const v2r = SIN_144 * dber - SIN_72 * dcdr;
      const v2i = SIN_144 * dbei - SIN_72 * dcdi;
      turn(y, o + block, u1r + v1i, u1i - v1r, twiddles[t], twiddles[t + 1]);
      turn(y, o + 2 * block, u2r + v2i, u2i - v2r, twiddles[t + 2], twiddles[t + 3]);
      turn(y, o + 3 * block, u2r - v2i, u2i + v2r, twiddles[t + 4], twiddles[t + 5]);
      turn(y, o + 4 * block, u1r - v1i, u1i + v1r, twiddles[t + 6], twiddles[t + 7]);
    }
  }
}

/** Any other radix: the definition, radix^2 products for each group of `radix` values. */
function passAny({ radix, m, stride, twiddles, roots }: Pass, x: Float64Array, y: Float64Array): void {
  const block = 2 * stride;
  const part = block * m;
  for (let p = 0; p < m; p++) {
    for (let q = 0; q < block; q += 2) {
      const a = block * p + q;
      const o = radix * block * p + q;
      for (let k = 0; k < radix; k++) {
        let r = x[a];
        let i = x[a + 1];
        for (let j = 1, at = a + part, w = 2 * k; j < radix; j++, at += part) {
          r += x[at] * roots[w] - x[at + 1] * roots[w + 1];
          i += x[at] * roots[w + 1] + x[at + 1] * roots[w];
          w += 2 * k;
          if (w >= 2 * radix) w -= 2 * radix;
        }
        const t = 2 * (p * (radix - 1) + k - 1);
        if (k > 0) turn(y, o + k * block, r, i, twiddles[t], twiddles[t + 1]);
        else {
          y[o] = r;
          y[o + 1] = i;
        }
      }
    }
  }
}

/** y[at] = (r + i i) (wr + wi i). */
export function turn(y: Float64Array, at: number, r: number, i: number, wr: number, wi: number): void {
  y[at] = r * wr - i * wi;
  y[at + 1] = r * wi + i * wr;
}
