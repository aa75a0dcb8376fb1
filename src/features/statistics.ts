/** What {@link functionals} may say of a dimension, beside percentiles. */
export type Statistic = 'mean' | 'standardDeviation' | 'min' | 'max' | 'range' | 'slope' | 'skewness' | 'kurtosis';

/** Their names, for schemas. */
export const STATISTIC_NAMES = [
  'mean',
  'standardDeviation',
  'min',
  'max',
  'range',
  'slope',
  'skewness',
  'kurtosis',
] as const satisfies readonly Statistic[];

/** All statistics of at least one value; `times` are their frames, which the slope is by. */
export function summarise(values: Float64Array, times: readonly number[]): Record<Statistic, number> {
  const n = values.length;
  let sum = 0;
  let sumTime = 0;
  let min = values[0];
  let max = values[0];
  for (let i = 0; i < n; i++) {
    sum += values[i];
    sumTime += times[i];
    if (values[i] < min) min = values[i];
    if (values[i] > max) max = values[i];
  }
  const range = max - min;
  // Values that are all equal have that very mean, and no deviation that rounding could leave.
  if (range === 0) return { mean: min, standardDeviation: 0, min, max, range, slope: 0, skewness: 0, kurtosis: 0 };
  const mean = sum / n;
  const middle = sumTime / n;
  let second = 0;
  let third = 0;
  let fourth = 0;
  let covariance = 0;
  let spread = 0;
  for (let i = 0; i < n; i++) {
    const x = values[i] - mean;
    const square = x * x;
    second += square;
    third += square * x;
    fourth += square * square;
    covariance += (times[i] - middle) * x;
    spread += (times[i] - middle) ** 2;
  }
  const variance = second / n;
  return {
    mean,
    standardDeviation: Math.sqrt(variance),
    min,
    max,
    range,
    slope: covariance / spread,
    skewness: third / n / variance ** 1.5,
    kurtosis: fourth / n / variance ** 2 - 3,
  };
}

/** The percentile of values in ascending order, linear between neighbours: Hyndman and Fan 1996, type 7. */
export function percentileOf(sorted: Float64Array, rank: number): number {
  const place = (rank / 100) * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
