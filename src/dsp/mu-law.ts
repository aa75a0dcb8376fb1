/** The 14-bit numbers that mu-law takes: full scale, 1.0, is 8192. */
const FULL_SCALE = 8192;

/** What a magnitude of floor(8192 |x|) comes back as, over 8192. */
let decoded: Float64Array | undefined;

/**
 * The outputs of ITU-T G.711's table 2 for magnitudes 0..8191 on its 14-bit scale, in 256 steps of both signs. All decision
 * values are whole numbers, so the whole part of a magnitude decides. With m = magnitude + 33, segment e is where
 * 32 * 2^e <= m < 64 * 2^e; it has 16 intervals, 2^(e + 1) wide, and the output is an interval's middle. The last
 * decision value is 8159, the largest output 8031.
 */
function createTable(): Float64Array {
  const table = new Float64Array(FULL_SCALE);
  for (let magnitude = 0; magnitude < FULL_SCALE; magnitude++) {
    const m = Math.min(8191, magnitude + 33);
    const width = 2 ** (Math.floor(Math.log2(m)) - 4);
    table[magnitude] = ((Math.floor(m / width) + 0.5) * width - 33) / FULL_SCALE;
  }
  return table;
}

/** Samples to 8 bits of mu-law and back; what lies beyond [-1, 1] goes to the largest output. `output` may be `samples`. */
export function throughMuLaw(samples: Float32Array | Float64Array, output: Float32Array | Float64Array): void {
  decoded ??= createTable();
  const table = decoded;
  for (let i = 0; i < samples.length; i++) {
    const x = samples[i]!;
    const magnitude = Math.min(FULL_SCALE - 1, FULL_SCALE * Math.abs(x)) | 0;
    const y = table[magnitude]!;
    output[i] = x < 0 ? 0 - y : y;
  }
}
