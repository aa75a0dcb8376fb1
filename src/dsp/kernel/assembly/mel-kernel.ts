// AssemblyScript, not TypeScript: `node scripts/build-kernel.mjs` compiles it into ../kernel-bytes.ts.
//
// Four frames at a time, one in each lane of an f32x4, from the samples to decibels or cosine coefficients. No operation
// crosses the lanes, so a frame's bits do not depend on the frames beside it. ../mel-kernel.ts lays out the memory: tables,
// then the areas that are worked in; their addresses stand in a header at HEADER. A "quad" is four frames; a complex
// number is 32 bytes, the real parts of four frames and then their imaginary parts.

/** Where the header begins; ../layout.ts writes its words in this order. */
const HEADER: usize = 0;

// @ts-ignore: decorator
@inline
function word(index: usize): u32 {
  return load<u32>(HEADER + (index << 2));
}

// @ts-ignore: decorator
@inline
function real(index: usize): f32 {
  return load<f32>(HEADER + (index << 2));
}

/** Samples of four frames, times the window, as lanes: sample n of the frames at z + 16 n. */
function gather(a: usize, b: usize, c: usize, d: usize): void {
  let z: usize = word(1);
  let w: usize = word(2);
  const windowEnd: usize = word(3);
  const zEnd: usize = word(4);
  for (; w < windowEnd; w += 16, z += 64, a += 16, b += 16, c += 16, d += 16) {
    const va = v128.load(a);
    const vb = v128.load(b);
    const vc = v128.load(c);
    const vd = v128.load(d);
    const ab = v128.shuffle<f32>(va, vb, 0, 4, 1, 5);
    const cd = v128.shuffle<f32>(vc, vd, 0, 4, 1, 5);
    const ab2 = v128.shuffle<f32>(va, vb, 2, 6, 3, 7);
    const cd2 = v128.shuffle<f32>(vc, vd, 2, 6, 3, 7);
    v128.store(z, f32x4.mul(v128.shuffle<f64>(ab, cd, 0, 2), v128.load_splat<f32>(w)));
    v128.store(z, f32x4.mul(v128.shuffle<f64>(ab, cd, 1, 3), v128.load_splat<f32>(w, 4)), 16);
    v128.store(z, f32x4.mul(v128.shuffle<f64>(ab2, cd2, 0, 2), v128.load_splat<f32>(w, 8)), 32);
    v128.store(z, f32x4.mul(v128.shuffle<f64>(ab2, cd2, 1, 3), v128.load_splat<f32>(w, 12)), 48);
  }
  for (; z < zEnd; z += 16) v128.store(z, f32x4.splat(0));
}

/** Stores (re, im) times the twiddle at t + offset. */
// @ts-ignore: decorator
@inline
function storeTurned(p: usize, re: v128, im: v128, t: usize, offset: usize): void {
  const wr = v128.load_splat<f32>(t + offset);
  const wi = v128.load_splat<f32>(t + offset + 4);
  v128.store(p, f32x4.sub(f32x4.mul(re, wr), f32x4.mul(im, wi)));
  v128.store(p, f32x4.add(f32x4.mul(re, wi), f32x4.mul(im, wr)), 16);
}

/** A butterfly of four values, m bytes apart, in place; with the twiddles at t unless that is 0. */
// @ts-ignore: decorator
@inline
function butterfly4(p0: usize, m: usize, t: usize, turned: bool): void {
  const p1 = p0 + m;
  const p2 = p1 + m;
  const p3 = p2 + m;
  const r0 = v128.load(p0);
  const r2 = v128.load(p2);
  const sr = f32x4.add(r0, r2);
  const dr = f32x4.sub(r0, r2);
  const i0 = v128.load(p0, 16);
  const i2 = v128.load(p2, 16);
  const si = f32x4.add(i0, i2);
  const di = f32x4.sub(i0, i2);
  const r1 = v128.load(p1);
  const r3 = v128.load(p3);
  const tr = f32x4.add(r1, r3);
  const ui = f32x4.sub(r3, r1); // the imaginary part of -i (z1 - z3)
  const i1 = v128.load(p1, 16);
  const i3 = v128.load(p3, 16);
  const ti = f32x4.add(i1, i3);
  const ur = f32x4.sub(i1, i3);
  v128.store(p0, f32x4.add(sr, tr));
  v128.store(p0, f32x4.add(si, ti), 16);
  if (turned) {
    storeTurned(p1, f32x4.add(dr, ur), f32x4.add(di, ui), t, 0);
    storeTurned(p2, f32x4.sub(sr, tr), f32x4.sub(si, ti), t, 8);
    storeTurned(p3, f32x4.sub(dr, ur), f32x4.sub(di, ui), t, 16);
  } else {
    v128.store(p1, f32x4.add(dr, ur));
    v128.store(p1, f32x4.add(di, ui), 16);
    v128.store(p2, f32x4.sub(sr, tr));
    v128.store(p2, f32x4.sub(si, ti), 16);
    v128.store(p3, f32x4.sub(dr, ur));
    v128.store(p3, f32x4.sub(di, ui), 16);
  }
}

