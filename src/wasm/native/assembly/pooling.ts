// The gradient of max pooling: each dy to the first of the largest numbers under its window.

// @ts-expect-error: decorator
@inline
function lanes(x: usize, dy: usize, dx: usize, rowStride: usize, columnStride: usize, h: i32, w: i32, single: bool): void {
  let best = single ? v128.load_splat<f32>(x) : v128.load(x);
  let winner = i32x4.splat(0);
  for (let i = 0; i < h; i++) {
    let at = x + i * rowStride;
    for (let j = 0; j < w; j++, at += columnStride) {
      const value = single ? v128.load_splat<f32>(at) : v128.load(at);
      const larger = f32x4.gt(value, best);
      best = v128.bitselect(value, best, larger);
      winner = v128.bitselect(i32x4.splat(i * w + j), winner, larger);
    }
  }
  const given = single ? v128.load_splat<f32>(dy) : v128.load(dy);
  for (let i = 0; i < h; i++) {
    let at = dx + i * rowStride;
    for (let j = 0; j < w; j++, at += columnStride) {
      const here = i32x4.eq(winner, i32x4.splat(i * w + j));
      if (single) store<f32>(at, load<f32>(at) + f32x4.extract_lane(v128.and(given, here), 0));
      else v128.store(at, f32x4.add(v128.load(at), v128.and(given, here)));
    }
  }
}

/**
 * dx [batch, height, width, channels], which holds zeros, += the gradient of max pooling with windows of
 * filterHeight x filterWidth. `top` and `left` are what the input is padded by. Windows outside the input give nothing.
 */
export function maxPoolGrad(
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  top: i32,
  left: i32,
  x: usize,
  dy: usize,
  dx: usize,
): void {
  const columnStride = (<usize>channels) << 2;
  const rowStride = columnStride * width;
  for (let n = 0; n < batch; n++) {
    const image = n * height * rowStride;
    for (let oy = 0; oy < outHeight; oy++) {
      const y0 = max(0, oy * strideHeight - top);
      const h = min(height, oy * strideHeight - top + filterHeight) - y0;
      for (let ox = 0; ox < outWidth; ox++, dy += columnStride) {
        const x0 = max(0, ox * strideWidth - left);
        const w = min(width, ox * strideWidth - left + filterWidth) - x0;
        if (h <= 0 || w <= 0) continue;
        const corner = image + y0 * rowStride + x0 * columnStride;
        let c = 0;
        for (; c + 4 <= channels; c += 4) {
          const at = corner + ((<usize>c) << 2);
          lanes(x + at, dy + ((<usize>c) << 2), dx + at, rowStride, columnStride, h, w, false);
        }
        for (; c < channels; c++) {
          const at = corner + ((<usize>c) << 2);
          lanes(x + at, dy + ((<usize>c) << 2), dx + at, rowStride, columnStride, h, w, true);
        }
      }
    }
  }
}
