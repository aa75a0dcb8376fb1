import { readFileSync } from 'node:fs';
import type { FeatureMatrix } from '../../src/core/feature-matrix.ts';
import type { Waveform } from '../../src/core/waveform.ts';

/** A fixture beside the tests; `make_librosa.py` made them. */
export function readFixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')) as T;
}

/** Base64 of little-endian float32, as the fixtures hold their numbers. */
export function unpack(text: string): Float32Array<ArrayBuffer> {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  return new Float32Array(bytes.buffer);
}

/** Chosen frames of a matrix, row after row. */
export function rows(matrix: FeatureMatrix, picked: readonly number[]): Float32Array {
  return Float32Array.from(
    picked.flatMap((t) => Array.from(matrix.data.subarray(t * matrix.dims, (t + 1) * matrix.dims))),
  );
}

/** The largest absolute difference; infinite where the lengths differ or a number is not finite. */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length || a.length === 0) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return largest;
}

export type SignalName = 'speech-like' | 'short' | 'one sample' | 'silence';

/** The signals of make_librosa.py's synthetic(), the same to the bit: 16-bit values at 16 kHz. */
export function synthetic(name: SignalName): Waveform {
  const sampleRate = 16000;
  if (name === 'silence') return { samples: new Float32Array(3000), sampleRate };
  if (name === 'one sample') return { samples: Float32Array.of(0.25), sampleRate };
  const samples = new Float32Array(name === 'short' ? 300 : 9000);
  let state = 1;
  for (let n = 0; n < samples.length; n++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const t = n / sampleRate;
    const loud = n >= 4000 && n < 7000 ? 0 : 0.3 + 0.2 * Math.sin(2 * Math.PI * 3 * t);
    const voice =
      Math.sin(2 * Math.PI * 140 * t) + 0.5 * Math.sin(2 * Math.PI * 1234 * t) + 0.2 * Math.sin(2 * Math.PI * 4321 * t);
    samples[n] = Math.floor(32768 * loud * (0.5 * voice + 0.1 * (state / 2 ** 32 - 0.5)) + 0.5) / 32768;
  }
  return { samples, sampleRate };
}
