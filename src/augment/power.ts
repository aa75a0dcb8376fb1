import { portableExp } from './portable-math.ts';

/** The largest finite float32 number. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** P = sum x^2 / n over samples `begin` to `end - 1`, in float64; 0 of none. No float32 samples make it overflow or vanish. */
export function meanPower(samples: Float32Array | Float64Array, begin = 0, end = samples.length): number {
  // Four sums, so that additions need not wait for one another.
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let i = begin;
  for (; i < end - 3; i += 4) {
    s0 += samples[i]! * samples[i]!;
    s1 += samples[i + 1]! * samples[i + 1]!;
    s2 += samples[i + 2]! * samples[i + 2]!;
    s3 += samples[i + 3]! * samples[i + 3]!;
  }
  for (; i < end; i++) s0 += samples[i]! * samples[i]!;
  return end > begin ? (s0 + s1 + (s2 + s3)) / (end - begin) : 0;
}

/** 10^(dB / 10), the same bits on every engine. */
export function powerOfDb(db: number): number {
  return portableExp((db * Math.LN10) / 10);
}

/**
 * clip + g noise, where g makes 10 log10(P(clip) / P(g noise)) = snrDb. The noise lies in noise[begin] and after. Its own
 * power is measured, so that the ratio holds for this stretch of it and not just on average. Sums are rounded to float32 once.
 *
 * @returns new samples; the clip itself where either has no power, for no gain gives the ratio then
 */
export function mixAtSnr(
  clip: Float32Array<ArrayBuffer>,
  noise: Float32Array,
  begin: number,
  snrDb: number,
): Float32Array<ArrayBuffer> {
  const clipPower = meanPower(clip);
  const noisePower = meanPower(noise, begin, begin + clip.length);
  if (clipPower === 0 || noisePower === 0) return clip;
  const gain = Math.sqrt(clipPower / powerOfDb(snrDb) / noisePower);
  const out = new Float32Array(clip.length);
  let sum = 0;
  for (let i = 0; i < out.length; i++) {
    const y = clip[i]! + gain * noise[begin + i]!;
    out[i] = y;
    sum += Math.abs(y);
  }
  // Only what comes within a few dB of float32's largest number can leave its range.
  if (sum > LARGEST) {
    for (let i = 0; i < out.length; i++) out[i] = Math.max(-LARGEST, Math.min(LARGEST, out[i]!));
  }
  return out;
}
