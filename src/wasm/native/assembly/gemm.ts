// Matrix products in single precision, SIMD, one thread. Matrices are addresses with a stride in bytes from row to row
// (rs) and from column to column (cs), so a transposed matrix is the same address with its strides exchanged.
//
// Both sides are first packed into panels that the inner loop reads straight through: of the left-hand matrix 4 rows,
// [k][4], of the right-hand one 8 columns, [k][8], each filled up with zeros. A tile of 4 x 8 results then stays in eight
// registers: V8 has fifteen to give, and anything larger than this spills. Rows that lie straight in memory need no
// packing: the tile reads them through four pointers at the same speed.

const KC: i32 = 256;
const NC: i32 = 512;
const MC: i32 = 128;

/** Bytes of scratch that gemm() needs at most, whatever the sizes. */
export const GEMM_SCRATCH: usize = (256 * 512 + 128 * 256 + 32) * 4;

/** Bytes of scratch that gemm() needs for these sizes. */
export function gemmScratch(m: i32, n: i32, k: i32): usize {
  const kc = min(KC, k);
  return packedColumns(kc, min(NC, n)) + packedRows(min(MC, m), kc) + SPARE;
}

/** Bytes for one tile, for results at the edges. */
export const SPARE: usize = 128;

/** Bytes that packA() writes for m rows of k. */
// @ts-expect-error: decorator
@inline
export function packedRows(m: i32, k: i32): usize {
  return ((<usize>m + 3) & ~3) * k * 4;
}

/** Bytes that packB() writes for k rows of n columns. */
// @ts-expect-error: decorator
@inline
export function packedColumns(k: i32, n: i32): usize {
  return ((<usize>n + 7) & ~7) * k * 4;
}

/** Rows in panels of four, [k][4]. */
export function packA(m: i32, k: i32, a: usize, rs: usize, cs: usize, to: usize): void {
  let i = 0;
  for (; i + 4 <= m; i += 4) {
    let s = a + i * rs;
    if (rs == 4) {
      for (let p = 0; p < k; p++, s += cs, to += 16) v128.store(to, v128.load(s));
      continue;
    }
    let p = 0;
    if (cs == 4) {
      // Four rows of four columns at a time, transposed in registers.
      for (; p + 4 <= k; p += 4, s += 16, to += 64) {
        const r0 = v128.load(s);
        const r1 = v128.load(s + rs);
        const r2 = v128.load(s + 2 * rs);
        const r3 = v128.load(s + 3 * rs);
        const l01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
        const l23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
        const h01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
        const h23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
        v128.store(to, v128.shuffle<f64>(l01, l23, 0, 2));
        v128.store(to, v128.shuffle<f64>(l01, l23, 1, 3), 16);
        v128.store(to, v128.shuffle<f64>(h01, h23, 0, 2), 32);
        v128.store(to, v128.shuffle<f64>(h01, h23, 1, 3), 48);
      }
    }
    for (; p < k; p++, s += cs, to += 16) {
      store<f32>(to, load<f32>(s));
      store<f32>(to, load<f32>(s + rs), 4);
      store<f32>(to, load<f32>(s + 2 * rs), 8);
      store<f32>(to, load<f32>(s + 3 * rs), 12);
    }
  }
  const rest = m - i;
  if (rest > 0) {
    for (let p = 0; p < k; p++) {
      let s = a + i * rs + p * cs;
      for (let r = 0; r < 4; r++, s += rs, to += 4) store<f32>(to, r < rest ? load<f32>(s) : 0);
    }
  }
}

/** Columns in panels of eight, [k][8]. */
export function packB(k: i32, n: i32, b: usize, rs: usize, cs: usize, to: usize): void {
  for (let j = 0; j < n; j += 8) {
    const columns = min(8, n - j);
    let s = b + j * cs;
    if (columns == 8 && cs == 4) {
      for (let p = 0; p < k; p++, s += rs, to += 32) {
        v128.store(to, v128.load(s));
        v128.store(to, v128.load(s, 16), 16);
      }
    } else if (columns == 8) {
      packA(4, k, s, cs, rs, to); // two panels of four, laid side by side below
      spread(k, s + 4 * cs, cs, rs, to);
    } else {
      for (let p = 0; p < k; p++, s += rs) {
        let from = s;
        for (let c = 0; c < 8; c++, from += cs, to += 4) store<f32>(to, c < columns ? load<f32>(from) : 0);
      }
      continue;
    }
    if (cs != 4) to += <usize>k * 32;
  }
}

