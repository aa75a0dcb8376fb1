import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeWav, readWavInfo } from '../../src/audio/wav-reader.ts';
import { encodeWav } from '../../src/audio/wav-writer.ts';
import { isSerKitError } from '../../src/core/errors.ts';
import { errorOf } from '../support/error-of.ts';

interface Fixture {
  good: { name: string; base64: string; sampleRate: number; channels: number; mono: number[] }[];
  bad: { name: string; base64: string; says: string }[];
}
const fixture: Fixture = JSON.parse(readFileSync(new URL('./fixtures/wav-files.json', import.meta.url), 'utf8'));
const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

const ascii = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));
const u16 = (value: number): number[] => [value & 255, value >> 8];
const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(value >>> 16)];
const chunk = (id: string, content: number[], size = content.length, padding: number[] = []): number[] => [
  ...ascii(id),
  ...u32(size),
  ...content,
  ...padding,
];
interface Fmt {
  tag?: number;
  channels?: number;
  sampleRate?: number;
  blockAlign?: number;
  bits?: number;
}
function fmt({ tag = 1, channels = 1, sampleRate = 16000, bits = 16, blockAlign }: Fmt = {}): number[] {
  const align = blockAlign ?? channels * Math.ceil(bits / 8);
  const bytesPerSecond = sampleRate * align;
  return chunk('fmt ', [
    ...u16(tag),
    ...u16(channels),
    ...u32(sampleRate),
    ...u32(bytesPerSecond),
    ...u16(align),
    ...u16(bits),
  ]);
}
const riff = (...chunks: number[][]): Uint8Array => {
  const body = [...ascii('WAVE'), ...chunks.flat()];
  return Uint8Array.from([...ascii('RIFF'), ...u32(body.length), ...body]);
};
/** Three samples: 0.25, -0.5, 1 / 32768. */
const SAMPLES = [0x00, 0x20, 0x00, 0xc0, 0x01, 0x00];
const EXPECTED = [0.25, -0.5, 1 / 32768];
const samplesOf = (bytes: Uint8Array): number[] => [...decodeWav(bytes).samples];

const refusal = (bytes: Uint8Array): { code: string; message: string } => {
  const error = errorOf(() => decodeWav(bytes));
  expect(error.message).toMatch(/^decodeWav: /);
  expect(error.message).not.toContain('\n');
  return error;
};

describe('decodeWav() agrees with soundfile', () => {
  for (const { name, base64, sampleRate, channels, mono } of fixture.good) {
    it(`on a file of ${name}`, () => {
      const bytes = fromBase64(base64);
      const waveform = decodeWav(bytes);
      expect(waveform.sampleRate).toBe(sampleRate);
      expect(waveform.samples).toHaveLength(mono.length);
      for (const [i, expected] of mono.entries()) {
        // One rounding to float32 on the way in and one after averaging.
        expect(Math.abs(waveform.samples[i]! - expected)).toBeLessThanOrEqual(2 ** -24 * (channels > 1 ? 2 : 1));
      }
      expect(readWavInfo(bytes)).toMatchObject({ sampleRate, channels, frames: mono.length });
    });
  }
});

