// Batch normalisation over the rows of a matrix [rows, columns]. A mask, where there is one (address 0: none), has one
// number a row; a row whose number is 0 does not count and comes out as zeros.

import { addColumnSums } from './reductions';

// @ts-expect-error: decorator
@inline
function counts(mask: usize, row: i32): bool {
  return mask == 0 || load<f32>(mask + ((<usize>row) << 2)) != 0;
}

// @ts-expect-error: decorator
@inline
function add4(sums: usize, v: v128): void {
  v128.store(sums, f64x2.add(v128.load(sums), f64x2.promote_low_f32x4(v)));
  v128.store(sums, f64x2.add(v128.load(sums, 16), f64x2.promote_low_f32x4(v128.shuffle<f64>(v, v, 1, 1))), 16);
}

// @ts-expect-error: decorator
@inline
function add1(sums: usize, v: f32): void {
  store<f64>(sums, load<f64>(sums) + <f64>v);
}

/** y = (x - mean) * scale + shift for each number, mean, scale and shift one a column; `columns` a multiple of 4. */
export function affineRow(n: i32, columns: i32, x: usize, mean: usize, scale: usize, shift: usize, y: usize): void {
  const end = x + ((<usize>n) << 2);
  const rowBytes = (<usize>columns) << 2;
  let c: usize = 0;
  for (; x + 16 <= end; x += 16, y += 16) {
    const centred = f32x4.sub(v128.load(x), v128.load(mean + c));
    v128.store(y, f32x4.add(f32x4.mul(centred, v128.load(scale + c)), v128.load(shift + c)));
    c += 16;
    if (c == rowBytes) c = 0;
  }
  for (; x < end; x += 4, y += 4, c += 4) {
    store<f32>(y, (load<f32>(x) - load<f32>(mean + c)) * load<f32>(scale + c) + load<f32>(shift + c));
  }
}

/** mean and (biased) variance of each column over the rows that count, `count` of them. `scratch`: 8 bytes a column. */
export function rowMoments(
  rows: i32,
  columns: i32,
  x: usize,
  mask: usize,
  count: f64,
  mean: usize,
  variance: usize,
  scratch: usize,
): void {
  const stride = (<usize>columns) << 2;
  memory.fill(scratch, 0, (<usize>columns) << 3);
  let at = x;
  if (mask == 0) addColumnSums(rows, columns, x, scratch);
  else for (let r = 0; r < rows; r++, at += stride) if (counts(mask, r)) addColumnSums(1, columns, at, scratch);
  for (let c = 0; c < columns; c++) {
    store<f32>(mean + ((<usize>c) << 2), <f32>(load<f64>(scratch + ((<usize>c) << 3)) / count));
  }

  memory.fill(scratch, 0, (<usize>columns) << 3);
  at = x;
  for (let r = 0; r < rows; r++, at += stride) {
    if (!counts(mask, r)) continue;
    let c = 0;
    for (; c + 4 <= columns; c += 4) {
      const offset = (<usize>c) << 2;
      const d = f32x4.sub(v128.load(at + offset), v128.load(mean + offset));
      add4(scratch + 2 * offset, f32x4.mul(d, d));
    }
    for (; c < columns; c++) {
      const offset = (<usize>c) << 2;
      const d = load<f32>(at + offset) - load<f32>(mean + offset);
      add1(scratch + 2 * offset, d * d);
    }
  }
  for (let c = 0; c < columns; c++) {
    store<f32>(variance + ((<usize>c) << 2), <f32>(load<f64>(scratch + ((<usize>c) << 3)) / count));
  }
}