/** Turns k rows of four at `to` into rows of eight in place, the other four columns from `s`. */
function spread(k: i32, s: usize, cs: usize, rs: usize, to: usize): void {
  for (let p = k - 1; p >= 0; p--) {
    const row = to + <usize>p * 32;
    v128.store(row, v128.load(to + <usize>p * 16));
    const from = s + p * rs;
    store<f32>(row, load<f32>(from), 16);
    store<f32>(row, load<f32>(from + cs), 20);
    store<f32>(row, load<f32>(from + 2 * cs), 24);
    store<f32>(row, load<f32>(from + 3 * cs), 28);
  }
}

// @ts-expect-error: decorator
@inline
function put(c: usize, v0: v128, v1: v128, add: bool): void {
  if (add) {
    v128.store(c, f32x4.add(v128.load(c), v0));
    v128.store(c, f32x4.add(v128.load(c, 16), v1), 16);
  } else {
    v128.store(c, v0);
    v128.store(c, v1, 16);
  }
}

/** A tile of 4 x 8 from one panel of each side. */
function tile4(k: i32, a: usize, b: usize, c: usize, ldc: usize, add: bool): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  const end = b + <usize>k * 32;
  for (; b < end; b += 32, a += 16) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load_splat<f32>(a);
    c00 = f32x4.add(c00, f32x4.mul(x0, b0));
    c01 = f32x4.add(c01, f32x4.mul(x0, b1));
    const x1 = v128.load_splat<f32>(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(x1, b0));
    c11 = f32x4.add(c11, f32x4.mul(x1, b1));
    const x2 = v128.load_splat<f32>(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(x2, b0));
    c21 = f32x4.add(c21, f32x4.mul(x2, b1));
    const x3 = v128.load_splat<f32>(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(x3, b0));
    c31 = f32x4.add(c31, f32x4.mul(x3, b1));
  }
  put(c, c00, c01, add);
  put(c + ldc, c10, c11, add);
  put(c + 2 * ldc, c20, c21, add);
  put(c + 3 * ldc, c30, c31, add);
}

/**
 * A tile of 4 x 8 from four rows that lie where they lie, in `runs` stretches of `length` bytes: stretch r begins at
 * a0 + offsets[r], a1 + offsets[r], ... (32-bit offsets in bytes). `b` is a panel of 8 columns.
 */
export function tileRuns(
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  runs: i32,
  offsets: usize,
  length: usize,
  b: usize,
  c: usize,
  ldc: usize,
  add: bool,
): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  const last = offsets + <usize>runs * 4;
  for (; offsets < last; offsets += 4) {
    const offset = load<u32>(offsets);
    let p0 = a0 + offset;
    let p1 = a1 + offset;
    let p2 = a2 + offset;
    let p3 = a3 + offset;
    const end = p0 + length;
    for (; p0 < end; p0 += 4, p1 += 4, p2 += 4, p3 += 4, b += 32) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      const x0 = v128.load_splat<f32>(p0);
      c00 = f32x4.add(c00, f32x4.mul(x0, b0));
      c01 = f32x4.add(c01, f32x4.mul(x0, b1));
      const x1 = v128.load_splat<f32>(p1);
      c10 = f32x4.add(c10, f32x4.mul(x1, b0));
      c11 = f32x4.add(c11, f32x4.mul(x1, b1));
      const x2 = v128.load_splat<f32>(p2);
      c20 = f32x4.add(c20, f32x4.mul(x2, b0));
      c21 = f32x4.add(c21, f32x4.mul(x2, b1));
      const x3 = v128.load_splat<f32>(p3);
      c30 = f32x4.add(c30, f32x4.mul(x3, b0));
      c31 = f32x4.add(c31, f32x4.mul(x3, b1));
    }
  }
  put(c, c00, c01, add);
  put(c + ldc, c10, c11, add);
  put(c + 2 * ldc, c20, c21, add);
  put(c + 3 * ldc, c30, c31, add);
}

