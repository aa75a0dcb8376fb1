// Long short-term memory, all frames in one call. Gates i, f, c, o: c' = f c + i g, h' = o tanh(c').

import { sigmoid4, tanh4 } from './activations';
import { gemm, GEMM_SCRATCH, packA, packB, packedColumns, packedRows } from './gemm';
import {
  addRow,
  addScaled,
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

/**
 * x [rows, frames, dims] to states [rows, frames, units]. `gates` [rows, frames, 4 units] and `cells` [rows, frames,
 * units] are for the gradient. `mask` and `scale` may be 0. `scratch`: GEMM_SCRATCH + recurrentScratch() bytes.
 */
export function lstmForward(
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
  cells: usize,
  scratch: usize,
): void {
  const width = 4 * units;
  const row = <usize>units * 4;
  const ldz = 4 * row;
  gemm(rows * frames, width, dims, x, <usize>dims * 4, 4, kernel, ldz, 4, gates, ldz, false, scratch);

  const packedU = scratch + GEMM_SCRATCH;
  const packedScale = packedU + aligned(packedColumns(units, width));
  const packed = packedScale + aligned(packedRows(rows, units));
  packB(units, width, recurrent, ldz, 4, packedU);
  if (scale != 0) packA(rows, units, scale, row, 4, packedScale);
  let before: usize = 0;
  for (let step = 0; step < frames; step++) {
    const t = frameAt(step, frames, flags);
    if (step > 0) {
      const h = states + before * row;
      const z = gates + t * ldz;
      const by = scale == 0 ? 0 : packedScale;
      frameProduct(rows, width, units, h, frames * row, by, packedU, z, frames * ldz, true, packed);
    }
    for (let b = 0; b < rows; b++) {
      const at = <usize>b * frames + t;
      const from = <usize>b * frames + before;
      const c = cells + at * row;
      const h = states + at * row;
      const cBefore = step > 0 ? cells + from * row : 0;
      if (isReal(mask, at)) cell(units, gates + at * ldz, bias, cBefore, c, h, (flags & HARD_SIGMOID) != 0);
      else if (step > 0) {
        memory.copy(c, cBefore, row);
        memory.copy(h, states + from * row, row);
      } else {
        memory.fill(c, 0, row);
        memory.fill(h, 0, row);
      }
    }
    before = t;
  }
}

/** One row of one frame: pre-activations without their bias become gates; cBefore may be 0. */
function cell(units: i32, z: usize, bias: usize, cBefore: usize, c: usize, h: usize, hard: bool): void {
  const row = <usize>units * 4;
  for (let n = units; n > 0; n -= 4, z += 16, bias += 16, c += 16, h += 16) {
    let i = f32x4.add(take(z, n), take(bias, n));
    let f = f32x4.add(take(z + row, n), take(bias + row, n));
    const g = tanh4(f32x4.add(take(z + 2 * row, n), take(bias + 2 * row, n)));
    let o = f32x4.add(take(z + 3 * row, n), take(bias + 3 * row, n));
    if (hard) {
      i = hardSigmoid4(i);
      f = hardSigmoid4(f);
      o = hardSigmoid4(o);
    } else {
      i = sigmoid4(i);
      f = sigmoid4(f);
      o = sigmoid4(o);
    }
    let value = f32x4.mul(i, g);
    if (cBefore != 0) {
      value = f32x4.add(value, f32x4.mul(f, take(cBefore, n)));
      cBefore += 16;
    }
    give(z, i, n);
    give(z + row, f, n);
    give(z + 2 * row, g, n);
    give(z + 3 * row, o, n);
    give(c, value, n);
    give(h, f32x4.mul(o, tanh4(value)), n);
  }
}

/**
 * dy ([rows, frames, units] with SEQUENCES, else [rows, units]) to dz [rows, frames, 4 units], the gradient of the
 * pre-activations, and dBias [4 units]. `scratch` as above.
 */
export function lstmBackward(
  rows: i32,
  frames: i32,
  units: i32,
  recurrent: usize,
  mask: usize,
  scale: usize,
  flags: i32,
  dy: usize,
  _states: usize,
  gates: usize,
  cells: usize,
  dz: usize,
  dBias: usize,
  scratch: usize,
): void {
  const width = 4 * units;
  const row = <usize>units * 4;
  const ldz = 4 * row;
  const size = matrixBytes(rows, units);
  const dh = scratch + GEMM_SCRATCH;
  const dc = dh + size;
  const product = dc + size;
  const packedU = product + size;
  const packed = packedU + aligned(packedColumns(width, units));
  packB(width, units, recurrent, 4, ldz, packedU);
  memory.fill(dBias, 0, ldz);
  memory.fill(dc, 0, size);
  if (flags & SEQUENCES) memory.fill(dh, 0, size);
  else memory.copy(dh, dy, <usize>rows * row);
  for (let step = frames - 1; step >= 0; step--) {
    const t = frameAt(step, frames, flags);
    const before = frameAt(step - 1, frames, flags);
    for (let b = 0; b < rows; b++) {
      const at = <usize>b * frames + t;
      const cBefore = step > 0 ? cells + (<usize>b * frames + before) * row : 0;
      const dyRow = flags & SEQUENCES ? dy + at * row : 0;
      const dhRow = dh + b * row;
      if (isReal(mask, at)) {
        const hard = (flags & HARD_SIGMOID) != 0;
        cellGradient(units, gates + at * ldz, cBefore, cells + at * row, dyRow, dhRow, dc + b * row, dz + at * ldz, dBias, hard);
      } else {
        memory.fill(dz + at * ldz, 0, ldz);
        if (dyRow != 0) addRow(units, dyRow, dhRow);
      }
    }
    if (step == 0) break;
    const dzFrame = dz + t * ldz;
    if (scale == 0) frameProduct(rows, units, width, dzFrame, frames * ldz, 0, packedU, dh, row, true, packed);
    else {
      frameProduct(rows, units, width, dzFrame, frames * ldz, 0, packedU, product, row, false, packed);
      addScaled(rows * units, product, scale, dh);
    }
  }
}

/** One row of one frame. dh is used up (0 afterwards), dc becomes that of the cell before; cBefore and dy may be 0. */
function cellGradient(
  units: i32,
  z: usize,
  cBefore: usize,
  c: usize,
  dy: usize,
  dh: usize,
  dc: usize,
  dz: usize,
  dBias: usize,
  hard: bool,
): void {
  const row = <usize>units * 4;
  for (let n = units; n > 0; n -= 4, z += 16, c += 16, dh += 16, dc += 16, dz += 16, dBias += 16) {
    const i = take(z, n);
    const f = take(z + row, n);
    const g = take(z + 2 * row, n);
    const o = take(z + 3 * row, n);
    const tanhC = tanh4(take(c, n));
    let dhNow = take(dh, n);
    if (dy != 0) {
      dhNow = f32x4.add(dhNow, take(dy, n));
      dy += 16;
    }
    give(dh, f32x4.splat(0), n);
    const dcNow = f32x4.add(take(dc, n), f32x4.mul(f32x4.mul(dhNow, o), tanhSlope4(tanhC)));
    give(dc, f32x4.mul(dcNow, f), n);
    let df = f32x4.splat(0);
    if (cBefore != 0) {
      df = f32x4.mul(f32x4.mul(dcNow, take(cBefore, n)), gateSlope4(f, hard));
      cBefore += 16;
    }
    const di = f32x4.mul(f32x4.mul(dcNow, g), gateSlope4(i, hard));
    const dg = f32x4.mul(f32x4.mul(dcNow, i), tanhSlope4(g));
    const dO = f32x4.mul(f32x4.mul(dhNow, tanhC), gateSlope4(o, hard));
    give(dz, di, n);
    give(dz + row, df, n);
    give(dz + 2 * row, dg, n);
    give(dz + 3 * row, dO, n);
    give(dBias, f32x4.add(take(dBias, n), di), n);
    give(dBias + row, f32x4.add(take(dBias + row, n), df), n);
    give(dBias + 2 * row, f32x4.add(take(dBias + 2 * row, n), dg), n);
    give(dBias + 3 * row, f32x4.add(take(dBias + 3 * row, n), dO), n);
  }
}

/** dU [units, 4 units] from the states and dz. `scratch`: GEMM_SCRATCH bytes. */
export function lstmRecurrentGradient(
  rows: i32,
  frames: i32,
  units: i32,
  scale: usize,
  flags: i32,
  states: usize,
  _gates: usize,
  _cells: usize,
  dz: usize,
  dU: usize,
  scratch: usize,
): void {
  const ldz = <usize>units * 16;
  stateGradient(rows, frames, units, 4 * units, states, scale, dz, ldz, flags, dU, ldz, scratch);
}
