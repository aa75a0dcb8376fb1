// What the recurrent layers share. Inputs, states and dz are stored clip by clip, [rows, frames, ...]: row b of frame t lies
// (b * frames + t) rows from the start, so a frame is a matrix whose rows are `frames` rows apart. What is kept for the
// gradient alone is [frames, rows, ...].
//
// A forward pass works in a scratch that stays in the cache: states [rows, width] (the units, filled up to a multiple of
// BLOCK) and, for one block of units at a time, the gates' pre-activations [rows, gates, BLOCK]. They are one product of
// [frame, state] with the weights [kernel; recurrent], packed once. Of a few rows only the state is multiplied frame by
// frame: tiles of four rows would stay empty, and over all frames the input's product fills them.

import { CONSTANTS_BYTES } from './activations';
import { gemm, gemmPacked, packA, packB, packedColumns, packedRows, tile1 } from './gemm';
import { spreadBytes, spreadRows, spreadTile } from './spread';

// Blocks of the weights' gradient, as large as gemm()'s scratch.
const KC: i32 = 256;
const NC: i32 = 512;
const MC: i32 = 128;

/** Bits of `flags`. */
export const REVERSE: i32 = 1;
export const HARD_SIGMOID: i32 = 2;
export const SEQUENCES: i32 = 4;

/** The next multiple of 16 bytes. */
// @ts-expect-error: decorator
@inline
export function aligned(bytes: usize): usize {
  return (bytes + 15) & ~15;
}

/** Bytes of a [rows, units] matrix. */
// @ts-expect-error: decorator
@inline
export function matrixBytes(rows: i32, units: i32): usize {
  return aligned(<usize>rows * units * 4);
}

/** Units that are computed together: the columns of a panel of packed weights. */
export const BLOCK: i32 = 8;
export const BLOCK_BYTES: usize = 32;

/** Bytes of a row of states, filled up to whole blocks. */
// @ts-expect-error: decorator
@inline
export function widthBytes(units: i32): usize {
  return <usize>((units + BLOCK - 1) & -BLOCK) * 4;
}

/** Whether the input's product is made for all frames at once, into the memory of the kept gates. */
export function inputFirst(rows: i32): bool {
  return rows < 4;
}

/** Bytes of one block's pre-activations. */
// @ts-expect-error: decorator
@inline
export function zBytes(rows: i32, gates: i32): usize {
  return ((<usize>rows + 3) & ~3) * gates * BLOCK_BYTES;
}

/** Bytes of scratch for a forward pass, gemm()'s `GEMM_SCRATCH` beside it. */
export function forwardScratch(rows: i32, dims: i32, units: i32, gates: i32): usize {
  const width = widthBytes(units);
  const k = dims + units;
  const block = zBytes(rows, gates);
  return CONSTANTS_BYTES + (3 * rows + gates) * width + block + packedColumns(k, gates * <i32>(width >> 2)) + frameBytes(rows, k);
}

/**
 * The weights of `count` gates from the first on, [k][BLOCK] for each block of units and each gate in it, k = dims + units.
 * Rows of both matrices are `ldw` bytes apart.
 */
export function packWeights(dims: i32, units: i32, first: i32, count: i32, kernel: usize, recurrent: usize, ldw: usize, to: usize): void {
  for (let u = 0; u < units; u += BLOCK) {
    const columns = min(BLOCK, units - u);
    for (let gate = first; gate < first + count; gate++) {
      const at = <usize>(gate * units + u) * 4;
      packB(dims, columns, kernel + at, ldw, 4, to);
      to += <usize>dims * BLOCK_BYTES;
      packB(units, columns, recurrent + at, ldw, 4, to);
      to += <usize>units * BLOCK_BYTES;
    }
  }
}

/** The bias in the order of packWeights(). */
export function packBias(units: i32, first: i32, count: i32, bias: usize, to: usize): void {
  for (let u = 0; u < units; u += BLOCK) {
    for (let gate = first; gate < first + count; gate++, to += BLOCK_BYTES) {
      packB(1, min(BLOCK, units - u), bias + <usize>(gate * units + u) * 4, 0, 4, to);
    }
  }
}

/** The input's product of all frames: x [rows, frames, dims] to [frames, rows, width]. */
export function inputProduct(rows: i32, frames: i32, dims: i32, width: i32, x: usize, kernel: usize, to: usize, scratch: usize): void {
  const ldx = <usize>dims * 4;
  const ldw = <usize>width * 4;
  for (let b = 0; b < rows; b++) {
    gemm(frames, width, dims, x + b * frames * ldx, ldx, 4, kernel, ldw, 4, to + b * ldw, rows * ldw, false, scratch);
  }
}

/** Bytes of what packFrame() writes for rows of k. */
export function frameBytes(rows: i32, k: i32): usize {
  return inputFirst(rows) ? packedRows(rows, k) : spreadBytes(rows, k);
}

/**
 * [frame, state] in panels of four rows for blockProduct(). Rows of x are ldx bytes apart, those of the states ldh. dims is
 * 0 where inputFirst().
 */
