import { allFinite } from '../core/finite.ts';

/** The largest finite float32 number. */
export const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** Values as float32 samples. What leaves float32's range, as only the largest numbers can, becomes its largest number. */
export function toSamples(values: Float64Array | Float32Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(values);
  if (allFinite(out)) return out;
  for (let i = 0; i < out.length; i++) out[i] = Math.max(-LARGEST, Math.min(LARGEST, out[i]!));
  return out;
}
