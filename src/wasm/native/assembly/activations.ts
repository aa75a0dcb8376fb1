// exp, sigmoid and tanh of four numbers at a time, to about 2e-7 of max(1, |value|).

/** e^x. Below -87 it is about 1e-38, above 88 about 2e38: never 0, never infinite. NaN stays NaN. */
// @ts-expect-error: decorator
@inline
export function exp4(x: v128): v128 {
  // x = n ln 2 + r, |r| <= ln 2 / 2; e^r by its series (Cephes' coefficients), 2^n by the exponent's bits.
  // Adding 1.5 * 2^23 rounds to an integer, which then stands in the lowest bits: V8 needs many instructions for min, max
  // and the conversion to integers, which have to treat NaN and infinity.
  const clamped = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-87)), f32x4.splat(88));
  const shifted = f32x4.add(f32x4.mul(clamped, f32x4.splat(1.44269504)), f32x4.splat(12582912));
  const n = f32x4.sub(shifted, f32x4.splat(12582912));
  const r = f32x4.sub(f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(0.693359375))), f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  const bits = i32x4.add(i32x4.shl(shifted, 23), i32x4.splat(127 << 23));
  return f32x4.mul(p, bits);
}

/** 1 / (1 + e^-x) */
// @ts-expect-error: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

/** (1 - e^-2|x|) / (1 + e^-2|x|), with x's sign. */
// @ts-expect-error: decorator
@inline
export function tanh4(x: v128): v128 {
  const one = f32x4.splat(1);
  const sign = v128.and(x, i32x4.splat(0x80000000));
  const e = exp4(f32x4.mul(v128.andnot(x, i32x4.splat(0x80000000)), f32x4.splat(-2)));
  return v128.or(f32x4.div(f32x4.sub(one, e), f32x4.add(one, e)), sign);
}

// The same with their numbers read from memory. For each constant vector V8 spends three or four instructions every time it
// is used; a loop that computes little else runs twice as fast where it loads them. The table has each number four times, as
// loading one number into four lanes takes V8 two instructions.

/** Bytes of the table that writeConstants() fills. */
export const CONSTANTS_BYTES: usize = 256;

/** Writes what exp(), sigmoid and tanh below read. */
export function writeConstants(to: usize): void {
  v128.store(to, f32x4.splat(-87));
  v128.store(to, f32x4.splat(88), 16);
  v128.store(to, f32x4.splat(1.44269504), 32);
  v128.store(to, f32x4.splat(12582912), 48);
  v128.store(to, f32x4.splat(0.693359375), 64);
  v128.store(to, f32x4.splat(-2.12194440e-4), 80);
  v128.store(to, f32x4.splat(1.9875691500e-4), 96);
  v128.store(to, f32x4.splat(1.3981999507e-3), 112);
  v128.store(to, f32x4.splat(8.3334519073e-3), 128);
  v128.store(to, f32x4.splat(4.1665795894e-2), 144);
  v128.store(to, f32x4.splat(1.6666665459e-1), 160);
  v128.store(to, f32x4.splat(0.5), 176);
  v128.store(to, f32x4.splat(1), 192);
  v128.store(to, i32x4.splat(127 << 23), 208);
  v128.store(to, f32x4.splat(-1), 224);
  v128.store(to, f32x4.splat(-2), 240);
}

// @ts-expect-error: decorator
@inline
function expFrom(x: v128, table: usize): v128 {
  const clamped = f32x4.pmin(f32x4.pmax(x, v128.load(table)), v128.load(table, 16));
  const magic = v128.load(table, 48);
  const shifted = f32x4.add(f32x4.mul(clamped, v128.load(table, 32)), magic);
  const n = f32x4.sub(shifted, magic);
  const most = f32x4.sub(clamped, f32x4.mul(n, v128.load(table, 64)));
  const r = f32x4.sub(most, f32x4.mul(n, v128.load(table, 80)));
  let p = f32x4.add(f32x4.mul(v128.load(table, 96), r), v128.load(table, 112));
  p = f32x4.add(f32x4.mul(p, r), v128.load(table, 128));
  p = f32x4.add(f32x4.mul(p, r), v128.load(table, 144));
  p = f32x4.add(f32x4.mul(p, r), v128.load(table, 160));
  p = f32x4.add(f32x4.mul(p, r), v128.load(table, 176));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), v128.load(table, 192));
  return f32x4.mul(p, i32x4.add(i32x4.shl(shifted, 23), v128.load(table, 208)));
}

/** 1 / (1 + e^-x) */
// @ts-expect-error: decorator
@inline
export function sigmoidFrom(x: v128, table: usize): v128 {
  const one = v128.load(table, 192);
  return f32x4.div(one, f32x4.add(one, expFrom(f32x4.mul(x, v128.load(table, 224)), table)));
}

/** (1 - e^-2x) / (1 + e^-2x) */
// @ts-expect-error: decorator
@inline
export function tanhFrom(x: v128, table: usize): v128 {
  const one = v128.load(table, 192);
  const e = expFrom(f32x4.mul(x, v128.load(table, 240)), table);
  return f32x4.div(f32x4.sub(one, e), f32x4.add(one, e));
}
