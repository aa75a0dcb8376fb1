import type { Random } from '../core/random.ts';

/** The index of one of the weights, each as likely as its share of their sum. One number is drawn. */
export function chooseIndex(weights: readonly number[], random: Random): number {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  let left = random() * sum;
  for (let i = 0; i < weights.length; i++) {
    left -= weights[i]!;
    if (left < 0) return i;
  }
  // Rounding can leave nothing for the last one that counts.
  let last = weights.length - 1;
  while (weights[last] === 0) last--;
  return last;
}
