import { readFileSync } from 'node:fs';
import { createRandom, gaussian } from '../../src/core/random.ts';
import type { Waveform } from '../../src/core/waveform.ts';

/** The same numbers as make_filters.py's, from -1 to 1. */
export function pseudoNumbers(count: number, multiplier = 16807): Float64Array {
  let state = 1;
  return Float64Array.from({ length: count }, () => {
    state = (state * multiplier) % 2147483647;
    return (2 * state) / 2147483647 - 1;
  });
}

export interface FiltersFixture {
  readonly filters: readonly {
    readonly kind: 'lowpass' | 'highpass';
    readonly rate: number;
    readonly cutoffHz: number;
    readonly order: number;
    readonly sos: string;
    readonly output: string;
  }[];
  readonly convolutions: readonly { readonly signal: number; readonly response: number; readonly output: string }[];
  readonly muLaw: { readonly first: string; readonly output: string };
}

export function filtersFixture(): FiltersFixture {
  return JSON.parse(readFileSync(new URL('./fixtures/filters.json', import.meta.url), 'utf8'));
}

/** The bytes of a base64 text, in a buffer of their own. */
export function unpack(text: string): ArrayBuffer {
  return Uint8Array.from(Buffer.from(text, 'base64')).buffer;
}

export function sine(hz: number, { sampleRate = 16000, seconds = 1, amplitude = 0.5 } = {}): Waveform {
  const samples = new Float32Array(Math.round(seconds * sampleRate));
  for (let i = 0; i < samples.length; i++) samples[i] = amplitude * Math.sin((2 * Math.PI * hz * i) / sampleRate);
  return { samples, sampleRate };
}

export function whiteNoise(count: number, sampleRate = 16000, seed = 1): Waveform {
  const random = createRandom(seed);
  return { samples: Float32Array.from({ length: count }, () => 0.1 * gaussian(random)), sampleRate };
}

/** Mean of the squares. */
export function power(samples: Float32Array): number {
  return samples.reduce((sum, x) => sum + x * x, 0) / samples.length;
}

/**
 * How much louder a tone of `hz` comes out than it goes in, in dB: both are taken apart into a sine and a cosine of this
 * frequency over whole periods, the first and the last fifth left out.
 */
export function gainAt(hz: number, before: Waveform, after: Waveform): number {
  const amplitude = ({ samples, sampleRate }: Waveform): number => {
    const begin = Math.floor(samples.length / 5);
    const periods = Math.floor((0.6 * samples.length * hz) / sampleRate);
    const count = Math.round((periods * sampleRate) / hz);
    let re = 0;
    let im = 0;
    for (let i = begin; i < begin + count; i++) {
      const weight = 1 - Math.cos((2 * Math.PI * (i - begin + 0.5)) / count);
      re += weight * samples[i]! * Math.cos((2 * Math.PI * hz * i) / sampleRate);
      im += weight * samples[i]! * Math.sin((2 * Math.PI * hz * i) / sampleRate);
    }
    return Math.hypot(re, im);
  };
  return 20 * Math.log10(amplitude(after) / amplitude(before));
}
