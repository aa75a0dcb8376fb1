// The gated recurrent unit, all frames in one call. Gates z, r, h; the reset gate comes before the product, as in tfjs:
// g = tanh(x Wh + (r h) Uh + bh), h' = z h + (1 - z) g. With a scale, h is the scaled state in all of these.

import { CONSTANTS_BYTES, sigmoidFrom, tanhFrom, writeConstants } from './activations';
import { gemm, GEMM_SCRATCH, packB, packedColumns } from './gemm';
import {
  addRow,
  aligned,
  BLOCK,
  BLOCK_BYTES,
  blockProduct,
  copyRows,
  frameAt,
  frameBytes,
  frameProduct,
  gateSlope4,
  give,
  HARD_SIGMOID,
  hardSigmoid4,
  inputFirst,
  inputProduct,
  isReal,
  matrixBytes,
  packBias,
  packFrame,
  packStates,
  packWeights,
  scaleStates,
  SEQUENCES,
  stateGradient,
  take,
  tanhSlope4,
  widthBytes,
  zBytes,
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
 * x [rows, frames, dims] to states [rows, frames, units]. Kept for the gradient: `gates` [frames, rows, 3 units] and
 * `resets` [rows, frames, units], r h; resets may be 0, and then nothing is kept. The other arguments as in lstm.ts.
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
  last: usize,
  gates: usize,
  resets: usize,
  scratch: usize,
): void {
  const row = <usize>units * 4;
  const ldz = 3 * row;
  const width = widthBytes(units);
  const early = inputFirst(rows);
  const inputs = early ? 0 : dims;
  const k = inputs + units;
  const hard = (flags & HARD_SIGMOID) != 0;
  const table = scratch + GEMM_SCRATCH;
  const h = table + CONSTANTS_BYTES;
  const mixes = h + rows * width;
  const reset = mixes + rows * width;
  const biases = reset + rows * width;
  const biasesH = biases + 2 * width;
  const pre = biasesH + width;
  const packed = pre + zBytes(rows, 2);
  const weights = packed + frameBytes(rows, k);
  const weightsH = weights + 2 * width * k;
  writeConstants(table);
  memory.fill(h, 0, 3 * rows * width);
  packBias(units, 0, 2, bias, biases);
  packBias(units, 2, 1, bias, biasesH);
  packWeights(inputs, units, 0, 2, kernel, recurrent, ldz, weights);
  packWeights(inputs, units, 2, 1, kernel, recurrent, ldz, weightsH);
  if (early) inputProduct(rows, frames, dims, 3 * units, x, kernel, gates, scratch);
  for (let step = 0; step < frames; step++) {
    const t = frameAt(step, frames, flags);
    const sound = mask == 0 ? 0 : mask + <usize>t * 4;
    const input = gates + <usize>t * rows * ldz;
    const kept = resets == 0 ? 0 : input;
    if (scale != 0) scaleStates(rows, frames, units, scale, sound, h, width);
    packFrame(rows, inputs, units, x + <usize>t * dims * 4, <usize>frames * dims * 4, h, width, packed);
    for (let u = 0; u < units; u += BLOCK) {
      const at = <usize>u * 4;
      const columns = min(BLOCK, units - u);
      blockProduct(rows, 2, k, packed, weights + 2 * at * k, early ? input + at : 0, ldz, row, columns, pre);
      openBlock(rows, columns, pre, biases + 2 * at, h + at, mixes + at, reset + at, width, kept == 0 ? 0 : kept + at, row, hard, table);
    }
    if (resets != 0) copyRows(rows, row, reset, width, resets + t * row, frames * row);
    packStates(rows, inputs, units, reset, width, packed);
    for (let u = 0; u < units; u += BLOCK) {
      const at = <usize>u * 4;
      const columns = min(BLOCK, units - u);
      const g = at + 2 * row;
      blockProduct(rows, 1, k, packed, weightsH + at * k, early ? input + g : 0, ldz, row, columns, pre);
      mixBlock(rows, frames, columns, pre, biasesH + at, sound, mixes + at, h + at, width, kept == 0 ? 0 : kept + g, row, table);
    }
    if (states != 0) copyRows(rows, row, h, width, states + t * row, frames * row);
  }
  if (last != 0) copyRows(rows, row, h, width, last, row);
}

