// What is done number by number, and the operations of a matrix with one row.
//
// A short row is first written out several times (see wide-row.ts on the TypeScript side), so that its length is a multiple
// of four numbers and the inner loop is long.

import { tanh4 } from './activations';

const ADD: i32 = 0;
const SUB: i32 = 1;
const MUL: i32 = 2;

// @ts-expect-error: decorator
@inline
function compute4(op: i32, a: v128, b: v128): v128 {
  if (op == ADD) return f32x4.add(a, b);
  if (op == SUB) return f32x4.sub(a, b);
  if (op == MUL) return f32x4.mul(a, b);
  return f32x4.div(a, b);
}

// @ts-expect-error: decorator
@inline
function withRow(op: i32, swapped: bool, n: i32, columns: i32, a: usize, row: usize, to: usize): void {
  const rowEnd = row + ((<usize>columns) << 2);
  const end = a + ((<usize>n) << 2);
  const last = end - 16;
  while (a < end) {
    let r = row;
    for (; r < rowEnd && a <= last; r += 16, a += 16, to += 16) {
      const x = v128.load(a);
      const y = v128.load(r);
      v128.store(to, swapped ? compute4(op, y, x) : compute4(op, x, y));
    }
    if (a > last) {
      for (; a < end; r += 4, a += 4, to += 4) {
        if (r == rowEnd) r = row;
        const x = f32x4.splat(load<f32>(a));
        const y = f32x4.splat(load<f32>(r));
        store<f32>(to, f32x4.extract_lane(swapped ? compute4(op, y, x) : compute4(op, x, y), 0));
      }
    }
  }
}

/**
 * to[i] = a[i] op row[i mod columns] for n numbers; swapped: row op a. op: 0 add, 1 subtract, 2 multiply, 3 divide.
 * `columns` is a multiple of 4.
 */
export function binaryRow(op: i32, swapped: bool, n: i32, columns: i32, a: usize, row: usize, to: usize): void {
  if (op == ADD) withRow(ADD, false, n, columns, a, row, to);
  else if (op == MUL) withRow(MUL, false, n, columns, a, row, to);
  else if (op == SUB && swapped) withRow(SUB, true, n, columns, a, row, to);
  else if (op == SUB) withRow(SUB, false, n, columns, a, row, to);
  else if (swapped) withRow(3, true, n, columns, a, row, to);
  else withRow(3, false, n, columns, a, row, to);
}

/** tanh x within 2e-7; below 0.05 by x - x^3/3 + 2x^5/15, where the quotient would cancel digits. */
// @ts-expect-error: decorator
@inline
function accurateTanh4(x: v128): v128 {
  const square = f32x4.mul(x, x);
  const inner = f32x4.sub(f32x4.splat(1.0 / 3.0), f32x4.mul(square, f32x4.splat(2.0 / 15.0)));
  const series = f32x4.mul(x, f32x4.sub(f32x4.splat(1), f32x4.mul(square, inner)));
  const small = f32x4.lt(f32x4.abs(x), f32x4.splat(0.05));
  return v128.bitselect(series, tanh4(x), small);
}

/** to[i] = tanh x[i] for n numbers. */
export function tanhEach(n: i32, x: usize, to: usize): void {
  let i = 0;
  for (; i + 4 <= n; i += 4, x += 16, to += 16) v128.store(to, accurateTanh4(v128.load(x)));
  for (; i < n; i++, x += 4, to += 4) {
    store<f32>(to, f32x4.extract_lane(accurateTanh4(f32x4.splat(load<f32>(x))), 0));
  }
}

const EQUAL: i32 = 0;
const NOT_EQUAL: i32 = 1;
const GREATER: i32 = 2;
const GREATER_EQUAL: i32 = 3;
const LESS: i32 = 4;

// @ts-expect-error: decorator
@inline
function compares4(op: i32, a: v128, b: v128): v128 {
  if (op == EQUAL) return f32x4.eq(a, b);
  if (op == NOT_EQUAL) return f32x4.ne(a, b);
  if (op == GREATER) return f32x4.gt(a, b);
  if (op == GREATER_EQUAL) return f32x4.ge(a, b);
  if (op == LESS) return f32x4.lt(a, b);
  return f32x4.le(a, b);
}

// @ts-expect-error: decorator
@inline
function comparing(op: i32, n: i32, a: usize, b: usize, single: bool, to: usize): void {
  const splat = v128.load_splat<f32>(b);
  const one = i8x16.splat(1);
  let i = 0;
  for (; i + 16 <= n; i += 16, a += 64, to += 16) {
    const at = b + ((<usize>i) << 2);
    const low = i16x8.narrow_i32x4_s(
      compares4(op, v128.load(a), single ? splat : v128.load(at)),
      compares4(op, v128.load(a, 16), single ? splat : v128.load(at, 16)),
    );
    const high = i16x8.narrow_i32x4_s(
      compares4(op, v128.load(a, 32), single ? splat : v128.load(at, 32)),
      compares4(op, v128.load(a, 48), single ? splat : v128.load(at, 48)),
    );
    v128.store(to, v128.and(i8x16.narrow_i16x8_s(low, high), one));
  }
  for (; i < n; i++, a += 4, to++) {
    const y = single ? splat : f32x4.splat(load<f32>(b + ((<usize>i) << 2)));
    store<u8>(to, <u8>(i32x4.extract_lane(compares4(op, f32x4.splat(load<f32>(a)), y), 0) & 1));
  }
}

/**
 * Bytes of 1 where a[i] op b[i] holds (b[0] for all where `single`), 0 elsewhere. op: 0 =, 1 not =, 2 >, 3 >=, 4 <, 5 <=.
 */
export function compare(op: i32, n: i32, a: usize, b: usize, single: bool, to: usize): void {
  if (op == EQUAL) comparing(EQUAL, n, a, b, single, to);
  else if (op == NOT_EQUAL) comparing(NOT_EQUAL, n, a, b, single, to);
  else if (op == GREATER) comparing(GREATER, n, a, b, single, to);
  else if (op == GREATER_EQUAL) comparing(GREATER_EQUAL, n, a, b, single, to);
  else if (op == LESS) comparing(LESS, n, a, b, single, to);
  else comparing(5, n, a, b, single, to);
}

/** Copies each of `blocks` blocks of so many bytes (a multiple of 4) `times` times, one after the other. */
export function repeatBlocks(blocks: i32, bytes: usize, times: i32, from: usize, to: usize): void {
  for (let i = 0; i < blocks; i++, from += bytes) {
    const total = bytes * times;
    if (bytes == 4) {
      const value = v128.load_splat<f32>(from);
      let at: usize = 0;
      for (; at + 16 <= total; at += 16) v128.store(to + at, value);
      for (; at < total; at += 4) store<f32>(to + at, load<f32>(from));
    } else if (total > 0) {
      memory.copy(to, from, bytes);
      // What is there is copied behind itself, up to a piece that stays in the first cache.
      let done = bytes;
      while (done < total) {
        const piece = min(min(done, max(bytes, ((<usize>16384) / bytes) * bytes)), total - done);
        memory.copy(to + done, to, piece);
        done += piece;
      }
    }
    to += total;
  }
}
