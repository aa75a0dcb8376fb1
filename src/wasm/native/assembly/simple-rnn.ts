// The simple recurrent layer, all frames in one call: h' = tanh(x W + h U + b).

import { CONSTANTS_BYTES, tanhFrom, writeConstants } from './activations';
import { GEMM_SCRATCH, packB, packedColumns } from './gemm';
import {
  addRow,
  addScaled,
  aligned,
  BLOCK,
  BLOCK_BYTES,
  blockProduct,
  copyRows,
  frameAt,
  frameBytes,
  frameProduct,
  give,
  inputFirst,
  inputProduct,
  isReal,
  matrixBytes,
  packBias,
  packFrame,
  packWeights,
  scaleStates,
  SEQUENCES,
  stateGradient,
  take,
  tanhSlope4,
  widthBytes,
  zBytes,
} from './recurrence';

/**
 * x [rows, frames, dims] to states [rows, frames, units]. Arguments as in lstm.ts; nothing is kept but the states, and
 * `gates` is read where inputFirst().
 */
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
  last: usize,
  gates: usize,
  _extra: usize,
  scratch: usize,
): void {
  const row = <usize>units * 4;
  const width = widthBytes(units);
  const early = inputFirst(rows);
  const inputs = early ? 0 : dims;
  const k = inputs + units;
  const table = scratch + GEMM_SCRATCH;
  const h = table + CONSTANTS_BYTES;
  const biases = h + rows * width;
  const z = biases + width;
  const packed = z + zBytes(rows, 1);
  const weights = packed + frameBytes(rows, k);
  writeConstants(table);
  memory.fill(h, 0, rows * width);
  packBias(units, 0, 1, bias, biases);
  packWeights(inputs, units, 0, 1, kernel, recurrent, row, weights);
  if (early) inputProduct(rows, frames, dims, units, x, kernel, gates, scratch);
  for (let step = 0; step < frames; step++) {
    const t = frameAt(step, frames, flags);
    const sound = mask == 0 ? 0 : mask + <usize>t * 4;
    const input = gates + <usize>t * rows * row;
    if (scale != 0) scaleStates(rows, frames, units, scale, sound, h, width);
    packFrame(rows, inputs, units, x + <usize>t * dims * 4, <usize>frames * dims * 4, h, width, packed);
    for (let u = 0; u < units; u += BLOCK) {
      const at = <usize>u * 4;
      blockProduct(rows, 1, k, packed, weights + at * k, early ? input + at : 0, row, row, min(BLOCK, units - u), z);
      activateBlock(rows, frames, z, biases + at, sound, h + at, width, table);
    }
    if (states != 0) copyRows(rows, row, h, width, states + t * row, frames * row);
  }
  if (last != 0) copyRows(rows, row, h, width, last, row);
}

/** h = tanh(z + bias), z [rows, BLOCK]. */
function activateBlock(rows: i32, frames: i32, z: usize, bias: usize, mask: usize, h: usize, width: usize, table: usize): void {
  for (let b = 0; b < rows; b++, z += BLOCK_BYTES, h += width) {
    if (!isReal(mask, b * frames)) continue;
    v128.store(h, tanhFrom(f32x4.add(v128.load(z), v128.load(bias)), table));
    v128.store(h, tanhFrom(f32x4.add(v128.load(z, 16), v128.load(bias, 16)), table), 16);
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
    if (scale == 0) frameProduct(rows, units, units, dzFrame, frames * row, packedU, dh, row, true, packed);
    else {
      frameProduct(rows, units, units, dzFrame, frames * row, packedU, product, row, false, packed);
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
