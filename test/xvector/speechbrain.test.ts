import { describe, expect, it } from 'vitest';
import { parseXvector } from '../../src/xvector/parse-xvector.ts';
import { encodeXvectorSafetensors, parseXvectorSafetensors } from '../../src/xvector/safetensors.ts';
import { parseSpeechBrainCheckpoint } from '../../src/xvector/speechbrain.ts';
import { codeOf, errorOf } from '../support/error-of.ts';
import { fixture, floats } from './fixtures.ts';
import { tinyWeights } from './tiny-weights.ts';

// SpeechBrain's own Xvector, saved by PyTorch: fixtures/make_speechbrain.py.

const saved = JSON.parse(new TextDecoder().decode(fixture('tiny-speechbrain.json'))) as {
  channels: number[];
  neurons: number;
  bands: number;
  state: Record<string, { shape: number[]; values: string }>;
  folded: { scale: string; shift: string }[];
};
const values = (key: string): Float32Array => floats(saved.state[key]!.values);
const weights = parseSpeechBrainCheckpoint(fixture('tiny-speechbrain.ckpt'));

describe('parseSpeechBrainCheckpoint()', () => {
  it('reads widths, offsets and weights as SpeechBrain has them', () => {
    expect(weights.frameLayers.map(({ offsets }) => offsets)).toEqual([
      [-2, -1, 0, 1, 2],
      [-2, 0, 2],
      [-3, 0, 3],
      [0],
      [0],
    ]);
    expect(weights.frameLayers.map(({ outputs }) => outputs)).toEqual(saved.channels);
    expect(weights.frameLayers[0]!.inputs).toBe(saved.bands);
    expect(weights.segmentLayers).toHaveLength(1);
    expect(weights.leastFrames).toBe(4);
    weights.frameLayers.forEach(({ inputs, outputs, offsets, kernel, bias, slope }, block) => {
      expect(slope).toBe(0.01);
      expect(bias).toEqual(values(`blocks.${3 * block}.conv.bias`));
      const theirs = values(`blocks.${3 * block}.conv.weight`);
      for (let o = 0; o < outputs; o++) {
        for (let i = 0; i < inputs; i++) {
          for (let k = 0; k < offsets.length; k++) {
            expect(kernel[(k * inputs + i) * outputs + o]).toBe(theirs[(o * inputs + i) * offsets.length + k]);
          }
        }
      }
    });
    const [{ kernel, bias, inputs, outputs }] = weights.segmentLayers as [(typeof weights.segmentLayers)[0]];
    const linear = values('blocks.16.w.weight');
    expect(kernel).toEqual(kernel.map((_, at) => linear[(at % outputs) * inputs + Math.floor(at / outputs)]!));
    expect(bias).toEqual(values('blocks.16.w.bias'));
  });

  it('folds batch norm in float64', () => {
    weights.frameLayers.forEach(({ norm }, block) => {
      expect(norm!.scale).toEqual(floats(saved.folded[block]!.scale));
      expect(norm!.shift).toEqual(floats(saved.folded[block]!.shift));
    });
  });

  it('honours strides, offsets, shared storages, float64 and parameters, in protocol 4 and another folder', () => {
    const odd = parseSpeechBrainCheckpoint(fixture('odd-speechbrain.ckpt'));
    expect(odd).toEqual(weights);
  });

  it('reads what CUDA saved, and what a machine of the other byte order saved', () => {
    const bytes = fixture('tiny-speechbrain.ckpt');
    const text = new TextDecoder('latin1').decode(bytes);
    expect(text).toContain('cpu');
    const named = replaced(bytes, 'X\x03\0\0\0cpu', 'X\x03\0\0\0gpu');
    expect(codeOf(() => parseSpeechBrainCheckpoint(named))).toBe('altered'); // by its CRC-32
    expect(parseSpeechBrainCheckpoint(fixture('cuda-speechbrain.ckpt'))).toEqual(weights);
    expect(parseSpeechBrainCheckpoint(fixture('big-endian-speechbrain.ckpt'))).toEqual(weights);
  });

  it('reads other counts of layers, and asks for dilations where the file does not say them', () => {
    const six = fixture('six-layers.safetensors');
    expect(errorOf(() => parseXvectorSafetensors(six))).toMatchObject({
      code: 'bad-option',
      message: expect.stringContaining('blocks.9.conv.weight sees 3 frames'),
    });
    const read = parseXvectorSafetensors(six, { dilations: [1, 2, 3, 4, 1, 1] });
    expect(read.frameLayers[3]!.offsets).toEqual([-4, 0, 4]);
    expect(read.segmentLayers[0]!.name).toBe('segment7');
    expect(read.leastFrames).toBe(5);
    expect(codeOf(() => parseXvectorSafetensors(six, { dilations: [1, 2] }))).toBe('bad-option');
    expect(codeOf(() => parseXvectorSafetensors(six, { dilations: [0, 2, 3, 4, 1, 1] }))).toBe('bad-option');
  });

  it('says what another file is, and what to do', () => {
    const of = (text: string | Uint8Array) =>
      errorOf(() => parseSpeechBrainCheckpoint(typeof text === 'string' ? new TextEncoder().encode(text) : text));
    expect(of('version https://git-lfs.github.com/spec/v1\noid sha256:12')).toMatchObject({ code: 'git-lfs-pointer' });
    expect(of('<!DOCTYPE html><html>').message).toContain('got an HTML page');
    expect(of(fixture('legacy-speechbrain.ckpt'))).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('PyTorch before 1.6'),
    });
    expect(of(encodeXvectorSafetensors(weights)).message).toContain('parseXvectorSafetensors() reads it');
    expect(of(new Uint8Array())).toMatchObject({ code: 'empty' });
    expect(of('hello').message).toContain('text ("hello")');
    expect(errorOf(() => parseSpeechBrainCheckpoint('x' as never)).code).toBe('bad-input');
    expect(errorOf(() => parseXvector(Uint8Array.of(1, 2, 3, 4))).message).toContain('4 bytes that begin 01 02 03 04');
  });
});

