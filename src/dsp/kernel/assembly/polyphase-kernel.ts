// AssemblyScript, not TypeScript: `node scripts/build-kernel.mjs` compiles it into ../polyphase-bytes.ts.
//
// Sums of products for a change of rate, in float64, two outputs in each f64x2: those that are `up` apart, which share a row
// of the filter and look at inputs `down` apart. Every sum takes its products in the order of the JavaScript in
// src/audio/resample-outputs.ts, so both give the same bits.

/** Pair k at `pairs`: inputs k and k + down. */
function pair(x: usize, down: usize, pairs: usize, end: usize): void {
  const second = x + (down << 3);
  for (let at: usize = 0; pairs < end; pairs += 16, at += 8) {
    v128.store(pairs, v128.load64_lane(second + at, v128.load64_zero(x + at), 1));
  }
}

/** Rounds both outputs to float32. */
// @ts-ignore: decorator
@inline
function put(out: usize, apart: usize, sums: v128): void {
  const rounded = f32x4.demote_f64x2_zero(sums);
  v128.store_lane<f32>(out, rounded, 0);
  v128.store_lane<f32>(out + apart, rounded, 1);
}

// @ts-ignore: decorator
@inline
function two(c: v128, d: v128, p: usize): v128 {
  return f64x2.add(f64x2.mul(c, v128.load(p)), f64x2.mul(d, v128.load(p, 16)));
}

/**
 * 8 * up * groups outputs, float32, at `out`. The first has row number `phase`, and its inputs begin at `x`, which is
 * followed by those of all others; the rows begin at 0 and have `taps` numbers, an even number of them.
 */
export function block(
  up: usize,
  down: usize,
  taps: usize,
  phase: usize,
  groups: usize,
  x: usize,
  pairs: usize,
  out: usize,
): void {
  const group = down << 7; // 8 outputs further in the pairs
  pair(x, down, pairs, pairs + group * groups + (taps << 4));
  const rowBytes = taps << 3;
  const step = down << 5; // 2 outputs further
  const apart = up << 2;
  let at = pairs;
  for (const outEnd = out + apart; out < outEnd; out += 4) {
    const row = phase * rowBytes;
    const rowEnd = row + rowBytes;
    let y = out;
    let p0 = at;
    for (let g: usize = 0; g < groups; g++) {
      let p = p0;
      let p1 = p + step;
      let p2 = p1 + step;
      let p3 = p2 + step;
      let s0 = f64x2.splat(0);
      let s1 = f64x2.splat(0);
      let s2 = f64x2.splat(0);
      let s3 = f64x2.splat(0);
      for (let h = row; h < rowEnd; h += 16, p += 32, p1 += 32, p2 += 32, p3 += 32) {
        const c = v128.load64_splat(h);
        const d = v128.load64_splat(h, 8);
        s0 = f64x2.add(s0, two(c, d, p));
        s1 = f64x2.add(s1, two(c, d, p1));
        s2 = f64x2.add(s2, two(c, d, p2));
        s3 = f64x2.add(s3, two(c, d, p3));
      }
      put(y, apart, s0);
      put(y + 2 * apart, apart, s1);
      put(y + 4 * apart, apart, s2);
      put(y + 6 * apart, apart, s3);
      y += 8 * apart;
      p0 += group;
    }
    phase += down;
    const whole = phase / up;
    phase -= whole * up;
    at += whole << 4;
  }
}
