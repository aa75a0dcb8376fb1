import { gaussian, type Random, shuffled } from '../core/random.ts';

/**
 * Mixes the clips of a batch in place, each with another one of it or itself (mixup, Zhang et al. 2018): rows become
 * weight * row + (1 - weight) * partner. Padding is zeros, so a mixed clip is as long as the longer of the two.
 *
 * @param rows  arrays of `count` rows each, one after another: the clips' values, and their targets
 * @param weight  in [0, 1]
 */
export function mixRows(rows: readonly Float32Array[], count: number, weight: number, random: Random): void {
  const partners = shuffled(
    Array.from({ length: count }, (_, i) => i),
    random,
  );
  for (const array of rows) {
    const size = array.length / count;
    const before = array.slice();
    partners.forEach((partner, row) => {
      if (partner === row) return;
      for (let i = 0; i < size; i++) {
        array[row * size + i] = weight * before[row * size + i]! + (1 - weight) * before[partner * size + i]!;
      }
    });
  }
}

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
