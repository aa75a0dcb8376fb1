/** Numbers in [-1, 1) by mulberry32 from a seed: make_kaldi.py's uniform(). */
export function uniform(seed: number, count: number): Float64Array {
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let t = (seed + Math.imul(i + 1, 0x6d2b79f5)) | 0;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    values[i] = ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  }
  return values;
}

/** Test frames, [frames, dims]. */
export function testFrames(frames: number, dims: number): Float32Array<ArrayBuffer> {
  return Float32Array.from(uniform(frames, frames * dims), (x) => x * 3);
}

/** make_kaldi.py's sound(): a voice-like sound at 16 kHz with pauses; below 0.1 s noise. */
export function testSound(seed: number, seconds: number, loudness: number): Float32Array<ArrayBuffer> {
  const length = Math.round(seconds * 16000);
  const noise = uniform(seed, length);
  if (seconds < 0.1) return Float32Array.from(noise, (x) => 0.5 * x);
  return Float32Array.from(noise, (x, n) => {
    const t = n / 16000;
    const phase = 2 * Math.PI * (120 * t + 3 * Math.sin(2 * Math.PI * 1.5 * t));
    let voice = 0;
    for (let k = 1; k <= 30; k++) {
      voice += (Math.sin(k * phase) / k) * (1 + 0.5 * Math.sin(2 * Math.PI * 0.7 * k * t));
    }
    return loudness * (0.15 * Math.max(Math.sin(2 * Math.PI * 0.9 * t), 0) * voice + 0.002 * x);
  });
}