export function packFrame(rows: i32, dims: i32, units: i32, x: usize, ldx: usize, h: usize, ldh: usize, to: usize): void {
  if (dims > 0) spreadRows(rows, dims, x, ldx, to, <usize>(dims + units) * 64);
  packStates(rows, dims, units, h, ldh, to);
}

/** The states' part of packFrame(). */
export function packStates(rows: i32, dims: i32, units: i32, h: usize, ldh: usize, to: usize): void {
  if (inputFirst(rows)) packA(rows, units, h, ldh, 4, to);
  else spreadRows(rows, units, h, ldh, to + <usize>dims * 64, <usize>(dims + units) * 64);
}

/**
 * One block's pre-activations without bias, z [rows, gates, BLOCK], rows filled up to a multiple of four. `input`: where the input's product of this frame and
 * block lies, rows ldi bytes and gates `row` bytes apart, or 0 where the packed rows hold the input. The panels are those
 * of the block.
 */
export function blockProduct(
  rows: i32,
  gates: i32,
  k: i32,
  packed: usize,
  panels: usize,
  input: usize,
  ldi: usize,
  row: usize,
  columns: i32,
  z: usize,
): void {
  const ldz = <usize>gates * BLOCK_BYTES;
  const panel = <usize>k * BLOCK_BYTES;
  if (input == 0) {
    for (let b = 0; b < rows; b += 4, packed += <usize>k * 64, z += 4 * ldz) {
      for (let gate = 0; gate < gates; gate++) spreadTile(k, packed, panels + gate * panel, z + gate * BLOCK_BYTES, ldz);
    }
    return;
  }
  for (let gate = 0; gate < gates; gate++, z += BLOCK_BYTES, panels += panel) {
    for (let b = 0; b < rows; b++) {
      const from = input + gate * row + b * ldi;
      const to = z + b * ldz;
      if (columns < BLOCK) packB(1, columns, from, 0, 4, to);
      else {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
      }
      tile1(k, packed + b * 4, panels, to, true);
    }
  }
}

/** The states of a frame's sound rows, times their scale. `mask`: that of the frame's first row. */
export function scaleStates(rows: i32, frames: i32, units: i32, scale: usize, mask: usize, h: usize, ldh: usize): void {
  for (let b = 0; b < rows; b++, h += ldh, scale += <usize>units * 4) {
    if (!isReal(mask, b * frames)) continue;
    for (let n = units, at: usize = 0; n > 0; n -= 4, at += 16) {
      give(h + at, f32x4.mul(take(h + at, n), take(scale + at, n)), n);
    }
  }
}

/** Copies so many rows of so many bytes. */
export function copyRows(rows: i32, bytes: usize, from: usize, ldf: usize, to: usize, ldt: usize): void {
  for (let b = 0; b < rows; b++, from += ldf, to += ldt) memory.copy(to, from, bytes);
}

/** Bytes of scratch for a backward pass with so many gates, gemm()'s `GEMM_SCRATCH` beside it. */
export function recurrentScratch(rows: i32, units: i32, gates: i32): usize {
  const weights = 2 * packedColumns(gates * units, units + 8) + packedColumns(units, gates * units + 8);
  return aligned(weights + packedRows(rows, gates * units) + 2 * packedRows(rows, units) + 1024) + 4 * matrixBytes(rows, units);
}

/** The numbers at an address, the first n of four; zeros beside them. */
// @ts-expect-error: decorator
@inline
export function take(at: usize, n: i32): v128 {
  if (n >= 4) return v128.load(at);
  return takeFew(at, n);
}

function takeFew(at: usize, n: i32): v128 {
  let v = v128.load32_zero(at);
  if (n > 1) v = f32x4.replace_lane(v, 1, load<f32>(at, 4));
  if (n > 2) v = f32x4.replace_lane(v, 2, load<f32>(at, 8));
  return v;
}

/** Writes the first n of four. */
// @ts-expect-error: decorator
@inline
export function give(at: usize, v: v128, n: i32): void {
  if (n >= 4) v128.store(at, v);
  else giveFew(at, v, n);
}

function giveFew(at: usize, v: v128, n: i32): void {
  store<f32>(at, f32x4.extract_lane(v, 0));
  if (n > 1) store<f32>(at, f32x4.extract_lane(v, 1), 4);
  if (n > 2) store<f32>(at, f32x4.extract_lane(v, 2), 8);
}

/** min(max(0.2 x + 0.5, 0), 1) */
// @ts-expect-error: decorator
@inline
export function hardSigmoid4(x: v128): v128 {
  const line = f32x4.add(f32x4.mul(x, f32x4.splat(0.2)), f32x4.splat(0.5));
  return f32x4.min(f32x4.max(line, f32x4.splat(0)), f32x4.splat(1));
}

