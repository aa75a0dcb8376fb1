// The gated recurrent unit, all frames in one call. Gates z, r, h; the reset gate comes before the product, as in tfjs:
// g = tanh(x Wh + (r h) Uh + bh), h' = z h + (1 - z) g. With a scale, h is the scaled state in all of these.

import { sigmoid4, tanh4 } from './activations';
import { gemm, GEMM_SCRATCH, packA, packB, packedColumns, packedRows } from './gemm';
import {
  addRow,
  aligned,
  frameAt,
  frameProduct,
  gateSlope4,
  give,
  HARD_SIGMOID,
  hardSigmoid4,
  isReal,
  matrixBytes,
  SEQUENCES,
  stateGradient,
  take,
  tanhSlope4,
} from './recurrence';

/** The state before, times its scale; 0 where there is none (an address of 0). */
// @ts-expect-error: decorator
@inline
function scaled(before: usize, scale: usize, at: usize, n: i32): v128 {
  if (before == 0) return f32x4.splat(0);
  const h = take(before + at, n);
  return scale == 0 ? h : f32x4.mul(h, take(scale + at, n));
}

/**
 * x [rows, frames, dims] to states [rows, frames, units]. Kept for the gradient: `gates` [rows, frames, 3 units] and
 * `resets` [rows, frames, units], r h. The other arguments as in lstm.ts.
 */
export function gruForward(
  rows: i32,
  frames: i32,
  dims: i32,
  units: i32,
  x: usize,
  kernel: usize,
  recurrent: usize,
  bias: usize,
  mask: usize,
  scale: usize,
  flags: i32,
  states: usize,
  gates: usize,
  resets: usize,
  scratch: usize,
): void {
  const row = <usize>units * 4;
  const ldz = 3 * row;
  gemm(rows * frames, 3 * units, dims, x, <usize>dims * 4, 4, kernel, ldz, 4, gates, ldz, false, scratch);
  const packedU = scratch + GEMM_SCRATCH;
  const packedUh = packedU + aligned(packedColumns(units, 2 * units));
  const packedScale = packedUh + aligned(packedColumns(units, units));
  const packed = packedScale + aligned(packedRows(rows, units));
  packB(units, 2 * units, recurrent, ldz, 4, packedU);
  packB(units, units, recurrent + 2 * row, ldz, 4, packedUh);
  if (scale != 0) packA(rows, units, scale, row, 4, packedScale);
  const hard = (flags & HARD_SIGMOID) != 0;
  let before: usize = 0;
  for (let step = 0; step < frames; step++) {
    const t = frameAt(step, frames, flags);
    const z = gates + t * ldz;
    if (step > 0) {
      const h = states + before * row;
      const by = scale == 0 ? 0 : packedScale;
      frameProduct(rows, 2 * units, units, h, frames * row, by, packedU, z, frames * ldz, true, packed);
    }
    for (let b = 0; b < rows; b++) {
      const at = <usize>b * frames + t;
      const from = step > 0 ? states + (<usize>b * frames + before) * row : 0;
      if (isReal(mask, at)) openGates(units, gates + at * ldz, bias, from, rowOf(scale, b, row), resets + at * row, hard);
      else memory.fill(resets + at * row, 0, row);
    }
    if (step > 0) {
      const left = resets + t * row;
      frameProduct(rows, units, units, left, frames * row, 0, packedUh, z + 2 * row, frames * ldz, true, packed);
    }
    for (let b = 0; b < rows; b++) {
      const at = <usize>b * frames + t;
      const from = step > 0 ? states + (<usize>b * frames + before) * row : 0;
      const h = states + at * row;
      if (isReal(mask, at)) mix(units, gates + at * ldz, bias + 2 * row, from, rowOf(scale, b, row), h);
      else if (step > 0) memory.copy(h, from, row);
      else memory.fill(h, 0, row);
    }
    before = t;
  }
}

/** A clip's row of the scale; 0 where there is none. */
// @ts-expect-error: decorator
@inline
function rowOf(scale: usize, clip: usize, row: usize): usize {
  return scale == 0 ? 0 : scale + clip * row;
}

/** z and r from their pre-activations, and r h. */
function openGates(units: i32, z: usize, bias: usize, before: usize, scale: usize, reset: usize, hard: bool): void {
  const row = <usize>units * 4;
  for (let n = units, at: usize = 0; n > 0; n -= 4, at += 16) {
    let zNow = f32x4.add(take(z + at, n), take(bias + at, n));
    let r = f32x4.add(take(z + row + at, n), take(bias + row + at, n));
    zNow = hard ? hardSigmoid4(zNow) : sigmoid4(zNow);
    r = hard ? hardSigmoid4(r) : sigmoid4(r);
    give(z + at, zNow, n);
    give(z + row + at, r, n);
    give(reset + at, f32x4.mul(r, scaled(before, scale, at, n)), n);
  }
}

/** g from its pre-activation, and h = z h + (1 - z) g. */
function mix(units: i32, z: usize, bias: usize, before: usize, scale: usize, h: usize): void {
  const g = z + <usize>units * 8;
  for (let n = units, at: usize = 0; n > 0; n -= 4, at += 16) {
    const zNow = take(z + at, n);
    const gNow = tanh4(f32x4.add(take(g + at, n), take(bias + at, n)));
    give(g + at, gNow, n);
    const change = f32x4.mul(zNow, f32x4.sub(scaled(before, scale, at, n), gNow));
    give(h + at, f32x4.add(gNow, change), n);
  }
}

