// Convolution and its two gradients as matrix products, over NHWC images.
//
// `patches` is the matrix that has, for each output position, the inputs under the filter: y = patches x W,
// dW = patches' x dy, d(patches) = dy x W'. It is never made whole: with zeros around an image, a position's patch is a
// few straight stretches of memory whose offsets from the position's first input are the same everywhere, so that the
// inner loops read the image through tables of positions and of stretches. Images are taken one at a time, and copied
// to where there are zeros around them.

import { finish } from './finish';
import { gemmRows, packB, packedColumns, putPart, SPARE, tileRuns } from './gemm';
import {
  copyImage,
  IMAGES,
  imageBytes,
  OUT_CHANNELS,
  paddedBytes,
  patchSize,
  positionsOf,
  reachesOut,
  sizeAt,
  stretchBytes,
  stretchesOf,
  writePatch,
  writePositions,
  writeStretches,
} from './geometry';

/** Output positions at a time, whose inputs stay in the first cache: of the value, and of the filter's gradient. */
const BLOCK: i32 = 64;
const CHUNK: i32 = 256;

/** Output positions whose gradients of patches are made at a time, in the input's gradient. */
function patchesAtOnce(g: usize): i32 {
  return max(4, min(128, 16384 / max(1, patchSize(g)))) & ~3;
}

function tableBytes(g: usize): usize {
  return (<usize>max(patchSize(g), stretchesOf(g)) + positionsOf(g)) * 4;
}

/** Bytes of scratch for any of convolve(), filterGradient() and inputGradient() of this geometry. */
export function convolutionScratch(g: usize): usize {
  const k = patchSize(g);
  const n = sizeAt(g, OUT_CHANNELS);
  const forValue = packedColumns(k, n);
  const forFilter = packedColumns(CHUNK, n);
  const forInput = packedColumns(n, k) + <usize>patchesAtOnce(g) * k * 4;
  return SPARE + tableBytes(g) + paddedBytes(g) + max(forValue, max(forFilter, forInput));
}

/** y = activation(conv(x, filter) + bias). See finish() for the last three. */
export function convolve(
  g: usize,
  x: usize,
  filter: usize,
  y: usize,
  bias: usize,
  activation: i32,
  slopes: usize,
  scratch: usize,
): void {
  const spare = scratch;
  const positions = spare + SPARE;
  const count = positionsOf(g);
  const k = patchSize(g);
  const stretches = positions + <usize>count * 4;
  const padded = spare + SPARE + tableBytes(g);
  const packed = padded + paddedBytes(g);
  const n = sizeAt(g, OUT_CHANNELS);
  const ldc = <usize>n * 4;
  const runs = stretchesOf(g);
  const length = stretchBytes(g);
  const reaches = reachesOut(g);
  writePositions(g, positions);
  writeStretches(g, stretches);
  packB(k, n, filter, ldc, 4, packed);
  if (reaches) memory.fill(padded, 0, paddedBytes(g));
  for (let image = 0; image < sizeAt(g, IMAGES); image++, x += imageBytes(g), y += <usize>count * ldc) {
    if (reaches) copyImage(g, x, padded, false);
    const base = reaches ? padded : x;
    for (let first = 0; first < count; first += BLOCK) {
      const end = min(count, first + BLOCK);
      for (let j = 0; j < n; j += 8) {
        const b = packed + <usize>j * k * 4;
        const columns = min(8, n - j);
        for (let i = first; i < end; i += 4) {
          const rows = min(4, end - i);
          const whole = rows == 4 && columns == 8;
          const at = positions + <usize>i * 4;
          const a0 = base + load<u32>(at);
          const a1 = rows > 1 ? base + load<u32>(at, 4) : a0;
          const a2 = rows > 2 ? base + load<u32>(at, 8) : a0;
          const a3 = rows > 3 ? base + load<u32>(at, 12) : a0;
          const to = y + <usize>i * ldc + <usize>j * 4;
          tileRuns(a0, a1, a2, a3, runs, stretches, length, b, whole ? to : spare, whole ? ldc : 32, false);
          if (!whole) putPart(spare, rows, columns, to, ldc, false);
        }
      }
    }
    finish(count, n, y, bias, activation, slopes);
  }
}

/**
 * 4 x 8 of the filter's gradient: four numbers of the patches, at these addresses for a position of offset 0, against
 * 8 columns of dy, over the positions of a table.
 */
function tilePositions(
  at: usize,
  last: usize,
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  b: usize,
  c: usize,
  ldc: usize,
): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (; at < last; at += 4, b += 32) {
    const position = load<u32>(at);
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load_splat<f32>(a0 + position);
    c00 = f32x4.add(c00, f32x4.mul(x0, b0));
    c01 = f32x4.add(c01, f32x4.mul(x0, b1));
    const x1 = v128.load_splat<f32>(a1 + position);
    c10 = f32x4.add(c10, f32x4.mul(x1, b0));
    c11 = f32x4.add(c11, f32x4.mul(x1, b1));
    const x2 = v128.load_splat<f32>(a2 + position);
    c20 = f32x4.add(c20, f32x4.mul(x2, b0));
    c21 = f32x4.add(c21, f32x4.mul(x2, b1));
    const x3 = v128.load_splat<f32>(a3 + position);
    c30 = f32x4.add(c30, f32x4.mul(x3, b0));
    c31 = f32x4.add(c31, f32x4.mul(x3, b1));
  }
  addPair(c, c00, c01);
  addPair(c + ldc, c10, c11);
  addPair(c + 2 * ldc, c20, c21);
  addPair(c + 3 * ldc, c30, c31);
}