function pass4(z: usize, zEnd: usize, m: usize, twiddles: usize): void {
  for (; z < zEnd; z += m << 2) {
    butterfly4(z, m, 0, false);
    let t = twiddles;
    const end = z + m;
    for (let p = z + 32; p < end; p += 32, t += 24) butterfly4(p, m, t, true);
  }
}

/** Butterflies of an odd number of values, in place: with sums and differences of the values r and radix - r. */
function passOdd(z: usize, zEnd: usize, m: usize, twiddles: usize, radix: u32, roots: usize): void {
  const temporary: usize = word(20);
  const temporaryEnd = temporary + ((radix >> 1) << 6);
  const last = m * (radix - 1);
  for (; z < zEnd; z += m * radix) {
    let t = twiddles;
    const end = z + m;
    for (let p0 = z; p0 < end; p0 += 32) {
      const r0 = v128.load(p0);
      const i0 = v128.load(p0, 16);
      let tr = r0;
      let ti = i0;
      let p = p0;
      let q = p0 + last + m;
      for (let at = temporary; at < temporaryEnd; at += 64) {
        p += m;
        q -= m;
        const pr = v128.load(p);
        const pi = v128.load(p, 16);
        const qr = v128.load(q);
        const qi = v128.load(q, 16);
        const sr = f32x4.add(pr, qr);
        const si = f32x4.add(pi, qi);
        v128.store(at, sr);
        v128.store(at, si, 16);
        v128.store(at, f32x4.sub(pr, qr), 32);
        v128.store(at, f32x4.sub(pi, qi), 48);
        tr = f32x4.add(tr, sr);
        ti = f32x4.add(ti, si);
      }
      v128.store(p0, tr);
      v128.store(p0, ti, 16);
      let root = roots;
      for (p = p0 + m, q = p0 + last; p < q; p += m, q -= m, t += 16) {
        let mr = r0;
        let mi = i0;
        let nr = f32x4.splat(0);
        let ni = f32x4.splat(0);
        for (let at = temporary; at < temporaryEnd; at += 64, root += 8) {
          const c = v128.load_splat<f32>(root);
          const s = v128.load_splat<f32>(root, 4);
          mr = f32x4.add(mr, f32x4.mul(c, v128.load(at)));
          mi = f32x4.add(mi, f32x4.mul(c, v128.load(at, 16)));
          nr = f32x4.add(nr, f32x4.mul(s, v128.load(at, 32)));
          ni = f32x4.add(ni, f32x4.mul(s, v128.load(at, 48)));
        }
        storeTurned(p, f32x4.sub(mr, ni), f32x4.add(mi, nr), t, 0);
        storeTurned(q, f32x4.add(mr, ni), f32x4.sub(mi, nr), t, 8);
      }
    }
  }
}

/** Pairs of neighbours: the last pass, where there is an odd number of factors of two. */
function pass2(z: usize, zEnd: usize): void {
  for (; z < zEnd; z += 64) {
    const r0 = v128.load(z);
    const i0 = v128.load(z, 16);
    const r1 = v128.load(z, 32);
    const i1 = v128.load(z, 48);
    v128.store(z, f32x4.add(r0, r1));
    v128.store(z, f32x4.add(i0, i1), 16);
    v128.store(z, f32x4.sub(r0, r1), 32);
    v128.store(z, f32x4.sub(i0, i1), 48);
  }
}

/** The complex transform of half the length, in place, decimated in frequency: its result is in permuted order. */
function transform(): void {
  const z: usize = word(1);
  const zEnd: usize = word(4);
  let plan: usize = word(5);
  for (;;) {
    const radix = load<u32>(plan);
    if (radix == 0) return;
    const m = load<u32>(plan, 4);
    const twiddles = load<u32>(plan, 8);
    if (radix == 4) pass4(z, zEnd, m, twiddles);
    else if (radix == 2) pass2(z, zEnd);
    else passOdd(z, zEnd, m, twiddles, radix, load<u32>(plan, 12));
    plan += 16;
  }
}

