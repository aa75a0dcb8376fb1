import type { FeatureMatrix } from '../core/feature-matrix.ts';

/** Powers in dB, from -100 dB on, as pictures show them. */
export function decibels(powers: FeatureMatrix): FeatureMatrix {
  return { ...powers, data: powers.data.map((power) => 10 * Math.log10(Math.max(power, 1e-10))) };
}
