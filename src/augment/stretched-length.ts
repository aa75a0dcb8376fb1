/**
 * How many samples are left of `length` at `rate` times the speed: length / rate, rounded to the nearest whole number and
 * halves to the even one, as Python's round (and so librosa) does; at least one, as no recording is empty.
 */
export function stretchedLength(length: number, rate: number): number {
  const exact = length / rate;
  const down = Math.floor(exact);
  const over = exact - down;
  const up = over > 0.5 || (over === 0.5 && down % 2 === 1);
  return Math.max(1, up ? down + 1 : down);
}