describe('decodeWav() reads legal files that trip other readers', () => {
  it('takes an ArrayBuffer, and bytes that begin anywhere in their buffer', () => {
    const bytes = riff(fmt(), chunk('data', SAMPLES));
    expect([...decodeWav(bytes.slice().buffer).samples]).toEqual(EXPECTED);
    const inside = new Uint8Array(bytes.length + 3);
    inside.set(bytes, 3);
    expect(samplesOf(inside.subarray(3))).toEqual(EXPECTED);
    expect(samplesOf(Buffer.from(bytes))).toEqual(EXPECTED);
  });
  it('leaves the bytes as they are', () => {
    const bytes = riff(fmt(), chunk('data', SAMPLES));
    const before = bytes.slice();
    decodeWav(bytes);
    expect(bytes).toEqual(before);
  });
  it('reads each integer width at its ends and in its middle', () => {
    expect(samplesOf(riff(fmt({ bits: 8 }), chunk('data', [0, 128, 255])))).toEqual([-1, 0, 127 / 128]);
    expect(samplesOf(riff(fmt(), chunk('data', [0, 0x80, 0, 0, 0xff, 0x7f])))).toEqual([-1, 0, 32767 / 32768]);
    const pcm24 = [0, 0, 0x80, 0, 0, 0, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff];
    expect(samplesOf(riff(fmt({ bits: 24 }), chunk('data', pcm24)))).toEqual([-1, 0, 1 - 2 ** -23, -(2 ** -23)]);
    const pcm32 = [0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x40];
    expect(samplesOf(riff(fmt({ bits: 32 }), chunk('data', pcm32)))).toEqual([-1, 0, 0.5]);
  });
  it('reads 12 bits in two bytes as left-justified, as the format says', () => {
    expect(samplesOf(riff(fmt({ bits: 12 }), chunk('data', SAMPLES)))).toEqual(EXPECTED);
  });
  it('averages channels', () => {
    const bytes = riff(fmt({ channels: 2 }), chunk('data', [0, 0x40, 0, 0xc0, 0, 0x40, 0, 0x20]));
    expect(samplesOf(bytes)).toEqual([0, 0.375]);
  });
  it('keeps float samples beyond [-1, 1]', () => {
    const loud = [...new Uint8Array(new Float32Array([3.5, -2]).buffer)];
    expect(samplesOf(riff(fmt({ tag: 3, bits: 32 }), chunk('data', loud)))).toEqual([3.5, -2]);
  });
  it('skips chunks before the samples, of odd size with their padding and without', () => {
    for (const padding of [[0], [], [0x20], [0xff]]) {
      const odd = chunk('LIST', [1, 2, 3, 4, 5], 5, padding);
      expect(samplesOf(riff(fmt(), odd, chunk('data', SAMPLES)))).toEqual(EXPECTED);
      expect(samplesOf(riff(odd, fmt(), odd, chunk('data', SAMPLES)))).toEqual(EXPECTED);
      expect(samplesOf(riff(fmt(), odd, chunk('Xy z', []), chunk('data', SAMPLES)))).toEqual(EXPECTED);
    }
  });
  it('takes an unpadded odd chunk before a data chunk whatever the size that follows its name', () => {
    // 32 bytes: "ata " would be a printable name one byte on.
    const bytes = riff(fmt(), chunk('LIST', [1, 2, 3], 3), chunk('data', new Array(32).fill(0x40)));
    expect(decodeWav(bytes).samples).toHaveLength(16);
  });
  it('ignores a RIFF size that is wrong', () => {
    for (const size of [0, 1, 20, 0x7fffffff, 0xffffffff]) {
      const bytes = riff(fmt(), chunk('data', SAMPLES));
      bytes.set(u32(size), 4);
      expect(samplesOf(bytes)).toEqual(EXPECTED);
    }
  });
  it('ignores chunks and stray bytes after the samples', () => {
    expect(samplesOf(riff(fmt(), chunk('data', SAMPLES), chunk('LIST', [1, 2, 3])))).toEqual(EXPECTED);
    expect(samplesOf(riff(fmt(), chunk('data', SAMPLES), [7, 7, 7]))).toEqual(EXPECTED);
  });
  it('reads to the end where a pipe left the data size unknown', () => {
    for (const size of [0, 0xffffffff, 0x7ffff000, 0x7fffffff, 0x80000000]) {
      const bytes = riff(fmt(), chunk('data', SAMPLES, size));
      expect(samplesOf(bytes)).toEqual(EXPECTED);
    }
  });
  it('reads RF64 and BW64, with the size from ds64 or none', () => {
    const ds64 = (dataSize: number) =>
      chunk('ds64', [...u32(0), ...u32(0), ...u32(dataSize), ...u32(0), ...u32(3), ...u32(0), ...u32(0)]);
    for (const magic of ['RF64', 'BW64']) {
      for (const [size, expected] of [
        [4, EXPECTED.slice(0, 2)],
        [6, EXPECTED],
        [0, EXPECTED],
      ] as const) {
        const bytes = riff(ds64(size), fmt(), chunk('data', SAMPLES, 0xffffffff));
        bytes.set(ascii(magic), 0);
        expect(samplesOf(bytes)).toEqual(expected);
      }
    }
    const short = riff(ds64(600), fmt(), chunk('data', SAMPLES, 0xffffffff));
    short.set(ascii('RF64'), 0);
    expect(refusal(short).code).toBe('truncated');
  });
  it('drops the bytes of a last frame that is not whole', () => {
    expect(samplesOf(riff(fmt(), chunk('data', [...SAMPLES, 9])))).toEqual(EXPECTED);
    expect(samplesOf(riff(fmt(), chunk('data', SAMPLES, 7)))).toEqual(EXPECTED);
  });
  it('reads a single sample', () => {
    expect(samplesOf(riff(fmt(), chunk('data', [0, 0x40])))).toEqual([0.5]);
  });
});

