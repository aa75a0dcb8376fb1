// Reading a recording at another speed, for augmentation: a shorter filter than src/audio/resample.ts has, as a factor is
// drawn anew for every clip and its table is made for that clip alone.

/** Half the filter's length, in samples of the slower of the two rates. */
const HALF_WIDTH = 24;
/** The side lobes of this Kaiser window are 92 dB down. */
const BETA = 9.2;
/** Half-amplitude point in Nyquist frequencies of the slower rate: flat up to 0.82 of them, closed from 1.06 on. */
const CUTOFF = 0.94;
/** Steps of the sampled filter within a sample: lines between them are within 2e-6 of it. */
const STEPS = 1024;

let prototype: Float64Array | undefined;

/** The filter from its middle to its end, and two zeros. */
function sampledPrototype(): Float64Array {
  if (prototype !== undefined) return prototype;
  prototype = new Float64Array(HALF_WIDTH * STEPS + 2);
  for (let i = 0; i < HALF_WIDTH * STEPS; i++) {
    const edge = i / (HALF_WIDTH * STEPS);
    const angle = (Math.PI * CUTOFF * i) / STEPS;
    prototype[i] = (i === 0 ? 1 : Math.sin(angle) / angle) * besselI0(BETA * Math.sqrt(1 - edge * edge));
  }
  return prototype;
}

/** The modified Bessel function of the first kind and order zero, by its power series. */
function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-15; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}

/** Fills `out` with the samples at 0, down / up, 2 down / up, ...; outside of them there is silence. */
export function readAtSpeed(samples: Float32Array, up: number, down: number, out: Float32Array): void {
  const scale = Math.min(1, up / down);
  const half = Math.ceil(HALF_WIDTH / scale);
  const taps = 2 * half;
  const count = Math.min(up, out.length);
  const rows = filterRows(up, count, down, half, scale);
  const reach = Math.max(samples.length, Math.ceil((out.length * down) / up)) + half + 1;
  const padded = new Float64Array(half - 1 + reach);
  padded.set(samples, half - 1);
  for (let first = 0; first < count; first++) {
    // Outputs that are `up` apart share a row; four of them at once load every weight once.
    const row = first * taps;
    let at = Math.floor((first * down) / up);
    let n = first;
    for (; n + 3 * up < out.length; n += 4 * up, at += 4 * down) {
      let sum0 = 0;
      let sum1 = 0;
      let sum2 = 0;
      let sum3 = 0;
      const at1 = at + down;
      const at2 = at1 + down;
      const at3 = at2 + down;
      for (let k = 0; k < taps; k += 2) {
        const c = rows[row + k]!;
        const d = rows[row + k + 1]!;
        sum0 += c * padded[at + k]! + d * padded[at + k + 1]!;
        sum1 += c * padded[at1 + k]! + d * padded[at1 + k + 1]!;
        sum2 += c * padded[at2 + k]! + d * padded[at2 + k + 1]!;
        sum3 += c * padded[at3 + k]! + d * padded[at3 + k + 1]!;
      }
      out[n] = sum0;
      out[n + up] = sum1;
      out[n + 2 * up] = sum2;
      out[n + 3 * up] = sum3;
    }
    for (; n < out.length; n += up, at += down) {
      let sum = 0;
      for (let k = 0; k < taps; k += 2) {
        sum += rows[row + k]! * padded[at + k]! + rows[row + k + 1]! * padded[at + k + 1]!;
      }
      out[n] = sum;
    }
  }
}

/** [count, 2 half]: the filter for each of the first outputs; after `up` of them it comes around. Each row sums to 1. */
function filterRows(up: number, count: number, down: number, half: number, scale: number): Float64Array {
  const table = sampledPrototype();
  const taps = 2 * half;
  const rows = new Float64Array(count * taps);
  const end = HALF_WIDTH * STEPS;
  for (let n = 0; n < count; n++) {
    const fraction = ((n * down) % up) / up;
    let total = 0;
    for (let k = 0; k < taps; k++) {
      const place = Math.min(end, Math.abs(k - (half - 1) - fraction) * scale * STEPS);
      const at = Math.floor(place);
      const left = table[at]!;
      const value = left + (place - at) * (table[at + 1]! - left);
      rows[n * taps + k] = value;
      total += value;
    }
    for (let k = 0; k < taps; k++) rows[n * taps + k]! /= total;
  }
  return rows;
}
