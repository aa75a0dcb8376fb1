import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeWav } from '../../src/audio/wav-reader.ts';
import { createRandom } from '../../src/core/random.ts';
import type { Waveform } from '../../src/core/waveform.ts';
import { readFixture, unpack } from './support.ts';

/** Frames that Praat analysed: their first samples. */
export interface PraatFrames {
  readonly frameLength: number;
  readonly starts: readonly number[];
}

/** What make_praat_voice.py wrote for one recording. */
export interface PraatVoice {
  readonly harmonicity: PraatFrames & { readonly values: string };
  readonly formants: PraatFrames & { readonly voiced: readonly number[]; readonly rows: string };
  readonly voice: {
    readonly marks: number;
    readonly meanPeriod: number;
    readonly jitter: number;
    readonly shimmer: number;
    readonly hnrDb: number;
  };
}

interface VoiceFixture {
  readonly cases: readonly (PraatVoice & {
    readonly name: string;
    readonly sampleRate: number;
    readonly pcm: string;
    readonly resonances: readonly (readonly [number, number])[];
  })[];
  readonly clips: readonly (PraatVoice & { readonly file: string })[];
}

export const praatVoice: VoiceFixture = readFixture<VoiceFixture>('praat-voice.json');

/** A synthetic vowel of the fixture. */
export function vowelOf({ pcm, sampleRate }: VoiceFixture['cases'][number]): Waveform {
  const bytes = Uint8Array.from(Buffer.from(pcm, 'base64'));
  return { samples: Float32Array.from(new Int16Array(bytes.buffer), (x) => x / 32768), sampleRate };
}

/** A clip of CREMA-D. */
export function clipOf(corpora: string, file: string): Waveform {
  return decodeWav(readFileSync(join(corpora, 'cremad', 'AudioWAV', file)));
}

/** One of Praat's frames as a recording of its own. */
export function frameOf({ samples, sampleRate }: Waveform, start: number, length: number): Waveform {
  return { samples: samples.slice(start, start + length), sampleRate };
}

/** The rows of a packed matrix. */
export function unpackRows(text: string, width: number): number[][] {
  const all = Array.from(unpack(text));
  return Array.from({ length: all.length / width }, (_, i) => all.slice(i * width, (i + 1) * width));
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}

export function correlation(a: readonly number[], b: readonly number[]): number {
  const [ma, mb] = [mean(a), mean(b)];
  const dot = (p: readonly number[], mp: number, q: readonly number[], mq: number): number =>
    p.reduce((sum, x, i) => sum + (x - mp) * (q[i] - mq), 0);
  return dot(a, ma, b, mb) / Math.sqrt(dot(a, ma, a, ma) * dot(b, mb, b, mb));
}

/** White noise of standard deviation 1 (uniform). */
export function whiteNoise(length: number, seed: number): Float32Array<ArrayBuffer> {
  const random = createRandom(seed);
  return Float32Array.from({ length }, () => Math.sqrt(12) * (random() - 0.5));
}

/**
 * Smooth pulses (Gaussian, 0.4 ms) at given times in seconds; or, `balanced`, the second derivative of such ones, which
 * has a mean of 0.
 */
export function pulseTrain(
  sampleRate: number,
  seconds: number,
  times: readonly number[],
  heights: readonly number[] = times.map(() => 0.5),
  balanced = false,
): Waveform {
  const samples = new Float32Array(Math.round(seconds * sampleRate));
  for (const [i, time] of times.entries()) {
    for (let n = Math.max(0, Math.floor((time - 0.003) * sampleRate)); n <= (time + 0.003) * sampleRate; n++) {
      const square = ((n / sampleRate - time) / 0.0004) ** 2;
      if (n < samples.length) samples[n] += heights[i] * (balanced ? 1 - square : 1) * Math.exp(-0.5 * square);
    }
  }
  return { samples, sampleRate };
}
