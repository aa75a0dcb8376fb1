import { Autocorrelation } from '../../dsp/autocorrelation.ts';

/** The periods searched, in samples, both included. */
export interface PeriodRange {
  readonly minPeriod: number;
  readonly maxPeriod: number;
}

/** How many lags beyond the periods are kept, for interpolating between them. */
export const MARGIN = 8;

/**
 * What YIN sees of a frame x[0..L), for every lag k:
 *
 * - the difference d(k) = sum of (x[n] - x[n + k])^2 over n in 0..L, with zeros beyond the frame (as librosa 0.11 has it),
 *   divided by its mean over the lags 1..k: d', near 0 at the period of a voiced frame, and around 1 for noise
 *   (de Cheveigne and Kawahara 2002, equation 8);
 * - the similarity s(k) = 2 r(k) / (energy of x[0..L-k) + energy of x[k..L)), from -1 to 1: it counts only samples that
 *   overlap, so that a periodic frame has exactly 1 at its period, where the zeros move the minimum of d' (by 0.2 % for
 *   a tone of 100 Hz and L = 64 ms).
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
    this.#autocorrelation.run(samples, first);
    const { frame, values: r } = this.#autocorrelation;
    const last = this.#frameLength - 1;
    const energy = r[0];
    const most = Math.min(similarity.length - 1, last);
    similarity[0] = energy > 0 ? 1 : 0;
    let head = 0;
    let tail = 0;
    // librosa 0.11 leaves x[0] out of what d(1) takes off, so that every mean is larger by x[0]^2 / k: kept, for its numbers.
    let sum = frame[0] * frame[0];
    for (let k = 1; k <= most; k++) {
      head += frame[k - 1] * frame[k - 1];
      tail += frame[last + 1 - k] * frame[last + 1 - k];
      const overlapping = 2 * energy - head - tail;
      similarity[k] = overlapping > 1e-12 * energy ? (2 * r[k]) / overlapping : 0;
      if (k > maxPeriod) continue;
      const difference = 2 * (energy - r[k]) - head;
      sum += difference;
      if (k >= minPeriod) normalized[k - minPeriod] = sum > 0 ? (difference * k) / sum : 0;
    }
  }
}