describe('parseXvectorSafetensors()', () => {
  it("reads SpeechBrain's tensors as PyTorch's safetensors writes them, in four types", () => {
    expect(parseXvectorSafetensors(fixture('tiny-speechbrain.safetensors'))).toEqual(weights);
    expect(parseXvector(fixture('tiny-speechbrain.safetensors'))).toEqual(weights);
    const mixed = parseXvectorSafetensors(fixture('mixed.safetensors'));
    const close = (a: Float32Array, b: Float32Array, relative: number): void =>
      a.forEach((value, i) => {
        expect(Math.abs(value - b[i]!)).toBeLessThanOrEqual(relative * Math.abs(b[i]!) + 1e-7);
      });
    close(mixed.frameLayers[0]!.kernel, weights.frameLayers[0]!.kernel, 2 ** -11); // float16
    close(mixed.frameLayers[1]!.kernel, weights.frameLayers[1]!.kernel, 2 ** -8); // bfloat16
    expect(mixed.frameLayers[2]!.kernel).toEqual(weights.frameLayers[2]!.kernel); // float64
    expect(mixed.frameLayers[0]!.kernel).not.toEqual(weights.frameLayers[0]!.kernel);
  });

  it('gives back what encodeXvectorSafetensors() wrote, to the bit', () => {
    for (const each of [weights, tinyWeights()]) {
      const bytes = encodeXvectorSafetensors(each);
      expect(parseXvectorSafetensors(bytes)).toEqual(each);
      expect(parseXvector(bytes)).toEqual(each);
      expect(encodeXvectorSafetensors(parseXvectorSafetensors(bytes))).toEqual(bytes);
    }
  });
});

/** Bytes with one run of Latin-1 characters replaced by another of the same length. */
function replaced(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const at = new TextDecoder('latin1').decode(bytes).indexOf(from);
  expect(at).toBeGreaterThanOrEqual(0);
  const out = bytes.slice();
  for (let i = 0; i < to.length; i++) out[at + i] = to.charCodeAt(i);
  return out;
}
