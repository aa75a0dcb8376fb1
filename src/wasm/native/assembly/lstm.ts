// Long short-term memory, all frames in one call. Gates i, f, c, o: c' = f c + i g, h' = o tanh(c').

import { CONSTANTS_BYTES, sigmoidFrom, tanhFrom, writeConstants } from './activations';
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
 * x [rows, frames, dims] to states [rows, frames, units], and to `last` [rows, units], those after the frame that was
 * processed last; each may be 0. `gates` [frames, rows, 4 units] and `cells` [frames, rows, units] are kept for the gradient;
 * cells may be 0, and then nothing is kept: gates is needed all the same where inputFirst(). `mask` and `scale` may be 0.
 * `scratch`: GEMM_SCRATCH + forwardScratch() bytes.
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
  last: usize,
  gates: usize,
  cells: usize,
  scratch: usize,
): void {
  const row = <usize>units * 4;
  const ldz = 4 * row;
  const width = widthBytes(units);
  const early = inputFirst(rows);
  const inputs = early ? 0 : dims;
  const k = inputs + units;
  const hard = (flags & HARD_SIGMOID) != 0;

  const table = scratch + GEMM_SCRATCH;
  const h = table + CONSTANTS_BYTES;
  const c = h + rows * width;
  const biases = c + rows * width;
  const z = biases + 4 * width;
  const packed = z + zBytes(rows, 4);
  const weights = packed + frameBytes(rows, k);
  writeConstants(table);
  memory.fill(h, 0, 2 * rows * width);
  packBias(units, 0, 4, bias, biases);
  packWeights(inputs, units, 0, 4, kernel, recurrent, ldz, weights);
  if (early) inputProduct(rows, frames, dims, 4 * units, x, kernel, gates, scratch);
  for (let step = 0; step < frames; step++) {
    const t = frameAt(step, frames, flags);
    const sound = mask == 0 ? 0 : mask + <usize>t * 4;
    const kept = gates + <usize>t * rows * ldz;
    if (scale != 0) scaleStates(rows, frames, units, scale, sound, h, width);
    packFrame(rows, inputs, units, x + <usize>t * dims * 4, <usize>frames * dims * 4, h, width, packed);
    for (let u = 0; u < units; u += BLOCK) {
      const at = <usize>u * 4;
      const columns = min(BLOCK, units - u);
      blockProduct(rows, 4, k, packed, weights + 4 * at * k, early ? kept + at : 0, ldz, row, columns, z);
      cellBlock(rows, frames, columns, z, biases + 4 * at, sound, c + at, h + at, width, cells == 0 ? 0 : kept + at, row, hard, table);
    }
    if (states != 0) copyRows(rows, row, h, width, states + t * row, frames * row);
    if (cells != 0) copyRows(rows, row, c, width, cells + <usize>t * rows * row, row);
  }
  if (last != 0) copyRows(rows, row, h, width, last, row);
}

/**
 * One block of one frame: z, pre-activations without their bias, to c and h, whose rows are `width` bytes apart. `kept`:
 * where the gates go, `row` bytes apart, or 0.
 */
function cellBlock(
  rows: i32,
  frames: i32,
  columns: i32,
  z: usize,
  bias: usize,
  mask: usize,
  c: usize,
  h: usize,
  width: usize,
  kept: usize,
  row: usize,
  hard: bool,
  table: usize,
): void {
  const keeps = kept != 0;
  for (let b = 0; b < rows; b++, z += 4 * BLOCK_BYTES, c += width, h += width, kept += 4 * row) {
    if (!isReal(mask, b * frames)) continue;
    for (let at: usize = 0; at < BLOCK_BYTES; at += 16) {
      const from = z + at;
      const by = bias + at;
      let i = f32x4.add(v128.load(from), v128.load(by));
      let f = f32x4.add(v128.load(from, 32), v128.load(by, 32));
      const g = tanhFrom(f32x4.add(v128.load(from, 64), v128.load(by, 64)), table);
      let o = f32x4.add(v128.load(from, 96), v128.load(by, 96));
      if (hard) {
        i = hardSigmoid4(i);
        f = hardSigmoid4(f);
        o = hardSigmoid4(o);
      } else {
        i = sigmoidFrom(i, table);
        f = sigmoidFrom(f, table);
        o = sigmoidFrom(o, table);
      }
      const value = f32x4.add(f32x4.mul(i, g), f32x4.mul(f, v128.load(c + at)));
      v128.store(c + at, value);
      v128.store(h + at, f32x4.mul(o, tanhFrom(value, table)));
      const n = columns - <i32>(at >> 2);
      if (keeps && n > 0) {
        const to = kept + at;
        give(to, i, n);
        give(to + row, f, n);
        give(to + 2 * row, g, n);
        give(to + 3 * row, o, n);
      }
    }
  }
}

/**
 * dy ([rows, frames, units] with SEQUENCES, else [rows, units]) to dz [rows, frames, 4 units], the gradient of the
 * pre-activations, and dBias [4 units]. `scratch`: GEMM_SCRATCH + recurrentScratch() bytes.
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
  const table = scratch + GEMM_SCRATCH;
  const dh = table + CONSTANTS_BYTES;
  const dc = dh + size;
  const product = dc + size;
  const packedU = product + size;
  const packed = packedU + aligned(packedColumns(width, units));
  writeConstants(table);
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
      const kept = <usize>t * rows + b;
      const cBefore = step > 0 ? cells + (<usize>before * rows + b) * row : 0;
      const dyRow = flags & SEQUENCES ? dy + at * row : 0;
      const dhRow = dh + b * row;
      if (isReal(mask, at)) {
        const hard = (flags & HARD_SIGMOID) != 0;
        cellGradient(units, gates + kept * ldz, cBefore, cells + kept * row, dyRow, dhRow, dc + b * row, dz + at * ldz, dBias, hard, table);
      } else {
        memory.fill(dz + at * ldz, 0, ldz);
        if (dyRow != 0) addRow(units, dyRow, dhRow);
      }
    }
    if (step == 0) break;
    const dzFrame = dz + t * ldz;
    if (scale == 0) frameProduct(rows, units, width, dzFrame, frames * ldz, packedU, dh, row, true, packed);
    else {
      frameProduct(rows, units, width, dzFrame, frames * ldz, packedU, product, row, false, packed);
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
  table: usize,
): void {
  const row = <usize>units * 4;
  for (let n = units; n > 0; n -= 4, z += 16, c += 16, dh += 16, dc += 16, dz += 16, dBias += 16) {
    const i = take(z, n);
    const f = take(z + row, n);
    const g = take(z + 2 * row, n);
    const o = take(z + 3 * row, n);
    const tanhC = tanhFrom(take(c, n), table);
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
