import { HALF_WIDTH, STEPS, sampledPrototype } from '../audio/resample-filter.ts';

/** Rows of the table, for places between two inputs; lines between rows are within 1e-5 of the filter. */
const PLACES = 512;

/**
 * `length` samples, the n-th of them what the input is at place n * step: any step, also one that is no small fraction,
 * fast enough to be drawn anew for every clip. The filter is resample()'s, of half the length: a windowed sinc that closes
 * at half the lower of the two rates, so nothing folds back where step > 1. Beyond the input there is silence.
 */
export function resampleBy(samples: Float32Array, step: number, length: number): Float32Array<ArrayBuffer> {
  const scale = Math.min(1, 1 / step);
  const half = Math.ceil(HALF_WIDTH / scale);
  const taps = 2 * half;
  const rows = filterRows(scale, half);
  // Zeros on both sides, so that the loop knows no ends.
  const needed = Math.ceil(step * Math.max(0, length - 1)) + 2;
  const padded = new Float64Array(Math.max(samples.length, needed) + taps + 2);
  padded.set(samples, half - 1);
  const out = new Float32Array(length);
  for (let n = 0; n < length; n++) {
    const place = n * step;
    const at = Math.floor(place);
    const within = (place - at) * PLACES;
    const row = Math.floor(within);
    const share = within - row;
    let early = 0;
    let late = 0;
    let h = row * taps;
    for (let i = at; i < at + taps; i += 2, h += 2) {
      const x = padded[i]!;
      const y = padded[i + 1]!;
      early += rows[h]! * x + rows[h + 1]! * y;
      late += rows[h + taps]! * x + rows[h + taps + 1]! * y;
    }
    out[n] = early + share * (late - early);
  }
  return out;
}

/** Row p holds the filter for outputs p / PLACES after an input; one row more than places, for lines to end at. */
function filterRows(scale: number, half: number): Float64Array {
  const prototype = sampledPrototype();
  const taps = 2 * half;
  const rows = new Float64Array((PLACES + 1) * taps);
  const last = HALF_WIDTH * STEPS;
  for (let p = 0, i = 0; p <= PLACES; p++) {
    for (let tap = 0; tap < taps; tap++, i++) {
      const at = Math.abs(scale * (tap - half + 1 - p / PLACES)) * STEPS;
      if (at >= last) continue;
      const whole = Math.floor(at);
      const left = prototype[whole]!;
      rows[i] = scale * (left + (at - whole) * (prototype[whole + 1]! - left));
    }
  }
  return rows;
}