describe('decodeWav() refuses, and says why', () => {
  for (const { name, base64, says } of fixture.bad) {
    it(`names ${says} in ${name}, and a command that converts it`, () => {
      const error = refusal(fromBase64(base64));
      expect(error.code).toBe('unsupported');
      expect(error.message).toContain(says);
      expect(error.message).toContain('ffmpeg -i');
    });
  }
  it('names a Git LFS pointer and the command that mends it', () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 57722\n`;
    const error = refusal(Uint8Array.from(ascii(pointer)));
    expect(error.code).toBe('git-lfs-pointer');
    expect(error.message).toContain('git lfs pull');
  });
  it('names an empty file', () => {
    expect(refusal(new Uint8Array(0))).toMatchObject({ code: 'empty', message: expect.stringContaining('empty file') });
    expect(errorOf(() => decodeWav(new ArrayBuffer(0))).code).toBe('empty');
  });
  it('names text, and quotes its beginning', () => {
    const error = refusal(Uint8Array.from(ascii('<!DOCTYPE html>\n<title>Not found</title>')));
    expect(error).toMatchObject({ code: 'bad-format', message: expect.stringContaining('text ("<!DOCTYPE html>') });
    // UTF-16 with its byte order mark looks like the start of an MPEG frame.
    expect(refusal(Uint8Array.from([0xff, 0xfe, 0x41, 0, 0x42, 0])).code).toBe('bad-format');
  });
  it('names bytes that are nothing known', () => {
    expect(refusal(Uint8Array.from([1, 2, 3, 4, 5]))).toMatchObject({
      code: 'bad-format',
      message: 'decodeWav: expected a WAV file ("RIFF"), got 5 bytes that begin 01 02 03 04',
    });
  });
  it('names a RIFF file that is not WAVE', () => {
    const avi = riff(fmt());
    avi.set(ascii('AVI '), 8);
    expect(refusal(avi)).toMatchObject({ code: 'bad-format', message: expect.stringContaining('"AVI "') });
  });
  it('names a missing fmt chunk, a missing data chunk, and both missing', () => {
    expect(refusal(riff(chunk('data', SAMPLES))).message).toContain('fmt chunk before data, got none');
    expect(refusal(riff(fmt())).message).toContain('a data chunk, got none');
    expect(refusal(riff()).message).toContain('fmt and data chunks, got neither');
    expect(refusal(riff(fmt(), chunk('LIST', [1, 2, 3, 4]))).code).toBe('bad-format');
  });
  it('names a fmt chunk that is too short', () => {
    expect(refusal(riff(chunk('fmt ', [1, 0, 1, 0]), chunk('data', SAMPLES))).message).toContain('16 bytes, got 4');
  });
  it('names 0 channels, 0 Hz and 0 bits', () => {
    const data = chunk('data', SAMPLES);
    expect(refusal(riff(fmt({ channels: 0 }), data))).toMatchObject({
      code: 'bad-format',
      message: 'decodeWav: channels expected at least 1, got 0',
    });
    expect(refusal(riff(fmt({ sampleRate: 0 }), data))).toMatchObject({
      code: 'bad-format',
      message: 'decodeWav: sample rate expected Hz > 0, got 0',
    });
    expect(refusal(riff(fmt({ bits: 0 }), data)).code).toBe('bad-format');
  });
  it('names a block-align that contradicts the channels and bits', () => {
    const error = refusal(riff(fmt({ channels: 2, blockAlign: 2 }), chunk('data', SAMPLES)));
    expect(error.code).toBe('bad-format');
    expect(error.message).toContain('block-align expected 4 (2 channels of 16 bits), got 2');
  });
  it('names sample widths that are not read', () => {
    expect(refusal(riff(fmt({ bits: 64 }), chunk('data', SAMPLES))).code).toBe('unsupported');
    expect(refusal(riff(fmt({ tag: 3, bits: 16 }), chunk('data', SAMPLES))).code).toBe('unsupported');
  });
  it('names an unknown format tag by its number, and an unknown extensible sub-format by its GUID', () => {
    expect(refusal(riff(fmt({ tag: 0x1234 }), chunk('data', SAMPLES))).message).toContain('format tag 0x1234');
    const base = fmt({ tag: 0xfffe }).slice(8);
    const guid = new Array(16).fill(0xab);
    const odd = chunk('fmt ', [...base, ...u16(22), ...u16(16), ...u32(4), ...guid]);
    expect(refusal(riff(odd, chunk('data', SAMPLES)))).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('ab'.repeat(16)),
    });
    expect(refusal(riff(fmt({ tag: 0xfffe }), chunk('data', SAMPLES))).code).toBe('bad-format');
  });
  it('names the first NaN or infinite sample of a float file', () => {
    const floats = [...new Uint8Array(new Float32Array([0, 0, 0, Number.NaN]).buffer)];
    expect(refusal(riff(fmt({ tag: 3, bits: 32 }), chunk('data', floats)))).toMatchObject({
      code: 'not-finite',
      message: 'decodeWav: samples expected finite numbers, got NaN at sample 3',
    });
    expect(refusal(riff(fmt({ tag: 3, bits: 32, channels: 2 }), chunk('data', floats))).message).toContain(
      'NaN at sample 1 of channel 1',
    );
    const huge = [...new Uint8Array(new Float64Array([1e300]).buffer)];
    expect(refusal(riff(fmt({ tag: 3, bits: 64 }), chunk('data', huge))).code).toBe('not-finite');
  });
  it('names a header without samples, closed or cut off', () => {
    expect(refusal(riff(fmt(), chunk('data', []))).code).toBe('empty');
    expect(refusal(riff(fmt(), chunk('data', [], 0xffffffff))).code).toBe('empty');
    expect(refusal(riff(fmt(), chunk('data', []), chunk('LIST', [1, 2, 3, 4]))).code).toBe('empty');
    expect(readWavInfo(riff(fmt(), chunk('data', [])))).toEqual({
      sampleRate: 16000,
      channels: 1,
      bitsPerSample: 16,
      encoding: 'pcm',
      frames: 0,
      durationSec: 0,
    });
  });
  it('says how many samples are there of how many where the file was cut off', () => {
    const error = refusal(riff(fmt(), chunk('data', SAMPLES, 32000)));
    expect(error.code).toBe('truncated');
    expect(error.message).toContain('expected 16000 samples (1.00 s), got 3 (0.00 s)');
    expect(errorOf(() => readWavInfo(riff(fmt(), chunk('data', SAMPLES, 32000)))).message).toMatch(/^readWavInfo: /);
  });
  it('refuses a valid file cut off anywhere', () => {
    const whole = encodeWav({ samples: new Float32Array(50).fill(0.1), sampleRate: 8000 }, { encoding: 'float32' });
    for (let length = 4; length < whole.length; length++) {
      expect(['truncated', 'bad-format']).toContain(refusal(whole.subarray(0, length)).code);
    }
    expect(refusal(whole.subarray(0, 10)).code).toBe('truncated');
    expect(refusal(whole.subarray(0, 20)).code).toBe('truncated');
  });
  it('names an argument that is not bytes', () => {
    for (const wrong of [null, undefined, 'RIFF', [1, 2], new Float32Array(3)]) {
      expect(errorOf(() => decodeWav(wrong as unknown as Uint8Array)).code).toBe('bad-input');
    }
  });
  it('ends in a SerKitError or in finite samples, never in anything else, whatever bytes come', () => {
    const valid = riff(fmt({ channels: 2 }), chunk('LIST', [1, 2, 3], 3, [0]), chunk('data', SAMPLES));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
        const bytes = valid.slice();
        for (const [at, value] of changes) bytes[at] = value;
        try {
          expect(decodeWav(bytes).samples.every(Number.isFinite)).toBe(true);
        } catch (error) {
          if (!isSerKitError(error)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});
