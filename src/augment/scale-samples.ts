/** Loops run over so many samples a call: V8 compiles what is called often better than one long loop that it meets once. */
const BLOCK = 4096;

/** out[i] = factor * samples[i], each rounded to float32 once; `out` may be `samples`. */
export function scaleSamples(samples: Float32Array, factor: number, out: Float32Array): void {
  for (let at = 0; at < out.length; at += BLOCK) scale(samples, factor, out, at, Math.min(at + BLOCK, out.length));
}

function scale(samples: Float32Array, factor: number, out: Float32Array, from: number, to: number): void {
  let i = from;
  for (; i < to - 3; i += 4) {
    out[i] = factor * samples[i]!;
    out[i + 1] = factor * samples[i + 1]!;
    out[i + 2] = factor * samples[i + 2]!;
    out[i + 3] = factor * samples[i + 3]!;
  }
  for (; i < to; i++) out[i] = factor * samples[i]!;
}
