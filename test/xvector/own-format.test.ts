import { describe, expect, it } from 'vitest';
import { createFrontEnd } from '../../src/clips/front-end.ts';
import { crc32 } from '../../src/xvector/crc32.ts';
import { halfToNumber, numberToHalf } from '../../src/xvector/number-formats.ts';
import { encodeXvector } from '../../src/xvector/own-format.ts';
import { parseXvector } from '../../src/xvector/parse-xvector.ts';
import type { XvectorWeights } from '../../src/xvector/weights.ts';
import { codeOf, errorOf } from '../support/error-of.ts';
import { tinyWeights } from './tiny-weights.ts';

const kernels = (weights: XvectorWeights): Float32Array[] =>
  [...weights.frameLayers, ...weights.segmentLayers].map(({ kernel }) => kernel);

describe('encodeXvector() and parseXvector()', () => {
  it('give the network back to the bit', () => {
    const weights = tinyWeights();
    expect(parseXvector(encodeXvector(weights))).toEqual(weights);
  });

  it('give the same bytes for the same network, wherever it lies in memory', () => {
    const bytes = encodeXvector(tinyWeights());
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(encodeXvector(parseXvector(shifted.subarray(3)))).toEqual(bytes);
  });

  it('keep a front end of the project, its standardizer, and a valid network of Kaldi', () => {
    const { config, names } = createFrontEnd();
    const dims = names.length;
    const tiny = tinyWeights();
    const first = tiny.frameLayers[0]!;
    const wide = { ...first, inputs: dims, kernel: new Float32Array(5 * dims * first.outputs).fill(0.1) };
    const { card, ...nameless } = tiny;
    const weights: XvectorWeights = {
      ...nameless,
      frontEnd: {
        kind: 'ser-kit',
        config,
        standardizer: {
          kind: 'standardizer',
          version: 1,
          scope: 'corpus',
          dims,
          mean: new Array(dims).fill(1 / 3),
          deviation: new Array(dims).fill(Math.PI),
        },
      },
      frameLayers: [wide, ...tiny.frameLayers.slice(1)],
    };
    expect(parseXvector(encodeXvector(weights))).toEqual(weights);
    expect(card).toBeDefined();
    const kaldi: XvectorWeights = {
      ...tiny,
      frontEnd: { kind: 'kaldi', sampleRate: 16000, nMels: 30, fMin: 20, fMax: 7600, cmnWindow: 300, vad: true },
      padding: 'valid',
      short: 'repeat',
      leastFrames: 25,
      chunkFrames: 10_000,
      pooling: { deviation: 'biased', added: 0, floor: 1e-10 },
    };
    expect(parseXvector(encodeXvector(kaldi))).toEqual(kaldi);
  });

  it('keep kernels as float16 to 2^-11 of a weight, and as int8 to 1/254 of the largest of an output', () => {
    const weights = tinyWeights();
    const [float32, float16, int8] = (['float32', 'float16', 'int8'] as const).map((values) =>
      encodeXvector(weights, { values }),
    ) as [Uint8Array, Uint8Array, Uint8Array];
    expect(float16.length).toBeLessThan(float32.length);
    expect(int8.length).toBeLessThan(float16.length);
    const halves = kernels(parseXvector(float16));
    const bytes = kernels(parseXvector(int8));
    const layers = [...weights.frameLayers, ...weights.segmentLayers];
    for (const [at, { kernel, outputs }] of layers.entries()) {
      for (let output = 0; output < outputs; output++) {
        const own = [...kernel.keys()].filter((i) => i % outputs === output);
        const largest = Math.max(...own.map((i) => Math.abs(kernel[i]!)));
        for (const i of own) {
          expect(Math.abs(halves[at]![i]! - kernel[i]!)).toBeLessThanOrEqual(
            Math.max(Math.abs(kernel[i]!) * 2 ** -11, 2 ** -25),
          );
          expect(Math.abs(bytes[at]![i]! - kernel[i]!)).toBeLessThanOrEqual((largest / 254) * (1 + 1e-5));
        }
      }
    }
    expect(parseXvector(int8).frameLayers[0]!.bias).toEqual(weights.frameLayers[0]!.bias);
  });

  it('notice every changed byte', () => {
    const bytes = encodeXvector(tinyWeights());
    const codes = new Set<string>();
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at]! ^= 1 << (at % 8);
      codes.add(codeOf(() => parseXvector(changed)));
    }
    expect([...codes].sort()).toEqual(['altered', 'bad-format', 'newer-version', 'truncated']);
    expect(codes.has('none')).toBe(false);
  });

  it('say that a file ends early, wherever it ends', () => {
    const bytes = encodeXvector(tinyWeights());
    for (const length of [20, 31, 32, 100, bytes.length - 1]) {
      expect(errorOf(() => parseXvector(bytes.subarray(0, length)))).toMatchObject({ code: 'truncated' });
    }
    expect(codeOf(() => parseXvector(new Uint8Array([...bytes, 0])))).toBe('altered');
  });

  it('refuse to write what cannot be read again', () => {
    const tiny = tinyWeights();
    expect(codeOf(() => encodeXvector(tiny, { values: 'int4' as 'int8' }))).toBe('bad-option');
    expect(codeOf(() => encodeXvector(tiny, { value: 'int8' } as object))).toBe('bad-option');
    expect(codeOf(() => encodeXvector({ ...tiny, padding: 'mirror' as 'zeros' }))).toBe('bad-input');
    expect(codeOf(() => encodeXvector({ ...tiny, leastFrames: 0 }))).toBe('bad-input');
    expect(codeOf(() => encodeXvector({ ...tiny, card: { deep: JSON.parse('['.repeat(70) + ']'.repeat(70)) } }))).toBe(
      'bad-input',
    );
    const big = structuredClone(tiny);
    big.frameLayers[1]!.kernel[3] = 70_000;
    expect(errorOf(() => encodeXvector(big, { values: 'float16' }))).toMatchObject({
      code: 'bad-input',
      message: 'encodeXvector: frameLayers.1: kernel expected values below 65520, which float16 holds, got 70000',
    });
    big.frameLayers[1]!.kernel[3] = Number.NaN;
    expect(codeOf(() => encodeXvector(big))).toBe('not-finite');
  });
});

it('crc32() gives the check value of the standard, in one part or in two', () => {
  const digits = new TextEncoder().encode('123456789');
  expect(crc32(digits)).toBe(0xcbf43926);
  expect(crc32(digits.subarray(4), crc32(digits.subarray(0, 4)))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array())).toBe(0);
});

it('half-precision floats are the nearest ones, ties to even', () => {
  for (let bits = 0; bits < 0x7c00; bits++) {
    const value = halfToNumber(bits);
    expect(numberToHalf(value)).toBe(bits);
    expect(numberToHalf(-value)).toBe(value === 0 ? 0x8000 : bits | 0x8000);
    const middle = Math.fround((value + halfToNumber(bits + 1)) / 2);
    if (bits < 0x7bff) expect(numberToHalf(middle)).toBe(bits + (bits % 2));
  }
  expect(numberToHalf(65519)).toBe(0x7bff);
  expect(numberToHalf(1e9)).toBe(0x7c00);
  expect(numberToHalf(Number.NaN)).toBe(0x7e00);
});
