import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeWav, readWavInfo } from '../../src/audio/wav-reader.ts';
import { type EncodeWavOptions, encodeWav } from '../../src/audio/wav-writer.ts';
import type { Waveform } from '../../src/core/waveform.ts';
import { errorOf } from '../support/error-of.ts';

const wave = (...samples: number[]): Waveform => ({ samples: new Float32Array(samples), sampleRate: 16000 });
const roundTrip = (waveform: Waveform, encoding: 'pcm16' | 'pcm24' | 'float32'): number[] => [
  ...decodeWav(encodeWav(waveform, { encoding })).samples,
];

describe('encodeWav()', () => {
  it('writes the bytes of a canonical 16-bit file by default', () => {
    const hex = Buffer.from(encodeWav({ samples: new Float32Array([0.5, -1]), sampleRate: 8000 })).toString('hex');
    expect(hex).toBe(
      '524946462800000057415645666d74201000000001000100401f0000803e0000020010006461746104000000' + '00400080',
    );
  });
  it('says in its header what it holds', () => {
    const info = (encoding: 'pcm16' | 'pcm24' | 'float32') => readWavInfo(encodeWav(wave(0, 0.1, 0.2), { encoding }));
    const common = { sampleRate: 16000, channels: 1, frames: 3, durationSec: 3 / 16000 };
    expect(info('pcm16')).toEqual({ ...common, encoding: 'pcm', bitsPerSample: 16 });
    expect(info('pcm24')).toEqual({ ...common, encoding: 'pcm', bitsPerSample: 24 });
    expect(info('float32')).toEqual({ ...common, encoding: 'float', bitsPerSample: 32 });
  });
  it('pads samples of an odd number of bytes, and counts the padding in the RIFF size alone', () => {
    const bytes = encodeWav(wave(0.1), { encoding: 'pcm24' });
    const view = new DataView(bytes.buffer);
    expect(bytes).toHaveLength(48);
    expect(view.getUint32(4, true)).toBe(40);
    expect(view.getUint32(40, true)).toBe(3);
  });
  it('comes back through decodeWav() within half a step, float32 to the bit', () => {
    const sample = fc.double({ min: -1, max: 1 - 2 ** -15, noNaN: true });
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 50 }), (samples) => {
        const waveform = wave(...samples);
        const worst = (back: number[]) => Math.max(...back.map((x, i) => Math.abs(x - waveform.samples[i]!)));
        expect(worst(roundTrip(waveform, 'pcm16'))).toBeLessThanOrEqual(2 ** -16);
        expect(worst(roundTrip(waveform, 'pcm24'))).toBeLessThanOrEqual(2 ** -24);
        expect(worst(roundTrip(waveform, 'float32'))).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
  it('gives every 16-bit value back as it was', () => {
    const samples = Float32Array.from({ length: 65536 }, (_, i) => (i - 32768) / 32768);
    expect(decodeWav(encodeWav({ samples, sampleRate: 8000 })).samples).toEqual(samples);
  });
  it('clamps what integers cannot hold, and keeps it in float32', () => {
    expect(roundTrip(wave(1, -1, 7, -7), 'pcm16')).toEqual([32767 / 32768, -1, 32767 / 32768, -1]);
    expect(roundTrip(wave(1, -7), 'pcm24')).toEqual([1 - 2 ** -23, -1]);
    expect(roundTrip(wave(7, -7), 'float32')).toEqual([7, -7]);
  });
  it('leaves its input as it is', () => {
    const waveform = wave(2, -2, 0.3);
    encodeWav(waveform);
    expect(waveform).toEqual(wave(2, -2, 0.3));
  });
  it('refuses NaN, no samples, and a rate that a header cannot say', () => {
    expect(errorOf(() => encodeWav(wave(0, Number.NaN))).code).toBe('not-finite');
    expect(errorOf(() => encodeWav(wave(Number.POSITIVE_INFINITY), { encoding: 'float32' })).code).toBe('not-finite');
    expect(errorOf(() => encodeWav(wave())).code).toBe('empty');
    for (const sampleRate of [16000.5, 2 ** 33]) {
      expect(errorOf(() => encodeWav({ samples: new Float32Array(1), sampleRate }))).toMatchObject({
        code: 'bad-input',
        message: `encodeWav: waveform.sampleRate expected whole Hz, got ${sampleRate}`,
      });
    }
  });
  it('refuses an encoding and an option that it does not know', () => {
    const run = (options: object) => errorOf(() => encodeWav(wave(0), options as EncodeWavOptions));
    expect(run({ encoding: 'mp3' })).toMatchObject({ code: 'bad-option', message: expect.stringContaining('"mp3"') });
    expect(run({ bits: 16 })).toMatchObject({ code: 'bad-option', message: expect.stringContaining('"bits"') });
  });
});
