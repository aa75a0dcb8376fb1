import { allFinite } from '../core/finite.ts';

/** The largest finite float32 number. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** Values as float32 samples. Only what comes within a few dB of float32's largest number can leave its range: it becomes that. */
export function toSamples(values: Float64Array | Float32Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(values);
  if (allFinite(out)) return out;
  for (let i = 0; i < out.length; i++) out[i] = Math.max(-LARGEST, Math.min(LARGEST, out[i]!));
  return out;
}
