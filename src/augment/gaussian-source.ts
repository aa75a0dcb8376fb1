import { createRandom, type Random } from '../core/random.ts';
import { portableExp, portableLog } from './portable-math.ts';

/** How many strips of one area the bell curve exp(-x^2 / 2), x >= 0, is cut into. */
const STRIPS = 256;
/** Where the lowest strip's tail begins, and the area of each strip (Marsaglia and Tsang 2000). */
const TAIL = 3.6541528853610088;
const AREA = 0.00492867323399;
/** 24 bits with a sign, to (-1, 1). */
const STEP = 2 ** -23;

/** Each strip's width times STEP; how much of it lies under the curve whatever the height; and the heights. */
const WIDTH = new Float64Array(STRIPS + 1);
const INSIDE = new Float64Array(STRIPS);
const HEIGHT = new Float64Array(STRIPS + 1);

function makeTables(): void {
  const bell = (x: number): number => portableExp(-0.5 * x * x);
  const edges = new Float64Array(STRIPS + 1);
  edges[0] = AREA / bell(TAIL);
  edges[1] = TAIL;
  for (let i = 2; i < STRIPS; i++) {
    edges[i] = Math.sqrt(-2 * portableLog(AREA / edges[i - 1]! + bell(edges[i - 1]!)));
  }
  for (let i = 0; i <= STRIPS; i++) {
    WIDTH[i] = edges[i]! * STEP;
    HEIGHT[i] = bell(edges[i]!);
  }
  for (let i = 0; i < STRIPS; i++) INSIDE[i] = edges[i + 1]!;
}

/**
 * Normal numbers of mean 0 and deviation 1, as float32, by the thousand: the ziggurat method (Marsaglia and Tsang, "The
 * ziggurat method for generating random variables", 2000), with a strip and a place of separate bits (Doornik 2005), over
 * sfc32 as createRandom has it. One seed gives the same bits on every engine. Never 0: a number always has a power.
 */
export class GaussianSource {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  /** For the one number in a hundred that a strip does not decide. */
  readonly #rare: Random;

  constructor(seed: number) {
    if (WIDTH[0] === 0) makeTables();
    const random = createRandom(seed);
    const word = (): number => (random() * 2 ** 32) | 0;
    this.#a = word();
    this.#b = word();
    this.#c = word();
    this.#rare = createRandom((word() >>> 0) + 2 ** 32);
  }

  /** Fills out[begin] to out[end - 1] with the next numbers. */
  fill(out: Float32Array, begin: number, end: number): void {
    // |0 tells V8 that they are 32-bit integers from the first turn on.
    let a = this.#a | 0;
    let b = this.#b | 0;
    let c = this.#c | 0;
    let counter = this.#counter | 0;
    for (let i = begin; i < end; i++) {
      const t = (a + b + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + t) | 0;
      const strip = t & (STRIPS - 1);
      const place = (t >> 8) + 0.5;
      const x = place * WIDTH[strip]!;
      out[i] = Math.abs(x) < INSIDE[strip]! ? x : this.#undecided(strip, x);
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#counter = counter;
  }

  /** x where a point at a random height of its strip lies under the curve; and else another number. */
  #undecided(strip: number, x: number): number {
    let s = strip;
    let at = x;
    for (;;) {
      if (Math.abs(at) < INSIDE[s]!) return at;
      if (s === 0) return this.#tail(at < 0);
      const low = HEIGHT[s]!;
      if (low + this.#rare() * (HEIGHT[s + 1]! - low) < portableExp(-0.5 * at * at)) return at;
      const word = (this.#rare() * 2 ** 32) | 0;
      s = word & (STRIPS - 1);
      at = ((word >> 8) + 0.5) * WIDTH[s]!;
    }
  }

  /** Beyond TAIL (Marsaglia 1964). */
  #tail(negative: boolean): number {
    for (;;) {
      const x = -portableLog(1 - this.#rare()) / TAIL;
      const y = -portableLog(1 - this.#rare());
      if (2 * y >= x * x) return negative ? -(TAIL + x) : TAIL + x;
    }
  }
}
