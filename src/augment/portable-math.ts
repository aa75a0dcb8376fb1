// exp and log of additions, multiplications and divisions alone, which IEEE 754 rounds alike everywhere. Math.exp and
// Math.log may differ in their last bits from one engine to another, and a seed is to give the same bytes on all.

/** The two nearest float64 numbers, with zeros at the larger one's end: its whole multiples are exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** 1/n; a division takes long. */
const RECIPROCALS = Float64Array.from({ length: 19 }, (_, n) => 1 / n);

/** e^x, within two units in the last place or so, for |x| <= 700. */
export function portableExp(x: number): number {
  const power = Math.round(x / (LN2_HIGH + LN2_LOW));
  const rest = x - power * LN2_HIGH - power * LN2_LOW;
  let sum = 1;
  for (let n = 18; n > 0; n--) sum = 1 + sum * rest * RECIPROCALS[n]!;
  return sum * powerOfTwo(power);
}

/** The natural logarithm of x, a normal number above 0, within 1e-15 of the larger of 1 and itself. */
export function portableLog(x: number): number {
  let power = 0;
  let y = x;
  for (; y > 1.5; y /= 2) power++;
  for (; y < 0.75; y *= 2) power--;
  // log y = 2 artanh((y - 1) / (y + 1)), of a ratio of at most 1/5.
  const ratio = (y - 1) / (y + 1);
  const square = ratio * ratio;
  let sum = 0;
  for (let n = 27; n > 0; n -= 2) sum = sum * square + 1 / n;
  return 2 * ratio * sum + power * LN2_LOW + power * LN2_HIGH;
}

function powerOfTwo(power: number): number {
  const factor = power < 0 ? 0.5 : 2;
  let out = 1;
  for (let i = Math.abs(power); i > 0; i--) out *= factor;
  return out;
}
