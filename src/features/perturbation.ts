/** Which neighbouring periods count: Praat's arguments and defaults. */
export interface PerturbationLimits {
  /** The shortest interval between marks that is a period, in samples. */
  readonly shortest: number;
  /** The longest. */
  readonly longest: number;
  /** Neighbours whose lengths differ by more than this factor are not compared. */
  readonly maxPeriodFactor: number;
  /** Nor are neighbours whose amplitudes do. */
  readonly maxAmplitudeFactor: number;
}

/**
 * Praat's limits: periods from 0.1 ms to 20 ms (at fMin = 75 Hz; one and a half periods of fMin).
 */
export function perturbationLimits(
  sampleRate: number,
  fMin: number,
  o: { readonly maxPeriodFactor: number; readonly maxAmplitudeFactor: number },
): PerturbationLimits {
  const { maxPeriodFactor, maxAmplitudeFactor } = o;
  return { shortest: 1e-4 * sampleRate, longest: (1.5 * sampleRate) / fMin, maxPeriodFactor, maxAmplitudeFactor };
}

function factor(a: number, b: number): number {
  return a > b ? a / b : b / a;
}

/** Whether the interval from mark i to i + 1 is a period: of a fair length, and not unlike both its neighbours. */
function isPeriod(times: Float64Array, count: number, i: number, limits: PerturbationLimits): boolean {
  const interval = times[i + 1] - times[i];
  if (!(interval >= limits.shortest && interval <= limits.longest)) return false;
  const before = i > 0 ? factor(interval, times[i] - times[i - 1]) : undefined;
  const after = i + 2 < count ? factor(interval, times[i + 2] - times[i + 1]) : undefined;
  if (before === undefined && after === undefined) return true;
  return (before ?? Infinity) <= limits.maxPeriodFactor || (after ?? Infinity) <= limits.maxPeriodFactor;
}

/** Whether the two intervals that meet at mark i are periods that can be compared. */
function comparable(times: Float64Array, i: number, limits: PerturbationLimits): boolean {
  const p = times[i] - times[i - 1];
  const q = times[i + 1] - times[i];
  const { shortest, longest } = limits;
  const inRange = p >= shortest && p <= longest && q >= shortest && q <= longest;
  return inRange && factor(p, q) <= limits.maxPeriodFactor;
}

/** The mean length of the intervals that are periods; 0 where there is none. */
export function meanPeriodOf(times: Float64Array, count: number, limits: PerturbationLimits): number {
  let sum = 0;
  let periods = 0;
  for (let i = 0; i + 1 < count; i++) {
    if (!isPeriod(times, count, i, limits)) continue;
    sum += times[i + 1] - times[i];
    periods++;
  }
  return periods === 0 ? 0 : sum / periods;
}

/** The mean absolute difference of neighbouring periods over the mean period; 0 where no two neighbours compare. */
export function jitterOf(times: Float64Array, count: number, limits: PerturbationLimits): number {
  let sum = 0;
  let pairs = 0;
  for (let i = 1; i + 1 < count; i++) {
    if (!comparable(times, i, limits)) continue;
    sum += Math.abs(times[i + 1] - 2 * times[i] + times[i - 1]);
    pairs++;
  }
  const mean = meanPeriodOf(times, count, limits);
  return pairs === 0 || mean === 0 ? 0 : sum / pairs / mean;
}

/**
 * The amplitude at mark i: the root of the mean square of the samples up to 0.2 periods to either side, weighted by the
 * squares of a raised cosine (Praat's; without the weights' sum it would ripple with where samples lie around the mark).
 * 0 where there are fewer than three samples.
 */
function amplitudeAt(samples: Float32Array, times: Float64Array, i: number): number {
  const at = times[i];
  const left = 0.2 * (at - times[i - 1]);
  const right = 0.2 * (times[i + 1] - at);
  const first = Math.max(0, Math.ceil(at - left));
  const last = Math.min(samples.length - 1, Math.floor(at + right));
  let sum = 0;
  let weights = 0;
  for (let n = first; n <= last; n++) {
    const weight = 0.5 + 0.5 * Math.cos((Math.PI * (n - at)) / (n < at ? left : right));
    const value = samples[n] * weight;
    sum += value * value;
    weights += weight * weight;
  }
  return last - first < 2 ? 0 : Math.sqrt(sum / weights);
}

/** The mean absolute difference of neighbouring amplitudes over the mean amplitude; 0 where no two compare. */
export function shimmerOf(
  samples: Float32Array,
  times: Float64Array,
  count: number,
  limits: PerturbationLimits,
): number {
  let sum = 0;
  let pairs = 0;
  let total = 0;
  let peaks = 0;
  let before = 0;
  let placeBefore = 0;
  for (let i = 1; i + 1 < count; i++) {
    if (!comparable(times, i, limits)) continue;
    const amplitude = amplitudeAt(samples, times, i);
    if (!(amplitude > 0)) continue;
    if (before > 0) {
      const interval = times[i] - placeBefore;
      if (
        interval >= limits.shortest &&
        interval <= limits.longest &&
        factor(amplitude, before) <= limits.maxAmplitudeFactor
      ) {
        sum += Math.abs(amplitude - before);
        pairs++;
      }
    }
    total += amplitude;
    peaks++;
    before = amplitude;
    placeBefore = times[i];
  }
  return pairs === 0 ? 0 : sum / pairs / (total / peaks);
}
