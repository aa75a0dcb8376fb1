import { Autocorrelation } from '../../dsp/autocorrelation.ts';

/** The periods searched, in samples, both included. */
export interface PeriodRange {
  readonly minPeriod: number;
  readonly maxPeriod: number;
}

/** Up to this share of a frame's energy, what is left of it without its mean is rounding. */
const CONSTANT = 1e-10;

/** How many lags beyond the periods are kept, for interpolating between them. */
export const MARGIN = 8;

/**
 * What YIN sees of a frame x[0..L), for every lag k:
 *
 * - the difference d(k) = sum of (x[n] - x[n + k])^2 over n in 0..L, with zeros beyond the frame (as librosa 0.11 has it),
 *   divided by its mean over the lags 1..k: d', near 0 at the period of a voiced frame, and around 1 for noise
 *   (de Cheveigne and Kawahara 2002, equation 8);
 * - the similarity s(k) = 2 r(k) / (energy of y[0..L-k) + energy of y[k..L)) of y, which is x less its mean, and r(k),
 *   y's autocorrelation, from -1 to 1: it counts only samples that overlap, so that a periodic frame has exactly 1 at its
 *   period, where the zeros move the minimum of d' (by 0.2 % for a tone of 100 Hz and L = 64 ms). Without the mean, a
 *   constant, which repeats itself at every lag, is not a voice; it is 0 throughout where the frame is constant.
 */
export class YinDifference {
  /** d'(minPeriod + i). */
  readonly normalized: Float64Array;
  /** s(k) for k in 0..maxPeriod + MARGIN. */
  readonly similarity: Float64Array;
  readonly #frameLength: number;
  readonly #minPeriod: number;
  readonly #maxPeriod: number;
  readonly #autocorrelation: Autocorrelation;

  constructor(frameLength: number, { minPeriod, maxPeriod }: PeriodRange) {
    this.#frameLength = frameLength;
    this.#minPeriod = minPeriod;
    this.#maxPeriod = maxPeriod;
    this.#autocorrelation = new Autocorrelation(frameLength, maxPeriod + MARGIN);
    this.normalized = new Float64Array(maxPeriod - minPeriod + 1);
    this.similarity = new Float64Array(maxPeriod + MARGIN + 1);
  }

  /** Fills both from the frame that begins at samples[first]. */
  run(samples: Float32Array, first: number): void {
    const { normalized, similarity } = this;
    const minPeriod = this.#minPeriod;
    const maxPeriod = this.#maxPeriod;
    const { frame, values: r } = this.#autocorrelation;
    let total = 0;
    for (let n = 0; n < this.#frameLength; n++) {
      frame[n] = samples[first + n];
      total += frame[n];
    }
    this.#autocorrelation.run();
    const last = this.#frameLength - 1;
    const energy = r[0];
    const most = Math.min(similarity.length - 1, last);
    const mean = total / this.#frameLength;
    let varying = 0;
    for (let n = 0; n <= last; n++) varying += (frame[n] - mean) * (frame[n] - mean);
    // What is left of a constant is rounding.
    const audible = varying > CONSTANT * energy;
    similarity[0] = audible ? 1 : 0;
    // The energy of the first k samples; that of the first and the last k about the mean, and their sum.
    let head = 0;
    let ends = 0;
    let sums = 0;
    // librosa 0.11 leaves x[0] out of what d(1) takes off, so that every mean is larger by x[0]^2 / k: kept, for its
    // numbers.
    let sum = frame[0] * frame[0];
    for (let k = 1; k <= most; k++) {
      const early = frame[k - 1];
      const late = frame[last + 1 - k];
      head += early * early;
      ends += (early - mean) * (early - mean) + (late - mean) * (late - mean);
      sums += early + late;
      const overlapping = 2 * varying - ends;
      // The sums of the samples that overlap, first and second, are 2 total - sums.
      const alike = r[k] - mean * (2 * total - sums) + (last + 1 - k) * mean * mean;
      similarity[k] = audible && overlapping > 1e-12 * varying ? (2 * alike) / overlapping : 0;
      if (k > maxPeriod) continue;
      const difference = 2 * (energy - r[k]) - head;
      sum += difference;
      if (k >= minPeriod) normalized[k - minPeriod] = sum > 0 ? (difference * k) / sum : 0;
    }
  }
}