// @ts-expect-error: decorator
@inline
function addPair(c: usize, v0: v128, v1: v128): void {
  v128.store(c, f32x4.add(v128.load(c), v0));
  v128.store(c, f32x4.add(v128.load(c, 16), v1), 16);
}

/** dFilter [patchSize, outChannels] of x and dy. */
export function filterGradient(g: usize, x: usize, dy: usize, dFilter: usize, scratch: usize): void {
  const spare = scratch;
  const positions = spare + SPARE;
  const count = positionsOf(g);
  const k = patchSize(g);
  const patch = positions + <usize>count * 4;
  const padded = spare + SPARE + tableBytes(g);
  const packed = padded + paddedBytes(g);
  const n = sizeAt(g, OUT_CHANNELS);
  const ldc = <usize>n * 4;
  const reaches = reachesOut(g);
  writePositions(g, positions);
  writePatch(g, patch);
  if (reaches) memory.fill(padded, 0, paddedBytes(g));
  memory.fill(dFilter, 0, <usize>k * ldc);
  for (let image = 0; image < sizeAt(g, IMAGES); image++, x += imageBytes(g), dy += <usize>count * ldc) {
    if (reaches) copyImage(g, x, padded, false);
    const base = reaches ? padded : x;
    for (let first = 0; first < count; first += CHUNK) {
      const size = min(CHUNK, count - first);
      const at = positions + <usize>first * 4;
      const last = at + <usize>size * 4;
      packB(size, n, dy + <usize>first * ldc, ldc, 4, packed);
      for (let j = 0; j < n; j += 8) {
        const b = packed + <usize>j * size * 4;
        const columns = min(8, n - j);
        for (let i = 0; i < k; i += 4) {
          const rows = min(4, k - i);
          const whole = rows == 4 && columns == 8;
          const offsets = patch + <usize>i * 4;
          const a0 = base + load<u32>(offsets);
          const a1 = rows > 1 ? base + load<u32>(offsets, 4) : a0;
          const a2 = rows > 2 ? base + load<u32>(offsets, 8) : a0;
          const a3 = rows > 3 ? base + load<u32>(offsets, 12) : a0;
          const to = dFilter + <usize>i * ldc + <usize>j * 4;
          if (!whole) memory.fill(spare, 0, SPARE);
          tilePositions(at, last, a0, a1, a2, a3, b, whole ? to : spare, whole ? ldc : 32);
          if (!whole) putPart(spare, rows, columns, to, ldc, true);
        }
      }
    }
  }
}

/** to[bytes] += from[bytes] */
// @ts-expect-error: decorator
@inline
function addStretch(to: usize, from: usize, bytes: usize): void {
  const end = to + bytes;
  for (; to + 16 <= end; to += 16, from += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  for (; to < end; to += 4, from += 4) store<f32>(to, load<f32>(to) + load<f32>(from));
}

/** dx of dy and the filter. */
export function inputGradient(g: usize, dy: usize, filter: usize, dx: usize, scratch: usize): void {
  const spare = scratch;
  const positions = spare + SPARE;
  const count = positionsOf(g);
  const k = patchSize(g);
  const stretches = positions + <usize>count * 4;
  const padded = spare + SPARE + tableBytes(g);
  const packed = padded + paddedBytes(g);
  const n = sizeAt(g, OUT_CHANNELS);
  const patches = packed + packedColumns(n, k);
  const runs = stretchesOf(g);
  const length = stretchBytes(g);
  const reaches = reachesOut(g);
  const atOnce = patchesAtOnce(g);
  writePositions(g, positions);
  writeStretches(g, stretches);
  packB(n, k, filter, 4, <usize>n * 4, packed);
  memory.fill(dx, 0, imageBytes(g) * sizeAt(g, IMAGES));
  for (let image = 0; image < sizeAt(g, IMAGES); image++, dx += imageBytes(g)) {
    if (reaches) memory.fill(padded, 0, paddedBytes(g));
    const base = reaches ? padded : dx;
    for (let first = 0; first < count; first += atOnce) {
      const size = min(atOnce, count - first);
      gemmRows(size, k, n, dy, <usize>n * 4, packed, patches, <usize>k * 4, false, spare);
      dy += <usize>size * n * 4;
      let from = patches;
      for (let i = first; i < first + size; i++) {
        const at = base + load<u32>(positions + <usize>i * 4);
        for (let r = 0; r < runs; r++, from += length) {
          addStretch(at + load<u32>(stretches + <usize>r * 4), from, length);
        }
      }
    }
    if (reaches) copyImage(g, dx, padded, true);
  }
}
