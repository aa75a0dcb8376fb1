// Sums in float64 of numbers in float32.

/** Rows that are summed before the next columns are taken: what they hold stays in the cache. */
const ROWS: i32 = 256;

// @ts-expect-error: decorator
@inline
function high(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f64>(x, x, 1, 1));
}

/** sums[c] (float64) += the column sums of x [rows, columns], row-major. */
export function addColumnSums(rows: i32, columns: i32, x: usize, sums: usize): void {
  const stride = (<usize>columns) << 2;
  for (let first = 0; first < rows; first += ROWS) {
    const count = min(ROWS, rows - first);
    const block = x + first * stride;
    let c = 0;
    for (; c + 8 <= columns; c += 8) {
      const to = sums + ((<usize>c) << 3);
      let s0 = v128.load(to);
      let s1 = v128.load(to, 16);
      let s2 = v128.load(to, 32);
      let s3 = v128.load(to, 48);
      let at = block + ((<usize>c) << 2);
      for (let r = 0; r < count; r++, at += stride) {
        const v = v128.load(at);
        const w = v128.load(at, 16);
        s0 = f64x2.add(s0, f64x2.promote_low_f32x4(v));
        s1 = f64x2.add(s1, high(v));
        s2 = f64x2.add(s2, f64x2.promote_low_f32x4(w));
        s3 = f64x2.add(s3, high(w));
      }
      v128.store(to, s0);
      v128.store(to, s1, 16);
      v128.store(to, s2, 32);
      v128.store(to, s3, 48);
    }
    for (; c < columns; c++) {
      const to = sums + ((<usize>c) << 3);
      let s = load<f64>(to);
      let at = block + ((<usize>c) << 2);
      for (let r = 0; r < count; r++, at += stride) s += <f64>load<f32>(at);
      store<f64>(to, s);
    }
  }
}

/** The sum of n numbers in a row. */
function sumOf(n: i32, x: usize): f64 {
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let i = 0;
  for (; i + 8 <= n; i += 8, x += 32) {
    const v = v128.load(x);
    const w = v128.load(x, 16);
    s0 = f64x2.add(s0, f64x2.promote_low_f32x4(v));
    s1 = f64x2.add(s1, high(v));
    s2 = f64x2.add(s2, f64x2.promote_low_f32x4(w));
    s3 = f64x2.add(s3, high(w));
  }
  const all = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3));
  let s = f64x2.extract_lane(all, 0) + f64x2.extract_lane(all, 1);
  for (; i < n; i++, x += 4) s += <f64>load<f32>(x);
  return s;
}

/**
 * to[o, i] = the sum over r of x[o, r, i], divided by `divisor`: x is [outer, reduced, inner]. `scratch`: 8 bytes for
 * each of `inner`.
 */
export function sumMiddle(
  outer: i32,
  reduced: i32,
  inner: i32,
  x: usize,
  divisor: f64,
  to: usize,
  scratch: usize,
): void {
  const step = ((<usize>reduced) << 2) * inner;
  for (let o = 0; o < outer; o++, x += step) {
    if (inner == 1) {
      store<f32>(to, <f32>(sumOf(reduced, x) / divisor));
      to += 4;
      continue;
    }
    memory.fill(scratch, 0, (<usize>inner) << 3);
    addColumnSums(reduced, inner, x, scratch);
    for (let i = 0; i < inner; i++, to += 4) store<f32>(to, <f32>(load<f64>(scratch + ((<usize>i) << 3)) / divisor));
  }
}
