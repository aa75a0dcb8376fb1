import { readBetween, TAPS } from './fractional-delay.ts';

/** The rate in Hz to which the first search brings the recording down. */
const COARSE_RATE = 4000;
/** The rate in Hz that the second search looks at, by leaving out samples of faster ones. */
const FINE_RATE = 16000;
/** The best places of the first search that the second looks at. */
const CANDIDATES = 2;
/** What a place at the edge of the range has to be more similar than one at its centre. */
const BIAS = 0.02;
/** From this correlation on, a place is looked for between the samples. */
const PERIODIC = 0.6;
/** Gauss-Newton steps; the first starts from a parabola through three correlations. */
const STEPS = 3;

/** Finds places of a recording that sound alike. */
export class Similarity {
  /** The correlation that best() found, from -1 to 1. */
  correlation = 0;
  readonly #padded: Float64Array;
  readonly #start: number;
  /** How many samples are compared, and every how manyth. */
  readonly #length: number;
  readonly #stride: number;
  readonly #decimation: number;
  /** The recording at COARSE_RATE, without its mean. Index #coarseStart is sample 0. */
  readonly #coarse: Float64Array;
  readonly #coarseStart: number;
  /** Sums of the squares before each index. */
  readonly #squares: Float64Array;
  readonly #coarseLength: number;
  readonly #scores: Float64Array;
  readonly #correlations: Float64Array;
  readonly #tops = new Int32Array(CANDIDATES);
  readonly #taps = new Float64Array(TAPS);
  readonly #read: Float64Array;

  /**
   * @param padded  the recording, whose sample i is at start + i, with zeros around it
   * @param length  how many samples are alike where two pieces overlap
   * @param range  how many samples lie between the first and the last place that best() is asked for
   */
  constructor(padded: Float64Array, start: number, sampleRate: number, length: number, range: number) {
    this.#padded = padded;
    this.#start = start;
    this.#length = length;
    this.#stride = Math.max(1, Math.floor(sampleRate / FINE_RATE));
    const decimation = Math.max(1, Math.min(Math.floor(sampleRate / COARSE_RATE), length >> 2));
    this.#decimation = decimation;
    this.#coarseStart = Math.floor(start / decimation);
    this.#coarse = decimate(padded, start - this.#coarseStart * decimation, decimation);
    const coarse = this.#coarse;
    this.#squares = new Float64Array(coarse.length + 1);
    for (let i = 0; i < coarse.length; i++) this.#squares[i + 1] = this.#squares[i]! + coarse[i]! * coarse[i]!;
    this.#coarseLength = Math.max(2, Math.round((2 * length) / decimation));
    this.#scores = new Float64Array(Math.ceil(range / decimation) + 3);
    this.#correlations = new Float64Array(2 * decimation + 3);
    this.#read = new Float64Array(length + 4);
  }

