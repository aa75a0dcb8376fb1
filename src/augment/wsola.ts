import { stretchedLength } from './stretched-length.ts';

/** To be written: the samples at another pace. */
export function wsolaStretch(samples: Float32Array, _sampleRate: number, rate: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(stretchedLength(samples.length, rate));
  out.set(samples.subarray(0, out.length));
  return out;
}
