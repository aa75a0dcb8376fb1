/** Halvings of the stretch from -10 to 10. */
const HALVINGS = 45;

/** The number below which a standard normal variable lies with this probability, in (0, 1). */
export function probit(probability: number): number {
  let [low, high] = [-10, 10];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (normalBelow(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The probability of a standard normal variable below z: Abramowitz & Stegun 26.2.17, right to 7.5e-8, finer than any pixel. */
function normalBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  const terms = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const tail = density * terms.reduceRight((sum, term) => (sum + term) * t, 0);
  return z > 0 ? 1 - tail : tail;
}
