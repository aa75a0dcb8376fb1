/**
 * A Gaussian window of `length` samples that reaches 0 just beyond its ends (Boersma 1993, p. 104): with u from -1 to 1
 * over the length + 1 steps, (exp(-12 u^2) - exp(-12)) / (1 - exp(-12)). It weighs like a Hann window of half its length,
 * but its spectrum has no side lobes worth the name.
 */
export function gaussianWindow(length: number): Float64Array {
  const edge = Math.exp(-12);
  const middle = (length - 1) / 2;
  return Float64Array.from({ length }, (_, n) => {
    const u = (n - middle) / ((length + 1) / 2);
    return (Math.exp(-12 * u * u) - edge) / (1 - edge);
  });
}