  /**
   * The place from `low` to `high`, between samples too, from which the recording goes on most as it does from `position`;
   * of equal places the one nearest `centre`. What goes on is periodic or not: where it is not, the place falls on a
   * sample.
   */
  best(position: number, low: number, high: number, centre: number): number {
    const first = Math.ceil(low - position);
    const last = Math.max(first, Math.floor(high - position));
    const count = this.#search(position, first, last, centre - position);
    const whole = Math.floor(position);
    const stride = this.#stride;
    const reach = Math.ceil((0.6 * this.#decimation) / stride) * stride;
    const correlations = this.#correlations;
    let best = first;
    let start = 0;
    let bestScore = Number.NEGATIVE_INFINITY;
    this.correlation = 0;
    for (let c = 0; c < count; c++) {
      const from = Math.max(first, this.#tops[c]! - reach);
      const places = Math.floor((Math.min(last, this.#tops[c]! + reach) - from) / stride) + 1;
      this.#correlate(whole, from, places);
      for (let j = 0; j < places; j++) {
        const correlation = correlations[j]!;
        const away = (position + from + j * stride - centre) / (high - low + 1);
        const score = correlation - BIAS * away * away;
        if (score <= bestScore) continue;
        best = from + j * stride;
        bestScore = score;
        this.correlation = correlation;
        start = j > 0 && j < places - 1 ? stride * summit(correlations[j - 1]!, correlation, correlations[j + 1]!) : 0;
      }
    }
    if (this.correlation < PERIODIC) return whole + best;
    return position + best + this.#refine(whole, best, start);
  }

  /** Fills #tops with lags at which the coarse recording is most alike; returns how many. */
  #search(position: number, first: number, last: number, centre: number): number {
    const coarse = this.#coarse;
    const squares = this.#squares;
    const decimation = this.#decimation;
    const scores = this.#scores;
    const length = this.#coarseLength;
    // Half an overlap before and after what will overlap tells a period from a part of one.
    const from = this.#coarseStart + Math.round((position - this.#length / 2) / decimation);
    const least = Math.round(first / decimation);
    const places = Math.min(scores.length, Math.round(last / decimation) - least + 1);
    const energy = squares[from + length]! - squares[from]!;
    const scale = decimation / (last - first + decimation);
    dots(coarse, from, from + least, 1, length, places, scores);
    for (let j = 0; j < places; j++) {
      const at = from + least + j;
      const product = energy * (squares[at + length]! - squares[at]!);
      const away = (least + j - centre / decimation) * scale;
      scores[j] = (product > 1e-30 ? scores[j]! / Math.sqrt(product) : 0) - BIAS * away * away;
    }
    let count = 0;
    for (let c = 0; c < CANDIDATES; c++) {
      let top = -1;
      for (let j = 0; j < places; j++) {
        const score = scores[j]!;
        if (score === Number.NEGATIVE_INFINITY || (top >= 0 && score <= scores[top]!)) continue;
        top = j;
      }
      if (top < 0) break;
      const between = top > 0 && top < places - 1 ? summit(scores[top - 1]!, scores[top]!, scores[top + 1]!) : 0;
      this.#tops[count++] = Math.round((least + top + between) * decimation);
      // The hill that it stands on is done with.
      let left = top;
      while (left > 0 && scores[left - 1]! <= scores[left]!) left--;
      let right = top;
      while (right < places - 1 && scores[right + 1]! <= scores[right]!) right++;
      scores.fill(Number.NEGATIVE_INFINITY, left, right + 1);
    }
    return count;
  }

  /** Into #correlations, for `places` lags from `lag` on, a stride apart. */
  #correlate(whole: number, lag: number, places: number): void {
    const padded = this.#padded;
    const correlations = this.#correlations;
    const stride = this.#stride;
    const at = this.#start + whole;
    const count = Math.ceil(this.#length / stride);
    dots(padded, at, at + lag, stride, count, places, correlations);
    let energy = 0;
    let other = 0;
    for (let i = 0; i < count; i++) {
      const x = padded[at + i * stride]!;
      const y = padded[at + lag + i * stride]!;
      energy += x * x;
      other += y * y;
    }
    for (let j = 0, first = at + lag; j < places; j++, first += stride) {
      const product = energy * other;
      correlations[j] = product > 1e-30 ? correlations[j]! / Math.sqrt(product) : 0;
      const gone = padded[first]!;
      const come = padded[first + count * stride]!;
      other += come * come - gone * gone;
    }
  }

  /**
   * The part of a sample that has to be added to the lag: Gauss-Newton steps towards the least squares of
   * x(t) - g x(t + lag + part), which take the recording as band-limited, as a parabola through three correlations does
   * not.
   */
  #refine(whole: number, lag: number, start: number): number {
    const padded = this.#padded;
    const read = this.#read;
    const length = this.#length;
    const at = this.#start + whole;
    let part = start;
    for (let step = 0; step < STEPS; step++) {
      readBetween(padded, this.#start, whole + lag + part - 2, this.#taps, read, 0, length + 4);
      let dot = 0;
      let energy = 0;
      let other = 0;
      let slopes = 0;
      let slopeX = 0;
      let slopeY = 0;
      for (let i = 0; i < length; i++) {
        const x = padded[at + i]!;
        const y = read[i + 2]!;
        const slope = (8 * (read[i + 3]! - read[i + 1]!) - read[i + 4]! + read[i]!) / 12;
        dot += x * y;
        energy += x * x;
        other += y * y;
        slopes += slope * slope;
        slopeX += slope * x;
        slopeY += slope * y;
      }
      if (!(energy > 0 && other > 0 && slopes > 0 && dot > 0)) return 0;
      this.correlation = dot / Math.sqrt(energy * other);
      const g = dot / other;
      const move = (slopeX - g * slopeY) / (g * slopes);
      part = Math.max(-this.#stride, Math.min(this.#stride, part + move));
    }
    return part;
  }
}

/** The recording at 1 / decimation of its rate under a Hann window four times as long, less its mean. */
function decimate(padded: Float64Array, offset: number, decimation: number): Float64Array {
  const out = new Float64Array(Math.ceil((padded.length - offset) / decimation));
  const half = decimation === 1 ? 1 : 2 * decimation;
  const weights = new Float64Array(2 * half - 1);
  let total = 0;
  for (let k = 0; k < weights.length; k++) {
    weights[k] = 0.5 - 0.5 * Math.cos((Math.PI * (k + 1)) / half);
    total += weights[k]!;
  }
  // Where all that they look at is there, four at once: additions then need not wait for one another.
  const first = Math.max(0, Math.ceil((half - 1 - offset) / decimation));
  const inside = Math.floor((padded.length - weights.length - offset + half - 1) / decimation) + 1 - first;
  const end = first + 4 * Math.floor(Math.max(0, inside) / 4);
  for (let m = first; m < end; m += 4) {
    fourSums(padded, offset + m * decimation - half + 1, decimation, weights, total, out, m);
  }
  let mean = 0;
  for (let m = 0; m < out.length; m++) {
    if (m >= first && m < end) {
      mean += out[m]!;
      continue;
    }
    const at = offset + m * decimation - half + 1;
    const from = Math.max(0, -at);
    const to = Math.min(weights.length, padded.length - at);
    let sum = 0;
    for (let k = from; k < to; k++) sum += weights[k]! * padded[at + k]!;
    out[m] = sum / total;
    mean += out[m]!;
  }
  mean /= out.length;
  for (let m = 0; m < out.length; m++) out[m]! -= mean;
  return out;
}

/** out[m] to out[m + 3]: sums of weights[k] x[at + k] / total, each `step` further on than the last. */
function fourSums(
  x: Float64Array,
  at: number,
  step: number,
  weights: Float64Array,
  total: number,
  out: Float64Array,
  m: number,
): void {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  for (let k = 0, i = at; k < weights.length; k++, i++) {
    const weight = weights[k]!;
    sum0 += weight * x[i]!;
    sum1 += weight * x[i + step]!;
    sum2 += weight * x[i + 2 * step]!;
    sum3 += weight * x[i + 3 * step]!;
  }
  out[m] = sum0 / total;
  out[m + 1] = sum1 / total;
  out[m + 2] = sum2 / total;
  out[m + 3] = sum3 / total;
}

/** Sums of x[a + i stride] x[b + (i + j) stride] over i < count, for every j < places; four at once share what they load. */
function dots(
  x: Float64Array,
  a: number,
  b: number,
  stride: number,
  count: number,
  places: number,
  out: Float64Array,
): void {
  const end = a + count * stride;
  let j = 0;
  for (; j + 4 <= places; j += 4) {
    let at = b + j * stride;
    let y0 = x[at]!;
    let y1 = x[at + stride]!;
    let y2 = x[at + 2 * stride]!;
    at += 3 * stride;
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let i = a; i < end; i += stride, at += stride) {
      const xi = x[i]!;
      const y3 = x[at]!;
      sum0 += xi * y0;
      sum1 += xi * y1;
      sum2 += xi * y2;
      sum3 += xi * y3;
      y0 = y1;
      y1 = y2;
      y2 = y3;
    }
    out[j] = sum0;
    out[j + 1] = sum1;
    out[j + 2] = sum2;
    out[j + 3] = sum3;
  }
  for (; j < places; j++) {
    let sum = 0;
    for (let i = a, at = b + j * stride; i < end; i += stride, at += stride) sum += x[i]! * x[at]!;
    out[j] = sum;
  }
}

/** Where the parabola through values at -1, 0 and 1 has its top, from -0.5 to 0.5; 0 where 0 is not the highest. */
function summit(left: number, middle: number, right: number): number {
  const bend = left - 2 * middle + right;
  return bend < 0 && middle >= left && middle >= right ? (0.5 * (left - right)) / bend : 0;
}
