import { quote, SerKitError } from './errors.ts';

/** A source of numbers in [0, 1). Everything random in ser-kit takes one, or a seed. */
export type Random = () => number;

/** Mixes one 32-bit word into another; the finalizer of MurmurHash3 (Appleby, public domain). */
function mix32(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * A seeded source of uniform numbers in [0, 1), in steps of 2^-32. The same seed gives the same numbers on every
 * engine and machine. Algorithm: sfc32 (Doty-Humphrey, PractRand), seeded through MurmurHash3's finalizer.
 *
 * @param seed  a whole number from 0 to 2^53 - 1
 * @example
 * const random = createRandom(1);
 * random(); // always the same first number
 */
export function createRandom(seed: number): Random {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new SerKitError('bad-option', `createRandom: seed expected a whole number >= 0, got ${quote(seed)}`);
  }
  const low = seed >>> 0;
  const high = Math.floor(seed / 0x1_0000_0000) >>> 0;
  let a = mix32(low ^ 0x9e3779b9);
  let b = mix32(high ^ 0x243f6a88);
  let c = mix32(low ^ Math.imul(high, 31) ^ 0xb7e15162);
  let counter = 1;
  const next = (): number => {
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  return () => next() / 0x1_0000_0000;
}

/**
 * A seed for one purpose, derived from a master seed and names or numbers that tell the purpose apart, so that
 * streams do not depend on the order in which they are asked for: `deriveSeed(seed, 'shuffle', epoch)`.
 */
export function deriveSeed(seed: number, ...purpose: readonly (string | number)[]): number {
  let h = mix32((seed >>> 0) ^ mix32(Math.floor(seed / 0x1_0000_0000) + 0x7f4a7c15));
  for (const part of purpose) {
    const text = String(part);
    for (let i = 0; i < text.length; i++) h = mix32(h ^ Math.imul(text.charCodeAt(i) + 1, 0x01000193));
    h = mix32(h + 0x3c6ef372);
  }
  return h;
}

/** A normal number of mean 0 and deviation 1 (Box and Muller 1958; one of the pair is dropped). */
export function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A new array with the items in random order (Fisher and Yates); the input is left as it is. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const out = items.slice();
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const kept = out[i] as T;
    out[i] = out[j] as T;
    out[j] = kept;
  }
  return out;
}