/** Four times the powers of the real signal's bins, two bins a turn: k and half - k. */
function powers(): void {
  let entry: usize = word(6);
  const end: usize = word(7);
  let up: usize = word(8);
  let down: usize = word(9);
  for (; entry < end; entry += 16, up += 16, down -= 16) {
    const p: usize = load<u32>(entry);
    const q: usize = load<u32>(entry, 4);
    const wr = v128.load_splat<f32>(entry, 8);
    const wi = v128.load_splat<f32>(entry, 12);
    const ar = v128.load(p);
    const br = v128.load(q);
    const er = f32x4.add(ar, br);
    const oi = f32x4.sub(br, ar);
    const ai = v128.load(p, 16);
    const bi = v128.load(q, 16);
    const ei = f32x4.sub(ai, bi);
    const or = f32x4.add(ai, bi);
    const tr = f32x4.sub(f32x4.mul(wr, or), f32x4.mul(wi, oi));
    const ti = f32x4.add(f32x4.mul(wr, oi), f32x4.mul(wi, or));
    const xr = f32x4.add(er, tr);
    const xi = f32x4.add(ei, ti);
    const yr = f32x4.sub(er, tr);
    const yi = f32x4.sub(ei, ti);
    v128.store(up, f32x4.add(f32x4.mul(xr, xr), f32x4.mul(xi, xi)));
    v128.store(down, f32x4.add(f32x4.mul(yr, yr), f32x4.mul(yi, yi)));
  }
}

function magnitudes(): void {
  const end: usize = word(9) + 16;
  for (let p: usize = word(8); p < end; p += 16) v128.store(p, f32x4.sqrt(v128.load(p)));
}

/**
 * The natural logarithm of positive normal numbers, to 4e-8 (absolute, beside the rounding): x = 2^e (1 + f) with 1 + f from
 * sqrt(1/2) to sqrt(2), and a polynomial fitted to ln(1 + f) = f + f^2 Q(f).
 */
// @ts-ignore: decorator
@inline
function ln(x: v128): v128 {
  const e = i32x4.shr_s(i32x4.sub(x, i32x4.splat(0x3f3504f3)), 23);
  const f = f32x4.sub(i32x4.sub(x, i32x4.shl(e, 23)), f32x4.splat(1));
  const ff = f32x4.mul(f, f);
  const q01 = f32x4.add(f32x4.splat(-0.500005844), f32x4.mul(f, f32x4.splat(0.333352616)));
  const q23 = f32x4.add(f32x4.splat(-0.249614643), f32x4.mul(f, f32x4.splat(0.19888273)));
  const q45 = f32x4.add(f32x4.splat(-0.17326006), f32x4.mul(f, f32x4.splat(0.163356635)));
  const q46 = f32x4.add(q45, f32x4.mul(ff, f32x4.splat(-0.100345859)));
  const q = f32x4.add(q01, f32x4.mul(ff, f32x4.add(q23, f32x4.mul(ff, q46))));
  const small = f32x4.add(f, f32x4.mul(ff, q));
  return f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(e), f32x4.splat(0.693147181)), small);
}

/** The bands of one quad, as logarithms, at out; returns the greatest of `greatest` and theirs. */
function bandsOf(out: usize, greatest: v128): v128 {
  let bin: usize = word(10);
  let slope: usize = word(11);
  let band: usize = word(12); // per segment: how many bytes of slopes its bins have, and the scale of the band it ends
  const bandEnd: usize = word(13);
  const least = f32x4.splat(real(14));
  const factor = f32x4.splat(real(15));
  const term = f32x4.splat(real(16));
  let up = f32x4.splat(0);
  for (const end = slope + load<u32>(band); slope < end; slope += 8, bin += 16) {
    up = f32x4.add(up, f32x4.mul(v128.load(bin), v128.load_splat<f32>(slope)));
  }
  for (band += 8; band < bandEnd; band += 8, out += 16) {
    let nextUp = f32x4.splat(0);
    let fall = f32x4.splat(0);
    for (const end = slope + load<u32>(band); slope < end; slope += 8, bin += 16) {
      const power = v128.load(bin);
      nextUp = f32x4.add(nextUp, f32x4.mul(power, v128.load_splat<f32>(slope)));
      fall = f32x4.add(fall, f32x4.mul(power, v128.load_splat<f32>(slope, 4)));
    }
    const sum = f32x4.mul(v128.load_splat<f32>(band, 4), f32x4.add(up, fall));
    up = nextUp;
    // What overflowed (NaN, too) counts as the greatest number.
    const finite = f32x4.pmin(f32x4.splat(3.4e38), sum);
    const level = f32x4.add(f32x4.mul(ln(f32x4.pmax(finite, least)), factor), term);
    greatest = f32x4.pmax(greatest, level);
    v128.store(out, level);
  }
  return greatest;
}

