/** A filter of second order: y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2]. Of first order: b2 = a2 = 0. */
export interface Biquad {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
}

/** So many samples are filtered between two looks at the states. */
const BLOCK = 1024;

/** What a state is not told apart from 0 below: numbers under 1e-308, towards which it decays in silence, are slow. */
const NOTHING = 1e-100;

/**
 * Filters samples in place by sections, one after another, from rest: before the first sample there is silence.
 * Transposed direct form II in float64, as scipy.signal.sosfilt. Two sections go through the samples at once: the
 * second one's sums fill the time in which the first waits for its own.
 */
export function filterBiquads(sections: readonly Biquad[], samples: Float64Array): void {
  for (let i = 0; i < sections.length; i += 2) {
    if (i + 1 < sections.length) filterTwo(sections[i]!, sections[i + 1]!, samples);
    else filterOne(sections[i]!, samples);
  }
}

function filterOne({ b0, b1, b2, a1, a2 }: Biquad, samples: Float64Array): void {
  let s = 0;
  let t = 0;
  for (let start = 0; start < samples.length; start += BLOCK) {
    const end = Math.min(samples.length, start + BLOCK);
    for (let i = start; i < end; i++) {
      const x = samples[i]!;
      const y = b0 * x + s;
      s = b1 * x + t - a1 * y;
      t = b2 * x - a2 * y;
      samples[i] = y;
    }
    if (Math.abs(s) + Math.abs(t) < NOTHING) s = t = 0;
  }
}

function filterTwo(first: Biquad, second: Biquad, samples: Float64Array): void {
  const { b0, b1, b2, a1, a2 } = first;
  const { b0: d0, b1: d1, b2: d2, a1: c1, a2: c2 } = second;
  let s = 0;
  let t = 0;
  let u = 0;
  let v = 0;
  for (let start = 0; start < samples.length; start += BLOCK) {
    const end = Math.min(samples.length, start + BLOCK);
    for (let i = start; i < end; i++) {
      const x = samples[i]!;
      const y = b0 * x + s;
      s = b1 * x + t - a1 * y;
      t = b2 * x - a2 * y;
      const z = d0 * y + u;
      u = d1 * y + v - c1 * z;
      v = d2 * y - c2 * z;
      samples[i] = z;
    }
    if (Math.abs(s) + Math.abs(t) < NOTHING) s = t = 0;
    if (Math.abs(u) + Math.abs(v) < NOTHING) u = v = 0;
  }
}
