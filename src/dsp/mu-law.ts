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

/** Loops run over so many samples a call: V8 compiles what is called often better than one long loop that it meets once. */
const BLOCK = 4096;

/** Samples to 8 bits of mu-law and back; what lies beyond [-1, 1] goes to the largest output. `output` may be `samples`. */
export function throughMuLaw(samples: Float32Array, output: Float32Array): void {
  decoded ??= createTable();
  for (let at = 0; at < samples.length; at += BLOCK) {
    lookUp(decoded, samples, output, at, Math.min(at + BLOCK, samples.length));
  }
}

function lookUp(table: Float32Array, samples: Float32Array, output: Float32Array, from: number, to: number): void {
  let i = from;
  // Four a turn: the next need not wait for the last one's place.
  for (; i < to - 3; i += 4) {
    const a = place(samples[i]!);
    const b = place(samples[i + 1]!);
    const c = place(samples[i + 2]!);
    const d = place(samples[i + 3]!);
    output[i] = table[a]!;
    output[i + 1] = table[b]!;
    output[i + 2] = table[c]!;
    output[i + 3] = table[d]!;
  }
  for (; i < to; i++) output[i] = table[place(samples[i]!)]!;
}

/** Where the table has what a sample comes back as. LAST as a local name, for bundlers make a variable of the other. */
function place(sample: number): number {
  const last = 8191 satisfies typeof LAST;
  const x = (last + 1) * sample;
  return x > -last && x < last ? last + (x | 0) : x > 0 ? 2 * last : 0;
}
