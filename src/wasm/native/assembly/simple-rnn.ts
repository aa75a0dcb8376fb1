// The simple recurrent layer, all frames in one call: h' = tanh(x W + h U + b).

import { tanh4 } from './activations';
import { gemm, GEMM_SCRATCH, packA, packB, packedColumns, packedRows } from './gemm';
import {
  addRow,
  addScaled,
  aligned,
  frameAt,
  frameProduct,
  give,
  isReal,
  matrixBytes,
  SEQUENCES,
  stateGradient,
  take,
  tanhSlope4,
} from './recurrence';

/** x [rows, frames, dims] to states [rows, frames, units]. Arguments as in lstm.ts; no gates and no cells are kept. */
export function simpleRnnForward(
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
  _gates: usize,
  _extra: usize,
  scratch: usize,
): void {
  const row = <usize>units * 4;
  gemm(rows * frames, units, dims, x, <usize>dims * 4, 4, kernel, row, 4, states, row, false, scratch);
  const packedU = scratch + GEMM_SCRATCH;
  const packedScale = packedU + aligned(packedColumns(units, units));
  const packed = packedScale + aligned(packedRows(rows, units));
  packB(units, units, recurrent, row, 4, packedU);
  if (scale != 0) packA(rows, units, scale, row, 4, packedScale);
  let before: usize = 0;
  for (let step = 0; step < frames; step++) {
    const t = frameAt(step, frames, flags);
    if (step > 0) {
      const h = states + before * row;
      const by = scale == 0 ? 0 : packedScale;
      frameProduct(rows, units, units, h, frames * row, by, packedU, states + t * row, frames * row, true, packed);
    }
    for (let b = 0; b < rows; b++) {
      const at = <usize>b * frames + t;
      const h = states + at * row;
      if (isReal(mask, at)) activate(units, bias, h);
      else if (step > 0) memory.copy(h, states + (<usize>b * frames + before) * row, row);
      else memory.fill(h, 0, row);
    }
    before = t;
  }
}

/** h = tanh(h + bias) */
function activate(units: i32, bias: usize, h: usize): void {
  for (let n = units; n > 0; n -= 4, h += 16, bias += 16) {
    give(h, tanh4(f32x4.add(take(h, n), take(bias, n))), n);
  }
}

/** dy to dz [rows, frames, units] and dBias [units]; see lstm.ts. */
export function simpleRnnBackward(
  rows: i32,
  frames: i32,
  units: i32,
  recurrent: usize,
  mask: usize,
  scale: usize,
  flags: i32,
  dy: usize,
  states: usize,
  _gates: usize,
  _extra: usize,
  dz: usize,
  dBias: usize,
  scratch: usize,
): void {
  const row = <usize>units * 4;
  const size = matrixBytes(rows, units);
  const dh = scratch + GEMM_SCRATCH;
  const product = dh + size;
  const packedU = product + size;
  const packed = packedU + aligned(packedColumns(units, units));
  packB(units, units, recurrent, 4, row, packedU);
  memory.fill(dBias, 0, row);
  if (flags & SEQUENCES) memory.fill(dh, 0, size);
  else memory.copy(dh, dy, <usize>rows * row);
  for (let step = frames - 1; step >= 0; step--) {
    const t = frameAt(step, frames, flags);
    for (let b = 0; b < rows; b++) {
      const at = <usize>b * frames + t;
      const dhRow = dh + b * row;
      if (flags & SEQUENCES) addRow(units, dy + at * row, dhRow);
      if (isReal(mask, at)) stateSlope(units, states + at * row, dhRow, dz + at * row, dBias);
      else memory.fill(dz + at * row, 0, row);
    }
    if (step == 0) break;
    const dzFrame = dz + t * row;
    if (scale == 0) frameProduct(rows, units, units, dzFrame, frames * row, 0, packedU, dh, row, true, packed);
    else {
      frameProduct(rows, units, units, dzFrame, frames * row, 0, packedU, product, row, false, packed);
      addScaled(rows * units, product, scale, dh);
    }
  }
}

/** dz = dh (1 - h^2); dh is used up. */
function stateSlope(units: i32, h: usize, dh: usize, dz: usize, dBias: usize): void {
  for (let n = units; n > 0; n -= 4, h += 16, dh += 16, dz += 16, dBias += 16) {
    const d = f32x4.mul(take(dh, n), tanhSlope4(take(h, n)));
    give(dh, f32x4.splat(0), n);
    give(dz, d, n);
    give(dBias, f32x4.add(take(dBias, n), d), n);
  }
}

/** dU [units, units] from the states and dz. `scratch`: GEMM_SCRATCH bytes. */
export function simpleRnnRecurrentGradient(
  rows: i32,
  frames: i32,
  units: i32,
  scale: usize,
  flags: i32,
  states: usize,
  _gates: usize,
  _extra: usize,
  dz: usize,
  dU: usize,
  scratch: usize,
): void {
  const row = <usize>units * 4;
  stateGradient(rows, frames, units, units, states, scale, dz, row, flags, dU, row, scratch);
}
