import { parabolaPlace } from '../../dsp/parabola.ts';
import { MARGIN } from './yin-difference.ts';

/** Lags that take part in the similarity between two of them. */
const TAPS = 2 * MARGIN - 1;

/** Between two lags the similarity is known at this many places. */
const STEPS = 8;

/** How far, in samples, a peak may lie from where it is looked for, beside a share of the period. */
const REACH = 2;
const REACH_SHARE = 0.03;

/**
 * table[(m + STEPS) * TAPS + i]: what the lag peak - MARGIN + 1 + i weighs at peak + m / STEPS: a sinc under a Hann
 * window, which restores a band-limited sequence between its values; and corrected so that parabolas come out exactly,
 * since low tones have peaks so flat that the ripple of the window, 1e-3, would move them by 0.4 %.
 */
function sincTable(): Float64Array {
  const table = new Float64Array((2 * STEPS + 1) * TAPS);
  for (let m = -STEPS; m <= STEPS; m++) {
    const distances = Float64Array.from({ length: TAPS }, (_, i) => i - MARGIN + 1 - m / STEPS);
    const window = distances.map((x) => 0.5 + 0.5 * Math.cos((Math.PI * x) / MARGIN));
    const weights = distances.map((x, i) => (x === 0 ? 1 : (Math.sin(Math.PI * x) / (Math.PI * x)) * window[i]));
    correct(weights, distances, window);
    table.set(weights, (m + STEPS) * TAPS);
  }
  return table;
}

/** Changes weights, in proportion to a window, so that sum weights p(distances) = p(0) for parabolas p. */
function correct(weights: Float64Array, distances: Float64Array, window: Float64Array): void {
  // Polynomials that are orthogonal under the window can be set right one after the other.
  const inner = (p: Float64Array, q: Float64Array): number => p.reduce((sum, x, i) => sum + window[i] * x * q[i], 0);
  const done: { readonly p: Float64Array; readonly atZero: number }[] = [];
  for (let degree = 0; degree <= 2; degree++) {
    let p = distances.map((x) => x ** degree);
    let atZero = degree === 0 ? 1 : 0;
    for (const other of done) {
      const part = inner(p, other.p) / inner(other.p, other.p);
      p = p.map((x, i) => x - part * other.p[i]);
      atZero -= part * other.atZero;
    }
    const error = weights.reduce((sum, w, i) => sum + w * p[i], 0) - atZero;
    const norm = inner(p, p);
    for (let i = 0; i < TAPS; i++) weights[i] -= (error * window[i] * p[i]) / norm;
    done.push({ p, atZero });
  }
}

/**
 * Finds the peak of the similarity nearest to a period, between the lags: a parabola alone is up to 1 % off where a
 * period is short and its harmonics many, so the lags around are interpolated first. Calls allocate nothing.
 */
export class PeriodRefiner {
  /** The similarity at the period found last; 0 where there is no peak. */
  similarity = 0;
  readonly #table = sincTable();

  /** The period in samples, or `near` itself where no peak lies close by. */
  refine(similarity: Float64Array, near: number): number {
    const maxLag = similarity.length - MARGIN;
    const start = Math.max(1, Math.min(maxLag, Math.round(near)));
    const reach = REACH + REACH_SHARE * near;
    let peak = start;
    while (peak < maxLag && similarity[peak + 1] > similarity[peak] && peak - start < reach) peak++;
    while (peak > 1 && similarity[peak - 1] > similarity[peak] && start - peak < reach) peak--;
    const here = similarity[peak];
    const before = similarity[peak - 1];
    const after = similarity[peak + 1];
    // What is as alike as its neighbours, but no more than they are, drifts or steps: nothing there repeats itself.
    this.similarity = 0;
    if (!(here >= before && here >= after && (here > before || here > after))) return near;
    const around = Math.round(parabolaPlace(before, here, after) * STEPS);
    // The three finer places around the parabola's peak; a step further where the peak is not the middle one.
    let m = Math.max(1 - STEPS, Math.min(STEPS - 1, around));
    let left = this.#at(similarity, peak, m - 1);
    let middle = this.#at(similarity, peak, m);
    let right = this.#at(similarity, peak, m + 1);
    while (left > middle && m > 1 - STEPS) {
      m--;
      right = middle;
      middle = left;
      left = this.#at(similarity, peak, m - 1);
    }
    while (right > middle && m < STEPS - 1) {
      m++;
      left = middle;
      middle = right;
      right = this.#at(similarity, peak, m + 1);
    }
    this.similarity = middle;
    return peak + (m + parabolaPlace(left, middle, right)) / STEPS;
  }

  #at(similarity: Float64Array, peak: number, m: number): number {
    const table = this.#table;
    const row = (m + STEPS) * TAPS;
    const first = peak - MARGIN + 1;
    let sum = 0;
    // The similarity of a lag and of its negative are the same.
    for (let i = 0; i < TAPS; i++) sum += table[row + i] * similarity[Math.abs(first + i)];
    return sum;
  }
}
