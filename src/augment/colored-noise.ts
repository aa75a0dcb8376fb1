import { GaussianSource } from './gaussian-source.ts';

export type NoiseColor = 'white' | 'pink' | 'brown';

/** Below this, in Hz, pink and brown noise fall off (3 dB down here, nothing at 0 Hz), so that they do not drift. */
const LOWEST_HZ = 20;
/** Where the first pole of pink noise lies, in Hz. */
const FIRST_POLE_HZ = 2.5;
/** From a pole to its zero, and from there to the next pole: one octave each, which ripples by 0.1 dB. */
const SPACING = 2;
/** How long the filters run before the first sample: by then they have forgotten that they began, and power is steady. */
const WARM_UP_SEC = 0.15;
const LONGEST_WARM_UP = 2 ** 16;
const BLOCK = 2048;

/*
 * Filters are designed over s = 2 sin(w / 2), w = 2 pi f / sampleRate, in which one zero or pole is exact:
 * |1 - z e^-jw|^2 = z (c^2 + s^2) with z + 1/z = 2 + c^2. What is a power of s is turned into one of w by one more section,
 * (1 - b s^2) / (1 - d s^2), fitted up to 0.97 of the Nyquist frequency: 1/f^2 within 0.12 dB up to 0.9 of it, 1/f 0.06 dB.
 */
const WARP: Readonly<Record<'pink' | 'brown', readonly [b: number, d: number]>> = {
  pink: [0.18148481, 0.14920785],
  brown: [0.19404952, 0.12865246],
};

/** The z that belongs to a corner c. */
const cornerToZ = (c: number): number => (2 + c * c - c * Math.sqrt(c * c + 4)) / 2;
/** The z of |1 - z e^-jw|^2 ~ 1 - b s^2, which is below 0. */
const slopeToZ = (b: number): number => -(1 - 2 * b - Math.sqrt(1 - 4 * b)) / (2 * b);

/**
 * Noise of mean power near 1 if white, and of some power else: all that matters is its spectrum, as whoever adds it measures
 * its power. Power per Hz is flat (white), ~ 1/f (pink, -3.01 dB an octave) or ~ 1/f^2 (brown, -6.02 dB an octave).
 */
export function coloredNoise(
  color: NoiseColor,
  length: number,
  sampleRate: number,
  seed: number,
): Float32Array<ArrayBuffer> {
  const source = new GaussianSource(seed);
  const out = new Float32Array(length);
  if (color === 'white') {
    for (let at = 0; at < length; at += BLOCK) source.fill(out, at, Math.min(at + BLOCK, length));
    return out;
  }
  const filters = filtersOf(color, sampleRate);
  const warmUp = Math.min(LONGEST_WARM_UP, Math.ceil(WARM_UP_SEC * sampleRate));
  const [lowCut, ...shape] = filters;
  const white = new Float32Array(BLOCK);
  const block = new Float64Array(BLOCK);
  for (let at = -warmUp; at < length; at += BLOCK) {
    const count = Math.min(BLOCK, length - at);
    source.fill(white, 0, count);
    lowCut.run(white, block, count);
    for (const sections of shape) sections.run(block, count);
    if (at + count > 0) out.set(block.subarray(Math.max(0, -at), count), Math.max(0, at));
  }
  return out;
}

function filtersOf(color: 'pink' | 'brown', sampleRate: number): readonly [LowCut, ...Sections[]] {
  const corner = (hz: number): number => (2 * Math.PI * hz) / sampleRate;
  const [b, d] = WARP[color];
  const zeros = [slopeToZ(b)];
  const poles = [slopeToZ(d)];
  if (color === 'pink') {
    // Up to a pair beyond s = 2, the Nyquist frequency.
    for (let c = corner(FIRST_POLE_HZ); c < 2 * SPACING ** 2; c *= SPACING ** 2) {
      poles.push(cornerToZ(c));
      zeros.push(cornerToZ(c * SPACING));
    }
  }
  const filters: [LowCut, ...Sections[]] = [new LowCut(corner(LOWEST_HZ), color === 'pink' ? 2 : 1)];
  for (let i = 0; i < poles.length; i += 4) filters.push(new Sections(zeros.slice(i, i + 4), poles.slice(i, i + 4)));
  return filters;
}

/** Four times (1 - z D) / (1 - p D), D a delay of one sample; nothing where z = p = 0. In one loop, so that they overlap. */
class Sections {
  readonly #zeros: readonly number[];
  readonly #poles: readonly number[];
  /** The last input of the first, and the last outputs. */
  readonly #last = new Float64Array(5);

  constructor(zeros: readonly number[], poles: readonly number[]) {
    this.#zeros = zeros;
    this.#poles = poles;
  }

  run(block: Float64Array, count: number): void {
    const [z0 = 0, z1 = 0, z2 = 0, z3 = 0] = this.#zeros;
    const [p0 = 0, p1 = 0, p2 = 0, p3 = 0] = this.#poles;
    const last = this.#last;
    let x = last[0]!;
    let y0 = last[1]!;
    let y1 = last[2]!;
    let y2 = last[3]!;
    let y3 = last[4]!;
    for (let i = 0; i < count; i++) {
      const u = block[i]!;
      const v0 = u - z0 * x + p0 * y0;
      const v1 = v0 - z1 * y0 + p1 * y1;
      const v2 = v1 - z2 * y1 + p2 * y2;
      y3 = v2 - z3 * y2 + p3 * y3;
      x = u;
      y0 = v0;
      y1 = v1;
      y2 = v2;
      block[i] = y3;
    }
    last.set([x, y0, y1, y2, y3]);
  }
}

/**
 * |H|^2 = s^(2 order) / (s^4 + c^4), of order 1 or 2: Butterworth's high-pass, and with order 1 over s, brown noise.
 * Poles: 1 + a1 D + a2 D^2 with a2 = g^2, a1 = -4 g^2 / (1 + g^2), g + 1/g = u, u^2 - c^2 u - 4 = 0.
 */
class LowCut {
  readonly #a1: number;
  readonly #a2: number;
  readonly #second: boolean;
  readonly #last = new Float64Array(4);

  constructor(corner: number, order: 1 | 2) {
    const square = corner * corner;
    const u = (square + Math.sqrt(square * square + 16)) / 2;
    const g = (u - corner * Math.sqrt(u)) / 2;
    this.#a2 = g * g;
    this.#a1 = (-4 * g * g) / (1 + g * g);
    this.#second = order === 2;
  }

  run(input: Float32Array, output: Float64Array, count: number): void {
    const a1 = this.#a1;
    const a2 = this.#a2;
    const n1 = this.#second ? -2 : -1;
    const n2 = this.#second ? 1 : 0;
    const last = this.#last;
    let x1 = last[0]!;
    let x2 = last[1]!;
    let y1 = last[2]!;
    let y2 = last[3]!;
    for (let i = 0; i < count; i++) {
      const x = input[i]!;
      const y = x + n1 * x1 + n2 * x2 - a2 * y2 - a1 * y1;
      x2 = x1;
      x1 = x;
      y2 = y1;
      y1 = y;
      output[i] = y;
    }
    last.set([x1, x2, y1, y2]);
  }
}
