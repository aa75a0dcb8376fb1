import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { parseOptions } from '../core/options.ts';
import { checkWaveform, type Waveform } from '../core/waveform.ts';

export interface EncodeWavOptions {
  /**
   * How a sample is written: integers of 16 or 24 bits, or float of 32.
   *
   * @default 'pcm16'
   */
  readonly encoding?: 'pcm16' | 'pcm24' | 'float32' | undefined;
}

const optionsSchema = z.strictObject({ encoding: z.optional(z.enum(['pcm16', 'pcm24', 'float32'])) });

/** The nearest of the integers from -2^(bits - 1) to 2^(bits - 1) - 1. */
function quantize(sample: number, scale: number): number {
  return Math.max(-scale, Math.min(scale - 1, Math.round(sample * scale)));
}

/**
 * A mono WAV file of the recording. Integers are the nearest to `sample * 2^(bits - 1)`; what lies outside
 * [-1, 1 - 2^(1 - bits)] is clamped to its ends (scale a waveform that is louder, or write float32, which keeps every
 * sample as it is). No dither. `decodeWav` gives back what went in within half a step, where nothing was clamped.
 *
 * @throws SerKitError 'bad-option'; 'bad-input', 'empty' or 'not-finite' for the waveform, and 'bad-input' for a rate
 *   that is not whole Hz or for more than 4 GiB, which a WAV header cannot say
 * @example
 * const file = new Blob([encodeWav(waveform, { encoding: 'pcm24' })], { type: 'audio/wav' });
 */
export function encodeWav(waveform: Waveform, options: EncodeWavOptions = {}): Uint8Array<ArrayBuffer> {
  const who = 'encodeWav';
  const { encoding = 'pcm16' } = parseOptions(who, optionsSchema, options);
  checkWaveform(who, waveform);
  const { samples, sampleRate } = waveform;
  if (!Number.isInteger(sampleRate) || sampleRate > 0xffffffff) {
    throw new SerKitError('bad-input', `${who}: waveform.sampleRate expected whole Hz, got ${quote(sampleRate)}`);
  }
  const width = { pcm16: 2, pcm24: 3, float32: 4 }[encoding];
  const dataSize = samples.length * width;
  const float = encoding === 'float32';
  // A format other than PCM has to say the size of its extension (none) and, in `fact`, the number of samples.
  const headerSize = float ? 58 : 44;
  if (headerSize + dataSize + 1 > 0xffffffff) {
    throw new SerKitError('bad-input', `${who}: a WAV file expected at most 4 GiB, got ${samples.length} samples`);
  }

  const bytes = new Uint8Array(headerSize + dataSize + (dataSize % 2));
  const view = new DataView(bytes.buffer);
  let at = 0;
  const text = (id: string): void => {
    for (const character of id) view.setUint8(at++, character.charCodeAt(0));
  };
  const u16 = (value: number): void => {
    view.setUint16(at, value, true);
    at += 2;
  };
  const u32 = (value: number): void => {
    view.setUint32(at, value, true);
    at += 4;
  };
  text('RIFF');
  u32(bytes.length - 8);
  text('WAVEfmt ');
  u32(float ? 18 : 16);
  u16(float ? 3 : 1);
  u16(1);
  u32(sampleRate);
  u32(Math.min(sampleRate * width, 0xffffffff));
  u16(width);
  u16(width * 8);
  if (float) {
    u16(0);
    text('fact');
    u32(4);
    u32(samples.length);
  }
  text('data');
  u32(dataSize);

  const n = samples.length;
  if (float) {
    for (let i = 0; i < n; i++) view.setFloat32(at + 4 * i, samples[i]!, true);
  } else if (encoding === 'pcm16') {
    for (let i = 0; i < n; i++) view.setInt16(at + 2 * i, quantize(samples[i]!, 32768), true);
  } else {
    for (let i = 0; i < n; i++) {
      const value = quantize(samples[i]!, 8388608);
      view.setUint16(at + 3 * i, value & 0xffff, true);
      view.setInt8(at + 3 * i + 2, value >> 16);
    }
  }
  return bytes;
}
