import { besselI0 } from '../dsp/bessel.ts';

// Reading a recording between its samples, by a sinc under a Kaiser window (Smith, "Digital Audio Resampling",
// https://ccrma.stanford.edu/~jos/resample/): flat within 0.01 dB up to 0.85 of the Nyquist frequency.

/** Samples that one value between samples is made of: as many before as after it. */
export const TAPS = 32;
const HALF = TAPS / 2;
const BETA = 7.5;

/** The window in steps of 1 / STEPS of a sample from its middle to its end, and a zero: lines between are within 1e-7. */
const STEPS = 256;
let windowTable: Float64Array | undefined;

function sampledWindow(): Float64Array {
  if (windowTable === undefined) {
    windowTable = new Float64Array(HALF * STEPS + 2);
    for (let i = 0; i <= HALF * STEPS; i++) {
      const edge = i / (HALF * STEPS);
      windowTable[i] = besselI0(BETA * Math.sqrt(1 - edge * edge)) / besselI0(BETA);
    }
  }
  return windowTable;
}

/** The weights of x[i - 15] to x[i + 16] for the value at i + fraction, which lies in (0, 1); they sum to 1. */
function fractionalTaps(fraction: number, taps: Float64Array): void {
  const window = sampledWindow();
  // sin(pi (k - 15 - fraction)) changes nothing but its sign from tap to tap.
  let sine = Math.sin(Math.PI * fraction);
  let sum = 0;
  for (let k = 0; k < TAPS; k++) {
    const distance = k - (HALF - 1) - fraction;
    const place = Math.abs(distance) * STEPS;
    const at = Math.floor(place);
    const left = window[at]!;
    const tap = (sine / distance) * (left + (place - at) * (window[at + 1]! - left));
    taps[k] = tap;
    sum += tap;
    sine = -sine;
  }
  for (let k = 0; k < TAPS; k++) taps[k]! /= sum;
}

/**
 * The values at position, position + 1, ... into out[from] to before out[to]. `padded[start + i]` is sample i, and there
 * are enough zeros around the samples for all that is read.
 */
export function readBetween(
  padded: Float64Array,
  start: number,
  position: number,
  taps: Float64Array,
  out: Float32Array | Float64Array,
  from: number,
  to: number,
): void {
  const whole = Math.floor(position);
  const fraction = position - whole;
  if (fraction < 1e-9) {
    for (let i = from, at = start + whole; i < to; i++, at++) out[i] = padded[at]!;
    return;
  }
  fractionalTaps(fraction, taps);
  let at = start + whole - (HALF - 1);
  let i = from;
  // Four values at once: every weight and every sample is loaded once for the four.
  for (; i + 4 <= to; i += 4, at += 4) {
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    let x0 = padded[at]!;
    let x1 = padded[at + 1]!;
    let x2 = padded[at + 2]!;
    for (let k = 0; k < TAPS; k++) {
      const x3 = padded[at + k + 3]!;
      const tap = taps[k]!;
      sum0 += tap * x0;
      sum1 += tap * x1;
      sum2 += tap * x2;
      sum3 += tap * x3;
      x0 = x1;
      x1 = x2;
      x2 = x3;
    }
    out[i] = sum0;
    out[i + 1] = sum1;
    out[i + 2] = sum2;
    out[i + 3] = sum3;
  }
  for (; i < to; i++, at++) {
    let sum = 0;
    for (let k = 0; k < TAPS; k++) sum += taps[k]! * padded[at + k]!;
    out[i] = sum;
  }
}
