/** Round values from 0 up to `highest`, at most `most` steps. */
export function roundTicks(highest: number, most: number): number[] {
  const power = 10 ** Math.floor(Math.log10(highest / most));
  const step = [1, 2, 2.5, 5, 10].map((s) => s * power).find((s) => highest / s <= most) ?? 10 * power;
  return Array.from({ length: Math.floor(highest / step + 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(6)));
}
