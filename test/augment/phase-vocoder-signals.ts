import { readFileSync } from 'node:fs';
import type { Waveform } from '../../src/core/waveform.ts';

// The signals of fixtures/make_phase_vocoder.py, the same to the bit, and what librosa made of them.

export type SignalName = 'voice' | 'chirp' | 'hiss';

function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
}

/** 16-bit values, so that a last digit of a sine makes no difference. */
export function signalOf(name: SignalName, length: number, sampleRate: number): Waveform {
  const next = noise({ voice: 1, chirp: 2, hiss: 3 }[name]);
  const at = {
    voice: (t: number): number => {
      const phase = 2 * Math.PI * (110 * t + 40 * t * t);
      let sum = 0;
      for (let h = 1; h < 16; h++) sum += Math.sin(h * phase) / (h + 1);
      const y = sum * (0.25 + 0.1 * Math.sin(2 * Math.PI * 3 * t)) + 0.005 * next();
      return t < 0.25 || t > 0.33 ? y : 0;
    },
    chirp: (t: number): number => 0.7 * Math.sin(2 * Math.PI * (200 * t + 3000 * t * t)) + 0.02 * next(),
    hiss: (): number => 1.4 * next(),
  }[name];
  const samples = Float32Array.from({ length }, (_, n) => Math.floor(32768 * at(n / sampleRate) + 0.5) / 32768);
  return { samples, sampleRate };
}

export interface LibrosaFixture {
  /** Every so many-th sample is kept. */
  readonly every: number;
  readonly stretched: readonly {
    signal: SignalName;
    samples: number;
    nFft: number;
    hopLength: number | null;
    rate: number;
    length: number;
    values: string;
  }[];
  readonly shifted: readonly {
    signal: SignalName;
    samples: number;
    sampleRate: number;
    nFft: number;
    semitones: number;
    values: string;
  }[];
  readonly inverted: readonly { options: Record<string, unknown>; length: number; values: string }[];
}

export function librosaFixture(): LibrosaFixture {
  return JSON.parse(readFileSync(new URL('fixtures/phase-vocoder.json', import.meta.url), 'utf8')) as LibrosaFixture;
}

/** Base64 of little-endian float64. */
export function unpack64(text: string): Float64Array {
  return new Float64Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);
}

/** The kept samples of a signal. */
export function thinned(samples: Float32Array, every: number): Float32Array {
  return samples.filter((_, i) => i % every === 0);
}

/** The largest absolute difference; NaN where the lengths differ or a number is NaN. */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.NaN;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (Number.isNaN(difference)) return Number.NaN;
    largest = Math.max(largest, difference);
  }
  return largest;
}