/** Copies (or adds) the first rows and columns of a tile in `spare` to where they belong. */
export function putPart(spare: usize, rows: i32, columns: i32, c: usize, ldc: usize, add: bool): void {
  for (let r = 0; r < rows; r++) {
    for (let q = 0; q < columns; q++) {
      const to = c + r * ldc + q * 4;
      const value = load<f32>(spare + r * 32 + q * 4);
      store<f32>(to, add ? load<f32>(to) + value : value);
    }
  }
}

/**
 * c[m, n] = or += a b, the rows of a as they lie (ars bytes apart, columns next to each other), b packed. `spare`: SPARE
 * bytes.
 */
export function gemmRows(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  ars: usize,
  packedB: usize,
  c: usize,
  ldc: usize,
  add: bool,
  spare: usize,
): void {
  for (let j = 0; j < n; j += 8) {
    const b = packedB + <usize>j * k * 4;
    const columns = min(8, n - j);
    for (let i = 0; i < m; i += 4) {
      const rows = min(4, m - i);
      const whole = rows == 4 && columns == 8;
      const a0 = a + i * ars;
      const a1 = rows > 1 ? a0 + ars : a0;
      const a2 = rows > 2 ? a1 + ars : a0;
      const a3 = rows > 3 ? a2 + ars : a0;
      const at = c + i * ldc + j * 4;
      store<u32>(spare, 0); // the one stretch's offset: read before the tile is written
      tileRuns(a0, a1, a2, a3, 1, spare, <usize>k * 4, b, whole ? at : spare, whole ? ldc : 32, whole && add);
      if (!whole) putPart(spare, rows, columns, at, ldc, add);
    }
  }
}

/** One row times a matrix whose rows lie straight: c[n] = or += a[k] b[k, n]. Nothing is packed. */
export function rowTimesMatrix(n: i32, k: i32, a: usize, acs: usize, b: usize, brs: usize, c: usize, add: bool): void {
  let j = 0;
  for (; j + 32 <= n; j += 32, b += 128, c += 128) {
    let c0 = f32x4.splat(0);
    let c1 = c0;
    let c2 = c0;
    let c3 = c0;
    let c4 = c0;
    let c5 = c0;
    let c6 = c0;
    let c7 = c0;
    let x = a;
    let y = b;
    for (let p = 0; p < k; p++, x += acs, y += brs) {
      const v = v128.load_splat<f32>(x);
      c0 = f32x4.add(c0, f32x4.mul(v, v128.load(y)));
      c1 = f32x4.add(c1, f32x4.mul(v, v128.load(y, 16)));
      c2 = f32x4.add(c2, f32x4.mul(v, v128.load(y, 32)));
      c3 = f32x4.add(c3, f32x4.mul(v, v128.load(y, 48)));
      c4 = f32x4.add(c4, f32x4.mul(v, v128.load(y, 64)));
      c5 = f32x4.add(c5, f32x4.mul(v, v128.load(y, 80)));
      c6 = f32x4.add(c6, f32x4.mul(v, v128.load(y, 96)));
      c7 = f32x4.add(c7, f32x4.mul(v, v128.load(y, 112)));
    }
    put(c, c0, c1, add);
    put(c + 32, c2, c3, add);
    put(c + 64, c4, c5, add);
    put(c + 96, c6, c7, add);
  }
  for (; j + 4 <= n; j += 4, b += 16, c += 16) {
    let even = f32x4.splat(0);
    let odd = even;
    let x = a;
    let y = b;
    let p = 0;
    for (; p + 2 <= k; p += 2, x += 2 * acs, y += 2 * brs) {
      even = f32x4.add(even, f32x4.mul(v128.load_splat<f32>(x), v128.load(y)));
      odd = f32x4.add(odd, f32x4.mul(v128.load_splat<f32>(x + acs), v128.load(y + brs)));
    }
    if (p < k) even = f32x4.add(even, f32x4.mul(v128.load_splat<f32>(x), v128.load(y)));
    const sum = f32x4.add(even, odd);
    v128.store(c, add ? f32x4.add(v128.load(c), sum) : sum);
  }
  for (; j < n; j++, b += 4, c += 4) {
    let sum: f32 = 0;
    let x = a;
    let y = b;
    for (let p = 0; p < k; p++, x += acs, y += brs) sum += load<f32>(x) * load<f32>(y);
    store<f32>(c, add ? load<f32>(c) + sum : sum);
  }
}