/** A gate's derivative from its value: g (1 - g), or 0.2 strictly inside for the hard sigmoid. */
// @ts-expect-error: decorator
@inline
export function gateSlope4(g: v128, hard: bool): v128 {
  const one = f32x4.splat(1);
  if (hard) return v128.and(f32x4.splat(0.2), v128.and(f32x4.gt(g, f32x4.splat(0)), f32x4.lt(g, one)));
  return f32x4.mul(g, f32x4.sub(one, g));
}

/** 1 - y^2: the derivative of y = tanh. */
// @ts-expect-error: decorator
@inline
export function tanhSlope4(y: v128): v128 {
  return f32x4.sub(f32x4.splat(1), f32x4.mul(y, y));
}

/** Whether a frame of a clip is sound; without a mask (0), all are. */
// @ts-expect-error: decorator
@inline
export function isReal(mask: usize, row: usize): bool {
  return mask == 0 || load<f32>(mask + row * 4) != 0;
}

/** The frame that is processed at a step. */
// @ts-expect-error: decorator
@inline
export function frameAt(step: i32, frames: i32, flags: i32): i32 {
  return flags & REVERSE ? frames - 1 - step : step;
}

/** to += from */
export function addRow(n: i32, from: usize, to: usize): void {
  for (; n > 0; n -= 4, from += 16, to += 16) give(to, f32x4.add(take(to, n), take(from, n)), n);
}

/** to += from * scale */
export function addScaled(n: i32, from: usize, scale: usize, to: usize): void {
  for (; n > 0; n -= 4, from += 16, scale += 16, to += 16) {
    give(to, f32x4.add(take(to, n), f32x4.mul(take(from, n), take(scale, n))), n);
  }
}

/**
 * to [rows, n] = or += left right. The rows of left [rows, k] are lds bytes apart, those of `to` ldc; right is packed.
 * `packed`: packedRows(rows, k) bytes and 128 more.
 */
export function frameProduct(
  rows: i32,
  n: i32,
  k: i32,
  left: usize,
  lds: usize,
  packedRight: usize,
  to: usize,
  ldc: usize,
  add: bool,
  packed: usize,
): void {
  const bytes = packedRows(rows, k);
  packA(rows, k, left, lds, 4, packed);
  gemmPacked(rows, n, k, packed, packedRight, to, ldc, add, packed + bytes);
}

/**
 * The gradient of the recurrent weights: to [units, n], rows ldc bytes apart, = the sum over all frames of
 * (state before the frame * scale)^T dz. The rows of dz, of n numbers, are ldz bytes apart. `scratch`: GEMM_SCRATCH bytes.
 */
export function stateGradient(
  rows: i32,
  frames: i32,
  units: i32,
  n: i32,
  states: usize,
  scale: usize,
  dz: usize,
  ldz: usize,
  flags: i32,
  to: usize,
  ldc: usize,
  scratch: usize,
): void {
  const packedB = scratch;
  const packedA = packedB + <usize>KC * NC * 4;
  const spare = packedA + <usize>MC * KC * 4;
  const lds = <usize>units * 4;
  // Row p of dz stands beside row p - 1 of the states, in reverse beside p + 1; the first frame of a clip has no state
  // before it, and what stands there, another clip's, is struck out below.
  const reverse = (flags & REVERSE) != 0;
  const right = reverse ? dz : dz + ldz;
  const left = reverse ? states + lds : states;
  const k = frames > 1 ? rows * frames - 1 : 0;
  if (k <= 0) for (let u = 0; u < units; u++) memory.fill(to + u * ldc, 0, n * 4);
  for (let k0 = 0; k0 < k; k0 += KC) {
    const kc = min(KC, k - k0);
    for (let n0 = 0; n0 < n; n0 += NC) {
      const nc = min(NC, n - n0);
      packB(kc, nc, right + k0 * ldz + n0 * 4, ldz, 4, packedB);
      for (let m0 = 0; m0 < units; m0 += MC) {
        const mc = min(MC, units - m0);
        packA(mc, kc, left + k0 * lds + m0 * 4, 4, lds, packedA);
        if (scale != 0) scaleByClip(mc, kc, k0, frames, scale + m0 * 4, lds, reverse, packedA);
        for (let p = frames - 1 - (k0 % frames); p < kc; p += frames) {
          for (let u = 0; u < mc; u += 4) v128.store(packedA + <usize>u * kc * 4 + <usize>p * 16, f32x4.splat(0));
        }
        gemmPacked(mc, nc, kc, packedA, packedB, to + m0 * ldc + n0 * 4, ldc, k0 > 0, spare);
      }
    }
  }
}

/** Packed states, [units / 4][kc][4], times their clip's scale. */
function scaleByClip(
  units: i32,
  kc: i32,
  k0: i32,
  frames: i32,
  scale: usize,
  lds: usize,
  reverse: bool,
  packed: usize,
): void {
  for (let u = 0; u < units; u += 4) {
    const n = units - u;
    for (let p = 0; p < kc; p++, packed += 16) {
      const clip = (k0 + p + (reverse ? 0 : 1)) / frames;
      v128.store(packed, f32x4.mul(v128.load(packed), take(scale + clip * lds + u * 4, n)));
    }
  }
}
