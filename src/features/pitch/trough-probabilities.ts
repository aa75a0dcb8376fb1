import { betaCumulative } from './beta-distribution.ts';
import type { Troughs } from './troughs.ts';

/** What pYIN believes before it sees a frame. */
interface TroughPriors {
  readonly nThresholds: number;
  readonly betaParameters: readonly [number, number];
  readonly boltzmannParameter: number;
  readonly noTroughProb: number;
}

/**
 * How likely each trough of d' is the period. YIN takes the first trough below a threshold; here thresholds are
 * beta-distributed, and under each the troughs below it share its chance, earlier ones with exponentially more
 * (Boltzmann). Where none is below, the deepest gets noTroughProb of the chance (Mauch and Dixon 2014, and the weights
 * of their program).
 */
export class TroughProbabilities {
  /** Of trough i. */
  readonly values: Float64Array;
  readonly #priors: TroughPriors;
  /** The chance that the threshold is among the first j of nThresholds, (j + 1) / nThresholds each. */
  readonly #cumulative: Float64Array;
  /** The first of the thresholds that trough i is below; nThresholds for none. */
  readonly #levels: Int32Array;

  constructor(troughs: number, priors: TroughPriors) {
    const { nThresholds, betaParameters } = priors;
    this.#priors = priors;
    this.values = new Float64Array(troughs);
    this.#levels = new Int32Array(troughs);
    this.#cumulative = Float64Array.from({ length: nThresholds + 1 }, (_, j) =>
      betaCumulative(j / nThresholds, betaParameters[0], betaParameters[1]),
    );
  }

  /** Fills `values` for the troughs of a frame. */
  run({ count, at }: Troughs, normalized: Float64Array): void {
    const { nThresholds, boltzmannParameter, noTroughProb } = this.#priors;
    const { values } = this;
    const levels = this.#levels;
    const cumulative = this.#cumulative;
    if (count === 0) return;
    let deepest = 0;
    let level: number = nThresholds;
    for (let i = 0; i < count; i++) {
      const height = normalized[at[i]];
      if (height < normalized[at[deepest]]) deepest = i;
      levels[i] = height < 1 ? Math.max(0, Math.floor(height * nThresholds)) : nThresholds;
      if (levels[i] < level) level = levels[i];
      values[i] = 0;
    }
    values[deepest] = noTroughProb * cumulative[levels[deepest]];
    const decay = Math.exp(-boltzmannParameter);
    // Thresholds between two levels have the same troughs below them, so they are taken together.
    while (level < nThresholds) {
      let next: number = nThresholds;
      let below = 0;
      for (let i = 0; i < count; i++) {
        if (levels[i] <= level) below++;
        else if (levels[i] < next) next = levels[i];
      }
      let share = ((cumulative[next] - cumulative[level]) * (1 - decay)) / (1 - Math.exp(-boltzmannParameter * below));
      for (let i = 0; i < count; i++) {
        if (levels[i] > level) continue;
        values[i] += share;
        share *= decay;
      }
      level = next;
    }
  }
}