/** The log-mel bands of frames, in quads of [nMels, 4] at out; a last quad repeats its last frame. Returns the greatest. */
export function bands(input: usize, frames: i32, out: usize): f32 {
  const hop: usize = word(0);
  const quad: usize = word(17);
  const useMagnitudes = word(18);
  let greatest = f32x4.splat(-Infinity);
  for (; frames > 0; frames -= 4, input += hop << 2, out += quad) {
    const b = frames > 1 ? input + hop : input;
    const c = frames > 2 ? b + hop : b;
    gather(input, b, c, frames > 3 ? c + hop : c);
    transform();
    powers();
    if (useMagnitudes) magnitudes();
    greatest = bandsOf(out, greatest);
  }
  return max(
    max(f32x4.extract_lane(greatest, 0), f32x4.extract_lane(greatest, 1)),
    max(f32x4.extract_lane(greatest, 2), f32x4.extract_lane(greatest, 3)),
  );
}

/** Stores one value of each frame of a quad; rows are `row` bytes apart, and there is room for whole quads of rows. */
// @ts-ignore: decorator
@inline
function scatter(out: usize, row: usize, value: v128): void {
  v128.store_lane<f32>(out, value, 0);
  v128.store_lane<f32>(out + row, value, 1);
  v128.store_lane<f32>(out + 2 * row, value, 2);
  v128.store_lane<f32>(out + 3 * row, value, 3);
}

/** Quads to rows, [frames, nMels]; what lies below `floor` is raised to it. */
export function rows(quads: usize, frames: i32, floor: f32, out: usize): void {
  const quad: usize = word(17);
  const row = quad >> 2;
  const least = f32x4.splat(floor);
  for (; frames > 0; frames -= 4, out += quad) {
    for (let n: usize = 0; n < row; n += 4, quads += 16) {
      scatter(out + n, row, f32x4.pmax(v128.load(quads), least));
    }
  }
}

/** Quads to cosine coefficients, [frames, outputs]; what lies below `floor` is raised to it first. */
export function cosines(quads: usize, frames: i32, floor: f32, out: usize): void {
  const quad: usize = word(17);
  const row: usize = word(19);
  const foldedEnd: usize = word(21);
  const least = f32x4.splat(floor);
  for (; frames > 0; frames -= 4, quads += quad, out += row << 2) {
    // Sums and differences of the bands from both ends; a middle one is its own sum, and its difference does not count.
    let i = quads;
    let j = quads + quad - 16;
    let at: usize = word(20);
    for (; i < j; i += 16, j -= 16, at += 32) {
      const a = f32x4.pmax(v128.load(i), least);
      const b = f32x4.pmax(v128.load(j), least);
      v128.store(at, f32x4.add(a, b));
      v128.store(at, f32x4.sub(a, b), 16);
    }
    if (i == j) {
      v128.store(at, f32x4.pmax(v128.load(i), least));
      v128.store(at, f32x4.splat(0), 16);
    }
    let table: usize = word(22);
    for (let k: usize = 0; k < row; k += 16) {
      let y0 = f32x4.splat(0);
      let y1 = f32x4.splat(0);
      let y2 = f32x4.splat(0);
      let y3 = f32x4.splat(0);
      for (at = word(20); at < foldedEnd; at += 32, table += 16) {
        const sum = v128.load(at);
        const difference = v128.load(at, 16);
        y0 = f32x4.add(y0, f32x4.mul(sum, v128.load_splat<f32>(table)));
        y1 = f32x4.add(y1, f32x4.mul(difference, v128.load_splat<f32>(table, 4)));
        y2 = f32x4.add(y2, f32x4.mul(sum, v128.load_splat<f32>(table, 8)));
        y3 = f32x4.add(y3, f32x4.mul(difference, v128.load_splat<f32>(table, 12)));
      }
      const y = out + k;
      scatter(y, row, y0);
      if (k + 4 < row) scatter(y + 4, row, y1);
      if (k + 8 < row) scatter(y + 8, row, y2);
      if (k + 12 < row) scatter(y + 12, row, y3);
    }
  }
}
