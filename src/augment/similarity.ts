import { readBetween, TAPS } from './fractional-delay.ts';

/** The rate in Hz to which the first search brings the recording down. */
const COARSE_RATE = 4000;
/** The rate in Hz that the second search looks at, by leaving out samples of faster ones. */
const FINE_RATE = 16000;
/** The best places of the first search that the second looks at. */
const CANDIDATES = 3;
/** What a place at the edge of the range has to be more similar than one at its centre. */
const BIAS = 0.02;
/** From this correlation on, a place is looked for between the samples. */
const PERIODIC = 0.6;
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
    this.#read = new Float64Array(length + 2);
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
    let best = first;
    let bestScore = Number.NEGATIVE_INFINITY;
    let bestCorrelation = 0;
    const whole = Math.floor(position);
    const reach = this.#decimation;
    for (let c = 0; c < count; c++) {
      const middle = this.#tops[c]!;
      const end = Math.min(last, middle + reach);
      for (let lag = Math.max(first, middle - reach); lag <= end; lag += this.#stride) {
        const correlation = this.#correlate(whole, lag);
        const away = (position + lag - centre) / (high - low + 1);
        const score = correlation - BIAS * away * away;
        if (score > bestScore) {
          best = lag;
          bestScore = score;
          bestCorrelation = correlation;
        }
      }
    }
    this.correlation = bestCorrelation;
    if (bestCorrelation < PERIODIC) return whole + best;
    return position + best + this.#refine(whole, best);
  }

  /** Fills #tops with lags at which the coarse recording is most alike; returns how many. */
  #search(position: number, first: number, last: number, centre: number): number {
    const { coarse, squares, decimation, scores } = {
      coarse: this.#coarse,
      squares: this.#squares,
      decimation: this.#decimation,
      scores: this.#scores,
    };
    const length = this.#coarseLength;
    // Half an overlap before and after what will overlap tells a period from a part of one.
    const from = this.#coarseStart + Math.round((position - this.#length / 2) / decimation);
    const least = Math.round(first / decimation);
    const places = Math.min(scores.length, Math.round(last / decimation) - least + 1);
    const energy = squares[from + length]! - squares[from]!;
    const scale = decimation / (last - first + decimation);
    for (let j = 0; j < places; j++) {
      const at = from + least + j;
      let dot = 0;
      for (let i = 0; i < length; i++) dot += coarse[from + i]! * coarse[at + i]!;
      const product = energy * (squares[at + length]! - squares[at]!);
      const away = (least + j - centre / decimation) * scale;
      scores[j] = (product > 1e-30 ? dot / Math.sqrt(product) : 0) - BIAS * away * away;
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
      this.#tops[count++] = (least + top) * decimation;
      // The hill that it stands on is done with.
      let left = top;
      while (left > 0 && scores[left - 1]! <= scores[left]!) left--;
      let right = top;
      while (right < places - 1 && scores[right + 1]! <= scores[right]!) right++;
      scores.fill(Number.NEGATIVE_INFINITY, left, right + 1);
    }
    return count;
  }

  #correlate(whole: number, lag: number): number {
    const padded = this.#padded;
    const stride = this.#stride;
    const at = this.#start + whole;
    const end = at + this.#length;
    let dot = 0;
    let energy = 0;
    let other = 0;
    for (let i = at; i < end; i += stride) {
      const x = padded[i]!;
      const y = padded[i + lag]!;
      dot += x * y;
      energy += x * x;
      other += y * y;
    }
    const product = energy * other;
    return product > 1e-30 ? dot / Math.sqrt(product) : 0;
  }

  /**
   * The part of a sample that has to be added to the lag: Gauss-Newton steps towards the least squares of
   * x(t) - g x(t + lag + part), which take the recording as band-limited, as a parabola through three correlations does
   * not.
   */
  #refine(whole: number, lag: number): number {
    const padded = this.#padded;
    const read = this.#read;
    const length = this.#length;
    const at = this.#start + whole;
    let part = 0;
    for (let step = 0; step < STEPS; step++) {
      readBetween(padded, this.#start, whole + lag + part - 1, this.#taps, read, 0, length + 2);
      let dot = 0;
      let energy = 0;
      let other = 0;
      let slopes = 0;
      let slopeX = 0;
      let slopeY = 0;
      for (let i = 0; i < length; i++) {
        const x = padded[at + i]!;
        const y = read[i + 1]!;
        const slope = 0.5 * (read[i + 2]! - read[i]!);
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
  let mean = 0;
  for (let m = 0; m < out.length; m++) {
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
