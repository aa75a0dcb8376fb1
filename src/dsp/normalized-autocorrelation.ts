import { Autocorrelation } from './autocorrelation.ts';
import { parabolaPlace } from './parabola.ts';

/** Samples on either side that take part in the value between two lags. */
const DEPTH = 30;

/** How far below the best a peak may lie and still prove to be the best: by a parabola, and by one interpolation there. */
const CLOSE = [0.5, 0.1] as const;

/**
 * The normalized autocorrelation of windowed frames, after Boersma 1993 ("Accurate short-term analysis of the
 * fundamental frequency and the harmonics-to-noise ratio of a sampled sound"): the autocorrelation of the frame, less
 * its mean and times the window, divided by the window's own, both 1 at lag 0. So a periodic frame has 1 at its period
 * whatever the window, and the value there is the periodic share of its power. Methods allocate nothing.
 */
export class NormalizedAutocorrelation {
  /** The lag of the last best(), in samples; 0 where it found no peak. */
  lag = 0;
  /** The autocorrelation there, from 0 to 1. */
  strength = 0;
  readonly #window: Float64Array;
  readonly #weight: number;
  readonly #raw: Autocorrelation;
  /** 1 / (the window's autocorrelation), and the quotient, both from lag 0 up to the last that interpolation touches. */
  readonly #inverse: Float64Array;
  readonly #r: Float64Array;
  /** What the peaks at whole lags are worth, roughly. */
  readonly #worths: Float64Array;

  constructor(window: Float64Array, maxLag: number) {
    const lags = Math.min(window.length - 1, Math.ceil(maxLag) + DEPTH + 2) + 1;
    this.#window = window;
    this.#weight = window.reduce((sum, w) => sum + w, 0);
    this.#raw = new Autocorrelation(window.length, lags - 1);
    this.#r = new Float64Array(lags);
    this.#worths = new Float64Array(lags);
    const { frame, values } = this.#raw;
    frame.set(window);
    this.#raw.run();
    this.#inverse = values.map((value) => values[0] / value);
  }