/** One block of z and r from their pre-activations, z [rows, BLOCK], and r h. `kept`: where the gates go, or 0. */
function openBlock(
  rows: i32,
  columns: i32,
  pre: usize,
  bias: usize,
  h: usize,
  z: usize,
  reset: usize,
  width: usize,
  kept: usize,
  row: usize,
  hard: bool,
  table: usize,
): void {
  const keeps = kept != 0;
  for (let b = 0; b < rows; b++, pre += 2 * BLOCK_BYTES, h += width, z += width, reset += width, kept += 3 * row) {
    for (let at: usize = 0; at < BLOCK_BYTES; at += 16) {
      let zNow = f32x4.add(v128.load(pre + at), v128.load(bias + at));
      let r = f32x4.add(v128.load(pre + at, 32), v128.load(bias + at, 32));
      zNow = hard ? hardSigmoid4(zNow) : sigmoidFrom(zNow, table);
      r = hard ? hardSigmoid4(r) : sigmoidFrom(r, table);
      v128.store(z + at, zNow);
      v128.store(reset + at, f32x4.mul(r, v128.load(h + at)));
      const n = columns - <i32>(at >> 2);
      if (keeps && n > 0) {
        give(kept + at, zNow, n);
        give(kept + at + row, r, n);
      }
    }
  }
}

/** One block of g from its pre-activation, and h = z h + (1 - z) g. `kept`: where g goes, or 0. */
function mixBlock(
  rows: i32,
  frames: i32,
  columns: i32,
  pre: usize,
  bias: usize,
  mask: usize,
  z: usize,
  h: usize,
  width: usize,
  kept: usize,
  row: usize,
  table: usize,
): void {
  const keeps = kept != 0;
  for (let b = 0; b < rows; b++, pre += BLOCK_BYTES, z += width, h += width, kept += 3 * row) {
    if (!isReal(mask, b * frames)) continue;
    for (let at: usize = 0; at < BLOCK_BYTES; at += 16) {
      const g = tanhFrom(f32x4.add(v128.load(pre + at), v128.load(bias + at)), table);
      const change = f32x4.mul(v128.load(z + at), f32x4.sub(v128.load(h + at), g));
      v128.store(h + at, f32x4.add(g, change));
      const n = columns - <i32>(at >> 2);
      if (keeps && n > 0) give(kept + at, g, n);
    }
  }
}

/** A clip's row of the scale; 0 where there is none. */
// @ts-expect-error: decorator
@inline
function rowOf(scale: usize, clip: usize, row: usize): usize {
  return scale == 0 ? 0 : scale + clip * row;
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
      const kept = gates + (<usize>t * rows + b) * ldz;
      if (isReal(mask, at)) unmix(units, kept, from, rowOf(scale, b, row), dhRow, dz + at * ldz, dBias, hard);
      else memory.fill(dz + at * ldz, 0, ldz);
    }
    if (step == 0) {
      // No state before: r has no effect.
      for (let b = 0; b < rows; b++) memory.fill(dzFrame + b * frames * ldz + row, 0, row);
      break;
    }
    frameProduct(rows, units, units, dzFrame + 2 * row, frames * ldz, packedUh, dReset, row, false, packed);
    for (let b = 0; b < rows; b++) {
      const at = <usize>b * frames + t;
      const from = states + (<usize>b * frames + before) * row;
      const r = gates + (<usize>t * rows + b) * ldz + row;
      if (isReal(mask, at)) {
        closeReset(units, r, from, rowOf(scale, b, row), dReset + b * row, dh + b * row, dz + at * ldz + row, dBias + row, hard);
      }
    }
    frameProduct(rows, units, 2 * units, dzFrame, frames * ldz, packedU, dh, row, true, packed);
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
