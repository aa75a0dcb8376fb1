// A product for the recurrent layers' frames. For a number that is to be multiplied with a whole vector V8 spends two
// instructions, the address and the load; here the left-hand matrix is packed with each number four times, and every load
// is one. That is worth its memory where a packed row is used for many columns and still lies in the cache.

/** Bytes of so many rows of k packed by spreadRows(). */
// @ts-expect-error: decorator
@inline
export function spreadBytes(m: i32, k: i32): usize {
  return ((<usize>m + 3) & ~3) * k * 16;
}

/**
 * Rows of k numbers, lda bytes apart, in panels of four, [k][4][4]: each number four times, rows that are missing as zeros.
 * A panel is `panel` bytes after the one before.
 */
export function spreadRows(m: i32, k: i32, a: usize, lda: usize, to: usize, panel: usize): void {
  const zero = f32x4.splat(0);
  for (let i = 0; i < m; i += 4, to += panel) {
    for (let r = 0; r < 4; r++) {
      let s = a + (i + r) * lda;
      let at = to + r * 16;
      if (i + r < m) for (let p = 0; p < k; p++, s += 4, at += 64) v128.store(at, v128.load_splat<f32>(s));
      else for (let p = 0; p < k; p++, at += 64) v128.store(at, zero);
    }
  }
}

/** A tile of 4 x 8 from a panel of spread rows and one of packed columns, [k][8]. */
export function spreadTile(k: i32, a: usize, b: usize, c: usize, ldc: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  const end = b + <usize>k * 32;
  for (; b < end; b += 32, a += 64) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load(a);
    c00 = f32x4.add(c00, f32x4.mul(x0, b0));
    c01 = f32x4.add(c01, f32x4.mul(x0, b1));
    const x1 = v128.load(a, 16);
    c10 = f32x4.add(c10, f32x4.mul(x1, b0));
    c11 = f32x4.add(c11, f32x4.mul(x1, b1));
    const x2 = v128.load(a, 32);
    c20 = f32x4.add(c20, f32x4.mul(x2, b0));
    c21 = f32x4.add(c21, f32x4.mul(x2, b1));
    const x3 = v128.load(a, 48);
    c30 = f32x4.add(c30, f32x4.mul(x3, b0));
    c31 = f32x4.add(c31, f32x4.mul(x3, b1));
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c + ldc, c10);
  v128.store(c + ldc, c11, 16);
  v128.store(c + 2 * ldc, c20);
  v128.store(c + 2 * ldc, c21, 16);
  v128.store(c + 3 * ldc, c30);
  v128.store(c + 3 * ldc, c31, 16);
}
