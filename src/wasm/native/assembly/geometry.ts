// A convolution's sizes: 15 32-bit integers in memory, which index them by these names (src/wasm/convolution-geometry.ts
// writes them). Paddings may be negative; what lies beyond the image counts as zero.

export const IMAGES: i32 = 0;
export const IN_HEIGHT: i32 = 1;
export const IN_WIDTH: i32 = 2;
export const CHANNELS: i32 = 3;
export const OUT_HEIGHT: i32 = 4;
export const OUT_WIDTH: i32 = 5;
export const OUT_CHANNELS: i32 = 6;
export const FILTER_HEIGHT: i32 = 7;
export const FILTER_WIDTH: i32 = 8;
export const STRIDE_HEIGHT: i32 = 9;
export const STRIDE_WIDTH: i32 = 10;
export const DILATION_HEIGHT: i32 = 11;
export const DILATION_WIDTH: i32 = 12;
export const TOP: i32 = 13;
export const LEFT: i32 = 14;

export function sizeAt(g: usize, index: i32): i32 {
  return load<i32>(g + <usize>index * 4);
}

/** Rows that the filter passes over, from its first position to its last. */
export function spanHeight(g: usize): i32 {
  return (
    (sizeAt(g, OUT_HEIGHT) - 1) * sizeAt(g, STRIDE_HEIGHT) +
    (sizeAt(g, FILTER_HEIGHT) - 1) * sizeAt(g, DILATION_HEIGHT) +
    1
  );
}

/** Columns that the filter passes over. */
export function spanWidth(g: usize): i32 {
  return (
    (sizeAt(g, OUT_WIDTH) - 1) * sizeAt(g, STRIDE_WIDTH) + (sizeAt(g, FILTER_WIDTH) - 1) * sizeAt(g, DILATION_WIDTH) + 1
  );
}

/** Whether some of what the filter passes over lies beyond the image. */
export function reachesOut(g: usize): bool {
  return (
    sizeAt(g, TOP) != 0 ||
    sizeAt(g, LEFT) != 0 ||
    spanHeight(g) > sizeAt(g, IN_HEIGHT) ||
    spanWidth(g) > sizeAt(g, IN_WIDTH)
  );
}

/** Bytes from one row to the next of what the filter passes over: the image itself, or its copy with zeros around it. */
export function pitchOf(g: usize): usize {
  return <usize>(reachesOut(g) ? spanWidth(g) : sizeAt(g, IN_WIDTH)) * sizeAt(g, CHANNELS) * 4;
}

/** Bytes of an image's copy with zeros around it; 0 where none is needed. */
export function paddedBytes(g: usize): usize {
  return reachesOut(g) ? <usize>spanHeight(g) * pitchOf(g) : 0;
}

export function imageBytes(g: usize): usize {
  return <usize>sizeAt(g, IN_HEIGHT) * sizeAt(g, IN_WIDTH) * sizeAt(g, CHANNELS) * 4;
}

export function positionsOf(g: usize): i32 {
  return sizeAt(g, OUT_HEIGHT) * sizeAt(g, OUT_WIDTH);
}

/** How many numbers lie under the filter. */
export function patchSize(g: usize): i32 {
  return sizeAt(g, FILTER_HEIGHT) * sizeAt(g, FILTER_WIDTH) * sizeAt(g, CHANNELS);
}

export function tapsOf(g: usize): i32 {
  return sizeAt(g, FILTER_HEIGHT) * sizeAt(g, FILTER_WIDTH);
}

/** Straight stretches of memory under the filter: its rows, or its taps where they are spread out. */
export function stretchesOf(g: usize): i32 {
  return sizeAt(g, FILTER_HEIGHT) * (sizeAt(g, DILATION_WIDTH) == 1 ? 1 : sizeAt(g, FILTER_WIDTH));
}

/** Bytes of one stretch. */
export function stretchBytes(g: usize): usize {
  return <usize>sizeAt(g, CHANNELS) * 4 * (sizeAt(g, DILATION_WIDTH) == 1 ? sizeAt(g, FILTER_WIDTH) : 1);
}

/** For each output position, the bytes from the image's first number to the first one under the filter. */
export function writePositions(g: usize, to: usize): void {
  const pitch = pitchOf(g);
  const step = <usize>sizeAt(g, STRIDE_WIDTH) * sizeAt(g, CHANNELS) * 4;
  for (let y = 0; y < sizeAt(g, OUT_HEIGHT); y++) {
    let at = <usize>y * sizeAt(g, STRIDE_HEIGHT) * pitch;
    for (let x = 0; x < sizeAt(g, OUT_WIDTH); x++, at += step, to += 4) store<u32>(to, <u32>at);
  }
}

/** For each stretch, the bytes from the first number under the filter to the stretch's first. */
export function writeStretches(g: usize, to: usize): void {
  const pitch = pitchOf(g);
  const rows = sizeAt(g, FILTER_HEIGHT);
  const inRow = stretchesOf(g) / max(1, rows);
  const step = <usize>sizeAt(g, DILATION_WIDTH) * sizeAt(g, CHANNELS) * 4;
  for (let y = 0; y < rows; y++) {
    const row = <usize>y * sizeAt(g, DILATION_HEIGHT) * pitch;
    for (let x = 0; x < inRow; x++, to += 4) store<u32>(to, <u32>(row + x * step));
  }
}

/** For each tap of the filter, the bytes from the first number under the filter to its first channel. */
export function writeTaps(g: usize, to: usize): void {
  const pitch = pitchOf(g);
  const step = <usize>sizeAt(g, DILATION_WIDTH) * sizeAt(g, CHANNELS) * 4;
  for (let y = 0; y < sizeAt(g, FILTER_HEIGHT); y++) {
    const row = <usize>y * sizeAt(g, DILATION_HEIGHT) * pitch;
    for (let x = 0; x < sizeAt(g, FILTER_WIDTH); x++, to += 4) store<u32>(to, <u32>(row + x * step));
  }
}

/** For each number under the filter, the bytes from the first one. */
export function writePatch(g: usize, to: usize): void {
  const pitch = pitchOf(g);
  const channels = sizeAt(g, CHANNELS);
  for (let y = 0; y < sizeAt(g, FILTER_HEIGHT); y++) {
    for (let x = 0; x < sizeAt(g, FILTER_WIDTH); x++) {
      let at = <usize>y * sizeAt(g, DILATION_HEIGHT) * pitch + <usize>x * sizeAt(g, DILATION_WIDTH) * channels * 4;
      for (let c = 0; c < channels; c++, at += 4, to += 4) store<u32>(to, <u32>at);
    }
  }
}

/** Copies an image into the middle of its zeros at `padded`, or, `back`, out of there. */
export function copyImage(g: usize, image: usize, padded: usize, back: bool): void {
  const height = sizeAt(g, IN_HEIGHT);
  const width = sizeAt(g, IN_WIDTH);
  const top = sizeAt(g, TOP);
  const left = sizeAt(g, LEFT);
  const cell = <usize>sizeAt(g, CHANNELS) * 4;
  const pitch = pitchOf(g);
  const from = max(0, left);
  const to = min(spanWidth(g), width + left);
  if (from >= to) return;
  const bytes = <usize>(to - from) * cell;
  const end = min(spanHeight(g), height + top);
  for (let y = max(0, top); y < end; y++) {
    const inside = padded + <usize>y * pitch + <usize>from * cell;
    const own = image + (<usize>(y - top) * width + (from - left)) * cell;
    memory.copy(back ? own : inside, back ? inside : own, bytes);
  }
}