/** One row of 8 from a panel of four rows (`a` points at that row's first number). */
export function tile1(k: i32, a: usize, b: usize, c: usize, add: bool): void {
  let c0 = f32x4.splat(0);
  let c1 = c0;
  let d0 = c0;
  let d1 = c0;
  let p = 0;
  for (; p + 2 <= k; p += 2, b += 64, a += 32) {
    const x = v128.load_splat<f32>(a);
    c0 = f32x4.add(c0, f32x4.mul(x, v128.load(b)));
    c1 = f32x4.add(c1, f32x4.mul(x, v128.load(b, 16)));
    const y = v128.load_splat<f32>(a, 16);
    d0 = f32x4.add(d0, f32x4.mul(y, v128.load(b, 32)));
    d1 = f32x4.add(d1, f32x4.mul(y, v128.load(b, 48)));
  }
  if (p < k) {
    const x = v128.load_splat<f32>(a);
    c0 = f32x4.add(c0, f32x4.mul(x, v128.load(b)));
    c1 = f32x4.add(c1, f32x4.mul(x, v128.load(b, 16)));
  }
  put(c, f32x4.add(c0, d0), f32x4.add(c1, d1), add);
}

/** c[m, n] = or += a b from packed panels; c's rows are ldc bytes apart. `spare`: 128 bytes. */
export function gemmPacked(
  m: i32,
  n: i32,
  k: i32,
  packedA: usize,
  packedB: usize,
  c: usize,
  ldc: usize,
  add: bool,
  spare: usize,
): void {
  for (let j = 0; j < n; j += 8) {
    const b = packedB + <usize>j * k * 4;
    const columns = min(8, n - j);
    for (let i = 0; i < m; i += 4) {
      const a = packedA + <usize>i * k * 4;
      const rows = min(4, m - i);
      const at = c + i * ldc + j * 4;
      if (columns == 8) {
        if (rows == 4) tile4(k, a, b, at, ldc, add);
        else for (let r = 0; r < rows; r++) tile1(k, a + r * 4, b, at + r * ldc, add);
      } else {
        tile4(k, a, b, spare, 32, false);
        putPart(spare, rows, columns, at, ldc, add);
      }
    }
  }
}

/** c[m, n] = or += a[m, k] b[k, n]; c's rows are ldc bytes apart. `scratch`: gemmScratch(m, n, k) bytes. k = 0 gives zeros. */
export function gemm(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  ars: usize,
  acs: usize,
  b: usize,
  brs: usize,
  bcs: usize,
  c: usize,
  ldc: usize,
  add: bool,
  scratch: usize,
): void {
  if (m < 4 && bcs == 4) {
    for (let i = 0; i < m; i++) rowTimesMatrix(n, k, a + i * ars, acs, b, brs, c + i * ldc, add);
    return;
  }
  const spare = scratch;
  const packedB = spare + SPARE;
  const packedA = packedB + packedColumns(min(KC, k), min(NC, n));
  if (k == 0 && !add) for (let i = 0; i < m; i++) memory.fill(c + i * ldc, 0, n * 4);
  for (let k0 = 0; k0 < k; k0 += KC) {
    const kc = min(KC, k - k0);
    const more = add || k0 > 0;
    for (let n0 = 0; n0 < n; n0 += NC) {
      const nc = min(NC, n - n0);
      packB(kc, nc, b + k0 * brs + n0 * bcs, brs, bcs, packedB);
      for (let m0 = 0; m0 < m; m0 += MC) {
        const mc = min(MC, m - m0);
        const from = a + m0 * ars + k0 * acs;
        const to = c + m0 * ldc + n0 * 4;
        if (acs == 4) {
          gemmRows(mc, nc, kc, from, ars, packedB, to, ldc, more, spare);
        } else {
          packA(mc, kc, from, ars, acs, packedA);
          gemmPacked(mc, nc, kc, packedA, packedB, to, ldc, more, spare);
        }
      }
    }
  }
}
