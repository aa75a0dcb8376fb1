import type { MelKernelSettings } from './mel-kernel.ts';

/** Greater prime factors take too long. */
const GREATEST_RADIX = 13;

/** The radices of the kernel's passes, in their order: fours, odd primes, and last a two; undefined for other sizes. */
export function kernelRadices(size: number): readonly number[] | undefined {
  const radices: number[] = [];
  let rest = size;
  for (; rest % 4 === 0; rest /= 4) radices.push(4);
  for (let prime = 3; prime <= GREATEST_RADIX; prime += 2) {
    for (; rest % prime === 0; rest /= prime) radices.push(prime);
  }
  if (rest % 2 === 0) {
    radices.push(2); // last, where it needs no twiddles
    rest /= 2;
  }
  return rest === 1 ? radices : undefined;
}

/** Where things lie in the kernel's memory, in bytes, and the bytes that it begins with. */
export interface Layout {
  /** Header and tables, from address 0 on. */
  readonly tables: Uint8Array;
  readonly input: number;
  readonly quads: number;
  readonly rows: number;
  readonly end: number;
  /** Frames that one call takes, a multiple of 4. */
  readonly framesAtOnce: number;
  /** Frames that the quads have room for, a multiple of framesAtOnce. */
  readonly framesKept: number;
}

/** A call takes about as many samples as this (64 kB), so that what it works on stays in the caches. */
const SAMPLES_AT_ONCE = 16384;
const MOST_FRAMES_AT_ONCE = 256;
/** Quads of a whole clip of some seconds stay where they are: 128k numbers. */
const KEPT = 131072;

const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);

/** The bits of a number in float32, as a word. */
function bits(value: number): number {
  float[0] = value;
  return word[0];
}

/** exp(-2 pi i power / size), as two words. */
function root(power: number, size: number): [number, number] {
  const angle = (-2 * Math.PI * (power % size)) / size;
  return [bits(Math.cos(angle)), bits(Math.sin(angle))];
}

/** Appends words at the next multiple of 16 bytes, and returns that address. */
function put(words: number[], more: readonly number[]): number {
  while (words.length % 4 !== 0) words.push(0);
  const at = 4 * words.length;
  for (const each of more) words.push(each);
  return at;
}

const COMPLEX = 32;
const HEADER_WORDS = 24;
const align = (at: number): number => Math.ceil(at / 64) * 64;

