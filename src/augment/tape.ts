import { outputsByTable } from '../audio/resample-outputs.ts';
import { besselI0 } from '../dsp/bessel.ts';

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

/** Fills `out` with the samples at 0, down / up, 2 down / up, ...; outside of them there is silence. */
export function readAtSpeed(samples: Float32Array, up: number, down: number, out: Float32Array): void {
  const scale = Math.min(1, up / down);
  const half = Math.ceil(HALF_WIDTH / scale);
  const reach = Math.max(samples.length, Math.ceil((out.length * down) / up)) + half + 1;
  const padded = new Float64Array(half - 1 + reach);
  padded.set(samples, half - 1);
  const rows = filterRows(up, Math.min(up, out.length), down, half, scale);
  outputsByTable(up, down, { taps: 2 * half, before: half - 1, rows }).compute(padded, 1 - half, 0, out.length, out);
}

/** [up, 2 half], by phase: the filter for each of the first `count` outputs; after `up` of them it comes around. */
function filterRows(up: number, count: number, down: number, half: number, scale: number): Float64Array {
  const rows = new Float64Array(2 * half * up);
  for (let n = 0; n < count; n++) {
    const phase = (n * down) % up;
    fillRow(rows, 2 * half * phase, half, phase / up, scale);
  }
  return rows;
}

/** The filter for an output that lies `fraction` after an input. Each row sums to 1. */
function fillRow(rows: Float64Array, row: number, half: number, fraction: number, scale: number): void {
  const table = sampledPrototype();
  const taps = 2 * half;
  const end = HALF_WIDTH * STEPS;
  let total = 0;
  for (let k = 0; k < taps; k++) {
    const place = Math.min(end, Math.abs(k - (half - 1) - fraction) * scale * STEPS);
    const at = Math.floor(place);
    const left = table[at]!;
    const value = left + (place - at) * (table[at + 1]! - left);
    rows[row + k] = value;
    total += value;
  }
  for (let k = 0; k < taps; k++) rows[row + k]! /= total;
}