/** dy to dz [rows, frames, 3 units] and dBias [3 units]; see lstm.ts. */
export function gruBackward(
  rows: i32,
  frames: i32,
  units: i32,
  recurrent: usize,
  mask: usize,
  scale: usize,
  flags: i32,
  dy: usize,
  states: usize,
  gates: usize,
  _resets: usize,
  dz: usize,
  dBias: usize,
  scratch: usize,
): void {
  const row = <usize>units * 4;
  const ldz = 3 * row;
  const size = matrixBytes(rows, units);
  const dh = scratch + GEMM_SCRATCH;
  const dReset = dh + size;
  const packedU = dReset + size;
  const packedUh = packedU + aligned(packedColumns(2 * units, units));
  const packed = packedUh + aligned(packedColumns(units, units));
  packB(2 * units, units, recurrent, 4, ldz, packedU);
  packB(units, units, recurrent + 2 * row, 4, ldz, packedUh);
  memory.fill(dBias, 0, ldz);
  if (flags & SEQUENCES) memory.fill(dh, 0, size);
  else memory.copy(dh, dy, <usize>rows * row);
  const hard = (flags & HARD_SIGMOID) != 0;
  for (let step = frames - 1; step >= 0; step--) {
    const t = frameAt(step, frames, flags);
    const before = <usize>frameAt(step - 1, frames, flags);
    const dzFrame = dz + t * ldz;
    for (let b = 0; b < rows; b++) {
      const at = <usize>b * frames + t;
      const from = step > 0 ? states + (<usize>b * frames + before) * row : 0;
      const dhRow = dh + b * row;
      if (flags & SEQUENCES) addRow(units, dy + at * row, dhRow);
      if (isReal(mask, at)) unmix(units, gates + at * ldz, from, rowOf(scale, b, row), dhRow, dz + at * ldz, dBias, hard);
      else memory.fill(dz + at * ldz, 0, ldz);
    }
    if (step == 0) {
      // No state before: r has no effect.
      for (let b = 0; b < rows; b++) memory.fill(dzFrame + b * frames * ldz + row, 0, row);
      break;
    }
    frameProduct(rows, units, units, dzFrame + 2 * row, frames * ldz, 0, packedUh, dReset, row, false, packed);
    for (let b = 0; b < rows; b++) {
      const at = <usize>b * frames + t;
      const from = states + (<usize>b * frames + before) * row;
      const r = gates + at * ldz + row;
      if (isReal(mask, at)) {
        closeReset(units, r, from, rowOf(scale, b, row), dReset + b * row, dh + b * row, dz + at * ldz + row, dBias + row, hard);
      }
    }
    frameProduct(rows, units, 2 * units, dzFrame, frames * ldz, 0, packedU, dh, row, true, packed);
    if (scale != 0) {
      for (let b = 0; b < rows; b++) {
        if (isReal(mask, <usize>b * frames + t)) multiplyRow(units, scale + b * row, dh + b * row);
      }
    }
  }
}

/** The gradients of z and g, and dh times z: its way past the gates. */
function unmix(
  units: i32,
  z: usize,
  before: usize,
  scale: usize,
  dh: usize,
  dz: usize,
  dBias: usize,
  hard: bool,
): void {
  const g = <usize>units * 8;
  for (let n = units, at: usize = 0; n > 0; n -= 4, at += 16, z += 16, dh += 16, dz += 16, dBias += 16) {
    const zNow = take(z, n);
    const gNow = take(z + g, n);
    const d = take(dh, n);
    const dZ = f32x4.mul(f32x4.mul(d, f32x4.sub(scaled(before, scale, at, n), gNow)), gateSlope4(zNow, hard));
    const dG = f32x4.mul(f32x4.mul(d, f32x4.sub(f32x4.splat(1), zNow)), tanhSlope4(gNow));
    give(dh, f32x4.mul(d, zNow), n);
    give(dz, dZ, n);
    give(dz + g, dG, n);
    give(dBias, f32x4.add(take(dBias, n), dZ), n);
    give(dBias + g, f32x4.add(take(dBias + g, n), dG), n);
  }
}

/** From d(r h): the gradient of r, and what comes to h through it. */
function closeReset(
  units: i32,
  r: usize,
  before: usize,
  scale: usize,
  dReset: usize,
  dh: usize,
  dr: usize,
  dBias: usize,
  hard: bool,
): void {
  for (let n = units, at: usize = 0; n > 0; n -= 4, at += 16) {
    const rNow = take(r + at, n);
    const d = take(dReset + at, n);
    const dR = f32x4.mul(f32x4.mul(d, scaled(before, scale, at, n)), gateSlope4(rNow, hard));
    give(dr + at, dR, n);
    give(dBias + at, f32x4.add(take(dBias + at, n), dR), n);
    give(dh + at, f32x4.add(take(dh + at, n), f32x4.mul(d, rNow)), n);
  }
}

/** to *= by */
function multiplyRow(n: i32, by: usize, to: usize): void {
  for (; n > 0; n -= 4, by += 16, to += 16) give(to, f32x4.mul(take(to, n), take(by, n)), n);
}

/** dU [units, 3 units] from the states, r h and dz. `scratch`: GEMM_SCRATCH bytes. */
export function gruRecurrentGradient(
  rows: i32,
  frames: i32,
  units: i32,
  scale: usize,
  flags: i32,
  states: usize,
  _gates: usize,
  resets: usize,
  dz: usize,
  dU: usize,
  scratch: usize,
): void {
  const row = <usize>units * 4;
  const ldz = 3 * row;
  stateGradient(rows, frames, units, 2 * units, states, scale, dz, ldz, flags, dU, ldz, scratch);
  gemm(units, units, rows * frames, resets, 4, row, dz + 2 * row, ldz, 4, dU + 2 * row, ldz, false, scratch);
}