/** The words of assembly/mel-kernel.ts's header, and the tables that they point at. */
export function layOut(settings: MelKernelSettings, radices: readonly number[]): Layout {
  const { nFft, hopLength, window, mel, power, cosines } = settings;
  const half = nFft / 2;
  const nMels = mel.scales.length;
  const outputs = cosines?.outputs ?? 0;
  const folded = Math.ceil(nMels / 2);
  const words: number[] = new Array(HEADER_WORDS).fill(0);

  const padded = [...window, ...new Array<number>(-window.length & 3).fill(0)];
  const windowAt = put(words, padded.map(bits));
  const windowEnd = 4 * words.length;

  const plan: number[] = [];
  for (let i = 0, length = half; i < radices.length; i++) {
    const radix = radices[i];
    const m = length / radix;
    // A four has code of its own for j = 0, without twiddles; an odd radix makes its outputs q and radix - q together.
    const twiddles: number[] = [];
    const outputs = Array.from({ length: radix - 1 }, (_, i) => i + 1);
    if (radix % 2 === 1) outputs.sort((p, q) => Math.min(p, radix - p) - Math.min(q, radix - q) || p - q);
    for (let j = radix === 4 ? 1 : 0; j < m; j++) for (const q of outputs) twiddles.push(...root(j * q, length));
    const roots: number[] = [];
    for (let q = 1; 2 * q < radix; q++) for (let r = 1; 2 * r < radix; r++) roots.push(...root(q * r, radix));
    plan.push(radix, m * COMPLEX, put(words, twiddles), put(words, roots));
    length = m;
  }
  const planAt = put(words, [...plan, 0]);

  const slopes: number[] = [];
  const segments: number[] = [];
  for (let s = 0; s <= nMels; s++) {
    const { starts, rising, falling, scales } = mel;
    for (let k = starts[s]; k < starts[s + 1]; k++) slopes.push(bits(rising[k]), bits(falling[k]));
    // The kernel's powers are four times the bins' powers, its magnitudes twice.
    const scale = s === 0 ? 0 : scales[s - 1] * (power === 2 ? 0.25 : 0.5);
    segments.push(8 * (starts[s + 1] - starts[s]), bits(scale));
  }
  const slopesAt = put(words, slopes);
  const segmentsAt = put(words, segments);
  const segmentsEnd = 4 * words.length;

  // For every four coefficients, for every pair of bands, a cosine of each.
  const table: number[] = [];
  for (let k = 0; k < outputs; k += 4) {
    for (let n = 0; n < folded; n++) {
      for (let i = k; i < k + 4; i++) table.push(bits(i < outputs ? cosines!.table[i * folded + n] : 0));
    }
  }
  const tableAt = put(words, table);

  // The bins k and half - k of the real signal come from the same two numbers of the transform.
  const pairs = Math.floor(half / 2) + 1;
  const pairsAt = put(words, new Array(4 * pairs).fill(0));
  const pairsEnd = 4 * words.length;
  const z = align(4 * words.length);
  const zEnd = z + half * COMPLEX;
  const places = positions(radices, half);
  for (let k = 0; k < pairs; k++) {
    const [re, im] = root(k, nFft);
    const other = (half - k) % half;
    for (const [i, each] of [z + places[k] * COMPLEX, z + places[other] * COMPLEX, re, im].entries()) {
      words[pairsAt / 4 + 4 * k + i] = each;
    }
  }

  const framesAtOnce = Math.min(MOST_FRAMES_AT_ONCE, Math.max(4, 4 * Math.floor(SAMPLES_AT_ONCE / (4 * hopLength))));
  const framesKept = framesAtOnce * Math.max(1, Math.floor(KEPT / (nMels * framesAtOnce)));
  const powers = align(zEnd);
  const foldedAt = align(powers + (half + 1) * 16);
  const foldedEnd = foldedAt + folded * COMPLEX;
  // Passes of an odd radix use that area, too.
  const input = align(Math.max(foldedEnd, foldedAt + GREATEST_RADIX * COMPLEX));
  const quads = align(input + 4 * ((framesAtOnce - 1) * hopLength + padded.length));
  const rows = align(quads + 4 * framesKept * nMels);
  const end = align(rows + 4 * framesAtOnce * Math.max(nMels, outputs));
  const header = [
    ...[4 * hopLength, z, windowAt, windowEnd, zEnd, planAt, pairsAt, pairsEnd, powers, powers + half * 16],
    ...[powers + mel.starts[0] * 16, slopesAt, segmentsAt, segmentsEnd],
    ...[bits(settings.least), bits(settings.factor), bits(settings.term)],
    ...[nMels * 16, power === 1 ? 1 : 0, outputs * 4, foldedAt, foldedEnd, tableAt],
  ];
  for (const [i, each] of header.entries()) words[i] = each;
  return { tables: new Uint8Array(Uint32Array.from(words).buffer), input, quads, rows, end, framesAtOnce, framesKept };
}

/** Where the kernel's transform, decimated in frequency, leaves each of its outputs. */
function positions(radices: readonly number[], size: number): Int32Array {
  const places = new Int32Array(size);
  for (let place = 0; place < size; place++) {
    let k = 0;
    let rest = place;
    let length = size;
    let weight = 1;
    for (const radix of radices) {
      length /= radix;
      k += weight * Math.floor(rest / length);
      rest %= length;
      weight *= radix;
    }
    places[k] = place;
  }
  return places;
}
