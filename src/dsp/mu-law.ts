/** The largest 14-bit magnitude that mu-law takes: full scale, 1.0, is 8192. */
const LAST = 8191;

/** What floor(8192 |x|) comes back as, over 8192: that of x < 0 before place 8191, that of x >= 0 from it on. */
let decoded: Float32Array | undefined;

/**
 * The outputs of ITU-T G.711's table 2 for magnitudes 0..8191 on its 14-bit scale, in 256 steps of both signs. All decision
 * values are whole numbers, so the whole part of a magnitude decides. With m = magnitude + 33, segment e is where
 * 32 * 2^e <= m < 64 * 2^e; it has 16 intervals, 2^(e + 1) wide, and the output is an interval's middle. The last
 * decision value is 8159, the largest output 8031.
 */
function createTable(): Float32Array {
  const table = new Float32Array(2 * LAST + 1);
  for (let magnitude = 1; magnitude <= LAST; magnitude++) {
    const m = Math.min(8191, magnitude + 33);
    const width = 2 ** (Math.floor(Math.log2(m)) - 4);
    table[LAST + magnitude] = ((Math.floor(m / width) + 0.5) * width - 33) / (LAST + 1);
    table[LAST - magnitude] = -table[LAST + magnitude]!;
  }
  return table;
}

/** Samples to 8 bits of mu-law and back; what lies beyond [-1, 1] goes to the largest output. `output` may be `samples`. */
export function throughMuLaw(samples: Float32Array, output: Float32Array): void {
  decoded ??= createTable();
  const table = decoded;
  for (let i = 0; i < samples.length; i++) {
    const x = (LAST + 1) * samples[i]!;
    output[i] = table[LAST + (x < LAST ? (x > -LAST ? x | 0 : -LAST) : LAST)]!;
  }
}