/** y = (x - mean) * scale + shift in the rows that count, zeros in the others. */
export function normalizeRows(
  rows: i32,
  columns: i32,
  x: usize,
  mask: usize,
  mean: usize,
  scale: usize,
  shift: usize,
  y: usize,
): void {
  const stride = (<usize>columns) << 2;
  for (let r = 0; r < rows; r++, x += stride, y += stride) {
    if (!counts(mask, r)) {
      memory.fill(y, 0, stride);
      continue;
    }
    let c = 0;
    for (; c + 4 <= columns; c += 4) {
      const at = (<usize>c) << 2;
      const centred = f32x4.sub(v128.load(x + at), v128.load(mean + at));
      v128.store(y + at, f32x4.add(f32x4.mul(centred, v128.load(scale + at)), v128.load(shift + at)));
    }
    for (; c < columns; c++) {
      const at = (<usize>c) << 2;
      store<f32>(y + at, (load<f32>(x + at) - load<f32>(mean + at)) * load<f32>(scale + at) + load<f32>(shift + at));
    }
  }
}

/**
 * The gradients of batch normalisation over `count` rows, with normal = (x - mean) * inverse:
 * dShift = sum(dy), dScale = sum(dy normal), dx = gamma inverse (dy - dShift / count - normal dScale / count).
 * `scratch`: 16 bytes a column.
 */
export function batchNormGrad(
  rows: i32,
  columns: i32,
  x: usize,
  dy: usize,
  mask: usize,
  count: f64,
  mean: usize,
  inverse: usize,
  gamma: usize,
  dx: usize,
  dScale: usize,
  dShift: usize,
  scratch: usize,
): void {
  const stride = (<usize>columns) << 2;
  const products = scratch + 2 * stride;
  memory.fill(scratch, 0, 4 * stride);
  for (let r = 0; r < rows; r++) {
    if (!counts(mask, r)) continue;
    const xr = x + r * stride;
    const dr = dy + r * stride;
    let c = 0;
    for (; c + 4 <= columns; c += 4) {
      const at = (<usize>c) << 2;
      const d = v128.load(dr + at);
      add4(scratch + 2 * at, d);
      add4(products + 2 * at, f32x4.mul(d, f32x4.sub(v128.load(xr + at), v128.load(mean + at))));
    }
    for (; c < columns; c++) {
      const at = (<usize>c) << 2;
      const d = load<f32>(dr + at);
      add1(scratch + 2 * at, d);
      add1(products + 2 * at, d * (load<f32>(xr + at) - load<f32>(mean + at)));
    }
  }
  // What is subtracted, as floats in the scratch: dShift / count, and dScale inverse / count beside x - mean.
  const level = scratch;
  const slope = scratch + stride;
  for (let c = 0; c < columns; c++) {
    const at = (<usize>c) << 2;
    const shiftSum = load<f64>(scratch + 2 * at);
    store<f32>(dShift + at, <f32>shiftSum);
    store<f32>(level + at, <f32>(shiftSum / count)); // the float64 sum of this column is read, those before are used up
  }
  for (let c = 0; c < columns; c++) {
    const at = (<usize>c) << 2;
    const inv = <f64>load<f32>(inverse + at);
    const scaleSum = load<f64>(products + 2 * at) * inv;
    store<f32>(dScale + at, <f32>scaleSum);
    store<f32>(slope + at, <f32>((scaleSum * inv) / count));
  }
  for (let r = 0; r < rows; r++) {
    const xr = x + r * stride;
    const dr = dy + r * stride;
    const to = dx + r * stride;
    if (!counts(mask, r)) {
      memory.fill(to, 0, stride);
      continue;
    }
    let c = 0;
    for (; c + 4 <= columns; c += 4) {
      const at = (<usize>c) << 2;
      const centred = f32x4.sub(v128.load(xr + at), v128.load(mean + at));
      const inner = f32x4.sub(
        f32x4.sub(v128.load(dr + at), v128.load(level + at)),
        f32x4.mul(centred, v128.load(slope + at)),
      );
      v128.store(to + at, f32x4.mul(inner, f32x4.mul(v128.load(gamma + at), v128.load(inverse + at))));
    }
    for (; c < columns; c++) {
      const at = (<usize>c) << 2;
      const centred = load<f32>(xr + at) - load<f32>(mean + at);
      const inner = load<f32>(dr + at) - load<f32>(level + at) - centred * load<f32>(slope + at);
      store<f32>(to + at, inner * (load<f32>(gamma + at) * load<f32>(inverse + at)));
    }
  }
}
