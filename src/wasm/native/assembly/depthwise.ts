// Depthwise convolution: every channel has `multiplier` filters of its own, [filterH, filterW, channels, multiplier], and
// gives as many output channels. With one filter a channel, four channels are taken at a time.

import { finish } from './finish';
import {
  CHANNELS,
  copyImage,
  IMAGES,
  imageBytes,
  OUT_CHANNELS,
  paddedBytes,
  positionsOf,
  reachesOut,
  sizeAt,
  tapsOf,
  writePositions,
  writeTaps,
} from './geometry';

/** Bytes of scratch for the three below. */
export function depthwiseScratch(g: usize): usize {
  return (<usize>positionsOf(g) + tapsOf(g)) * 4 + paddedBytes(g);
}

/** y = activation(depthwise(x, filter) + bias). See finish() for the last three. */
export function depthwise(
  g: usize,
  x: usize,
  filter: usize,
  y: usize,
  bias: usize,
  activation: i32,
  slopes: usize,
  scratch: usize,
): void {
  const count = positionsOf(g);
  const taps = tapsOf(g);
  const positions = scratch;
  const tapTable = positions + <usize>count * 4;
  const padded = tapTable + <usize>taps * 4;
  const n = sizeAt(g, OUT_CHANNELS);
  const multiplier = n / max(1, sizeAt(g, CHANNELS));
  const row = <usize>n * 4;
  const reaches = reachesOut(g);
  const four = multiplier == 1 ? n & ~3 : 0;
  writePositions(g, positions);
  writeTaps(g, tapTable);
  if (reaches) memory.fill(padded, 0, paddedBytes(g));
  for (let image = 0; image < sizeAt(g, IMAGES); image++, x += imageBytes(g)) {
    if (reaches) copyImage(g, x, padded, false);
    const base = reaches ? padded : x;
    const start = y;
    for (let p = 0; p < count; p++, y += row) {
      const from = base + load<u32>(positions + <usize>p * 4);
      let o = 0;
      for (; o < four; o += 4) {
        const at = from + <usize>o * 4;
        let w = filter + <usize>o * 4;
        let sum = f32x4.splat(0);
        for (let t = 0; t < taps; t++, w += row) {
          sum = f32x4.add(sum, f32x4.mul(v128.load(at + load<u32>(tapTable + <usize>t * 4)), v128.load(w)));
        }
        v128.store(y + <usize>o * 4, sum);
      }
      for (; o < n; o++) {
        const at = from + <usize>(o / multiplier) * 4;
        let w = filter + <usize>o * 4;
        let sum: f32 = 0;
        for (let t = 0; t < taps; t++, w += row) sum += load<f32>(at + load<u32>(tapTable + <usize>t * 4)) * load<f32>(w);
        store<f32>(y + <usize>o * 4, sum);
      }
    }
    finish(count, n, start, bias, activation, slopes);
  }
}

/** dFilter of x and dy. */
export function depthwiseFilterGradient(g: usize, x: usize, dy: usize, dFilter: usize, scratch: usize): void {
  const count = positionsOf(g);
  const taps = tapsOf(g);
  const positions = scratch;
  const tapTable = positions + <usize>count * 4;
  const padded = tapTable + <usize>taps * 4;
  const n = sizeAt(g, OUT_CHANNELS);
  const multiplier = n / max(1, sizeAt(g, CHANNELS));
  const row = <usize>n * 4;
  const reaches = reachesOut(g);
  const four = multiplier == 1 ? n & ~3 : 0;
  const last = positions + <usize>count * 4;
  writePositions(g, positions);
  writeTaps(g, tapTable);
  if (reaches) memory.fill(padded, 0, paddedBytes(g));
  memory.fill(dFilter, 0, <usize>taps * row);
  for (let image = 0; image < sizeAt(g, IMAGES); image++, x += imageBytes(g), dy += <usize>count * row) {
    if (reaches) copyImage(g, x, padded, false);
    const base = reaches ? padded : x;
    for (let t = 0; t < taps; t++) {
      const from = base + load<u32>(tapTable + <usize>t * 4);
      const to = dFilter + <usize>t * row;
      let o = 0;
      for (; o < four; o += 4) {
        const at = from + <usize>o * 4;
        let d = dy + <usize>o * 4;
        let sum = f32x4.splat(0);
        for (let p = positions; p < last; p += 4, d += row) {
          sum = f32x4.add(sum, f32x4.mul(v128.load(at + load<u32>(p)), v128.load(d)));
        }
        const cell = to + <usize>o * 4;
        v128.store(cell, f32x4.add(v128.load(cell), sum));
      }
      for (; o < n; o++) {
        const at = from + <usize>(o / multiplier) * 4;
        let d = dy + <usize>o * 4;
        let sum: f32 = 0;
        for (let p = positions; p < last; p += 4, d += row) sum += load<f32>(at + load<u32>(p)) * load<f32>(d);
        const cell = to + <usize>o * 4;
        store<f32>(cell, load<f32>(cell) + sum);
      }
    }
  }
}

/** dx of dy and the filter. */
export function depthwiseInputGradient(g: usize, dy: usize, filter: usize, dx: usize, scratch: usize): void {
  const count = positionsOf(g);
  const taps = tapsOf(g);
  const positions = scratch;
  const tapTable = positions + <usize>count * 4;
  const padded = tapTable + <usize>taps * 4;
  const n = sizeAt(g, OUT_CHANNELS);
  const multiplier = n / max(1, sizeAt(g, CHANNELS));
  const row = <usize>n * 4;
  const reaches = reachesOut(g);
  const four = multiplier == 1 ? n & ~3 : 0;
  writePositions(g, positions);
  writeTaps(g, tapTable);
  memory.fill(dx, 0, imageBytes(g) * sizeAt(g, IMAGES));
  for (let image = 0; image < sizeAt(g, IMAGES); image++, dx += imageBytes(g)) {
    if (reaches) memory.fill(padded, 0, paddedBytes(g));
    const base = reaches ? padded : dx;
    for (let p = 0; p < count; p++, dy += row) {
      const at = base + load<u32>(positions + <usize>p * 4);
      let w = filter;
      for (let t = 0; t < taps; t++, w += row) {
        const to = at + load<u32>(tapTable + <usize>t * 4);
        let o = 0;
        for (; o < four; o += 4) {
          const i = <usize>o * 4;
          v128.store(to + i, f32x4.add(v128.load(to + i), f32x4.mul(v128.load(w + i), v128.load(dy + i))));
        }
        for (; o < n; o++) {
          const i = <usize>o * 4;
          const cell = to + <usize>(o / multiplier) * 4;
          store<f32>(cell, load<f32>(cell) + load<f32>(w + i) * load<f32>(dy + i));
        }
      }
    }
    if (reaches) copyImage(g, dx, padded, true);
  }
}