  /** Takes the frame that begins at samples[first]; false where it is constant, which has no autocorrelation. */
  load(samples: Float32Array, first: number): boolean {
    const window = this.#window;
    const { frame, values } = this.#raw;
    let sum = 0;
    let whole = 0;
    for (let n = 0; n < window.length; n++) {
      const value = window[n] * samples[first + n];
      sum += value;
      whole += value * value;
      frame[n] = value;
    }
    if (whole === 0) return false;
    const mean = sum / this.#weight;
    for (let n = 0; n < window.length; n++) frame[n] -= mean * window[n];
    this.#raw.run();
    // What is left of a constant frame is rounding.
    if (!(values[0] > 1e-24 * whole)) return false;
    for (let n = 0; n < this.#r.length; n++) this.#r[n] = (values[n] / values[0]) * this.#inverse[n];
    return true;
  }

  /**
   * Finds the highest peak between two lags and leaves it in `lag` and `strength`.
   *
   * @param octaveCost  what a peak loses for every octave that it lies below 1 sample, so that of equal peaks at a period
   *   and at its multiples the first wins
   */
  best(minLag: number, maxLag: number, octaveCost: number): void {
    const r = this.#r;
    const from = Math.max(1, Math.ceil(minLag));
    const to = Math.min(r.length - 2, Math.floor(maxLag));
    const worths = this.#worths;
    let rough = Number.NEGATIVE_INFINITY;
    for (let n = from; n <= to; n++) {
      worths[n] = isPeak(r, n) ? parabolaTop(r, n) - octaveCost * Math.log2(n) : Number.NEGATIVE_INFINITY;
      rough = Math.max(rough, worths[n]);
    }
    // Near half the rate a parabola through three lags is far off in height, less so in place.
    let better = Number.NEGATIVE_INFINITY;
    for (let n = from; n <= to; n++) {
      if (!isPeak(r, n)) continue;
      const close = worths[n] >= rough - CLOSE[0];
      const place = n + parabolaPlace(r[n - 1], r[n], r[n + 1]);
      worths[n] = close ? this.at(place) - octaveCost * Math.log2(n) : Number.NEGATIVE_INFINITY;
      better = Math.max(better, Math.min(1, worths[n]));
    }
    let highest = Number.NEGATIVE_INFINITY;
    this.lag = 0;
    this.strength = 0;
    for (let n = from; n <= to; n++) {
      if (worths[n] < better - CLOSE[1]) continue;
      const lag = Math.max(minLag, Math.min(maxLag, this.#summit(n)));
      const strength = this.#strengthAt(lag);
      const worth = strength - octaveCost * Math.log2(lag);
      if (worth <= highest) continue;
      highest = worth;
      this.lag = lag;
      this.strength = strength;
    }
  }

  /**
   * Finds the peaks between two lags that are at least as high as told, and gives how many; `lags` and `strengths` are
   * filled, the highest peaks where they are more than there is room for, in no order.
   */
  peaks(minLag: number, maxLag: number, least: number, lags: Float64Array, strengths: Float64Array): number {
    const r = this.#r;
    const to = Math.min(r.length - 2, Math.floor(maxLag));
    let found = 0;
    for (let n = Math.max(1, Math.ceil(minLag)); n <= to; n++) {
      if (!isPeak(r, n) || parabolaTop(r, n) < least - CLOSE[0]) continue;
      if (this.at(n + parabolaPlace(r[n - 1], r[n], r[n + 1])) < least - CLOSE[1]) continue;
      const lag = Math.max(minLag, Math.min(maxLag, this.#summit(n)));
      const strength = this.#strengthAt(lag);
      if (strength < least) continue;
      let at = found;
      if (found < lags.length) found++;
      else {
        at = 0;
        for (let i = 1; i < found; i++) if (strengths[i] < strengths[at]) at = i;
        if (strength <= strengths[at]) continue;
      }
      lags[at] = lag;
      strengths[at] = strength;
    }
    return found;
  }

  /** The autocorrelation at any lag of `best`'s range, by a sinc under a raised cosine. */
  at(lag: number): number {
    const r = this.#r;
    const whole = Math.floor(lag);
    const offset = lag - whole;
    if (offset < 1e-9) return r[whole];
    const left = Math.max(1 - r.length, whole - DEPTH + 1);
    const right = Math.min(r.length - 1, whole + DEPTH);
    // cos(pi d / reach) for d = lag - n, turned by one step at a time.
    const step = Math.PI / (DEPTH + 0.5);
    const turnCos = Math.cos(step);
    const turnSin = Math.sin(step);
    let c = Math.cos((lag - left) * step);
    let s = Math.sin((lag - left) * step);
    let sum = 0;
    let sign = (whole - left) % 2 === 0 ? 1 : -1;
    for (let n = left; n <= right; n++) {
      sum += (sign * r[n < 0 ? -n : n] * (1 + c)) / (lag - n);
      sign = -sign;
      const next = c * turnCos + s * turnSin;
      s = s * turnCos - c * turnSin;
      c = next;
    }
    return (sum * Math.sin(Math.PI * offset)) / (2 * Math.PI);
  }

  /** A peak above 1 comes from interpolation, and is as good a sign of its period as its reciprocal. */
  #strengthAt(lag: number): number {
    const value = this.at(lag);
    return value > 1 ? 1 / value : Math.max(0, value);
  }

  /** Where the summit beside the peak at a whole lag lies: parabolas through ever closer points. */
  #summit(n: number): number {
    let x = n;
    let middle = this.#r[n];
    let step = 1;
    let before = this.#r[n - 1];
    let after = this.#r[n + 1];
    for (let round = 0; ; round++) {
      x += step * parabolaPlace(before, middle, after);
      if (round === 2) break;
      step *= 0.2;
      before = this.at(x - step);
      middle = this.at(x);
      after = this.at(x + step);
    }
    return x;
  }
}

function isPeak(r: Float64Array, n: number): boolean {
  return r[n] > 0 && r[n] >= r[n - 1] && r[n] > r[n + 1];
}

/** The height of the parabola through a peak and its neighbours. */
function parabolaTop(r: Float64Array, n: number): number {
  const slope = r[n + 1] - r[n - 1];
  return r[n] + (slope * slope) / (8 * (2 * r[n] - r[n - 1] - r[n + 1]));
}
