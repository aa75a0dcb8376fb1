import { portableExp } from './portable-math.ts';
import { LARGEST } from './to-samples.ts';

/** Loops run over so many samples a call: V8 compiles what is called often better than one long loop that it meets once. */
const BLOCK = 4096;

/** P = sum x^2 / n over samples `begin` to `end - 1`, in float64; 0 of none. No float32 samples make it overflow or vanish. */
export function meanPower(samples: Float32Array | Float64Array, begin = 0, end = samples.length): number {
  let sum = 0;
  for (let at = begin; at < end; at += BLOCK) sum += sumOfSquares(samples, at, Math.min(at + BLOCK, end));
  return end > begin ? sum / (end - begin) : 0;
}

function sumOfSquares(samples: Float32Array | Float64Array, begin: number, end: number): number {
  let sum = 0;
  let i = begin;
  // Four a turn: multiplications then need not wait for additions.
  for (; i < end - 3; i += 4) {
    const a = samples[i]!;
    const b = samples[i + 1]!;
    const c = samples[i + 2]!;
    const d = samples[i + 3]!;
    sum += a * a + b * b + (c * c + d * d);
  }
  for (; i < end; i++) sum += samples[i]! * samples[i]!;
  return sum;
}

/** 10^(dB / 10), the same bits on every engine. */
export function powerOfDb(db: number): number {
  return portableExp((db * Math.LN10) / 10);
}

/**
 * clip + g noise, where g makes 10 log10(P(clip) / P(g noise)) = snrDb. The noise lies in noise[begin] and after. Its own
 * power is measured, so that the ratio holds for this stretch of it and not just on average. Sums are rounded to float32 once.
 *
 * @param out  what is filled: new samples, or the noise itself where it is wanted no more and begin is 0
 * @returns out; the clip itself where either has no power, for no gain gives the ratio then
 */
export function mixAtSnr(
  clip: Float32Array<ArrayBuffer>,
  noise: Float32Array,
  begin: number,
  snrDb: number,
  out: Float32Array<ArrayBuffer> = new Float32Array(clip.length),
): Float32Array<ArrayBuffer> {
  const clipPower = meanPower(clip);
  const noisePower = meanPower(noise, begin, begin + clip.length);
  if (clipPower === 0 || noisePower === 0) return clip;
  const gain = Math.sqrt(clipPower / powerOfDb(snrDb) / noisePower);
  for (let at = 0; at < out.length; at += BLOCK) {
    addScaled(out, clip, gain, noise, begin, at, Math.min(at + BLOCK, out.length));
  }
  // No sample is larger than the root of all samples' power: only near float32's largest number there is more to do.
  if ((Math.sqrt(clipPower) + gain * Math.sqrt(noisePower)) * Math.sqrt(out.length) > LARGEST) {
    for (let i = 0; i < out.length; i++) out[i] = Math.max(-LARGEST, Math.min(LARGEST, out[i]!));
  }
  return out;
}

function addScaled(
  out: Float32Array,
  clip: Float32Array,
  gain: number,
  noise: Float32Array,
  begin: number,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) out[i] = clip[i]! + gain * noise[begin + i]!;
}
