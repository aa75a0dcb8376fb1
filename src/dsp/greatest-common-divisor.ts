/** Of two whole numbers >= 0, not both 0 (Euclid). Rates that are no whole numbers have one, too, as far as float64 goes. */
export function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
