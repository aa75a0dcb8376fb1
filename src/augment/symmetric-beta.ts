import { gaussian, type Random } from '../core/random.ts';

/** A number drawn from Beta(alpha, alpha), in [0, 1]. */
export function symmetricBeta(alpha: number, random: Random): number {
  // In logarithms: for a small alpha both gammas are below what a float64 can hold.
  const [x, y] = [logGamma(alpha, random), logGamma(alpha, random)];
  return 1 / (1 + Math.exp(y - x));
}

/** The logarithm of a number drawn from Gamma(shape, 1) (Marsaglia & Tsang 2000). */
function logGamma(shape: number, random: Random): number {
  if (shape < 1) return logGamma(shape + 1, random) + Math.log(1 - random()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = gaussian(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d * v);
  }
}
