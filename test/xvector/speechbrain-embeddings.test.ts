import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Waveform } from '../../src/core/waveform.ts';
import { createXvector, type Xvector } from '../../src/xvector/create-xvector.ts';
import type { XvectorWeights } from '../../src/xvector/weights.ts';
import { useWasm } from '../support/wasm.ts';
import { createNumbers } from './made-weights.ts';

// Against SpeechBrain's own network: fixtures/make_speechbrain_embeddings.py, whose formulas signal() and speechbrainWeights() are.

useWasm();

interface Case {
  readonly seconds: number;
  readonly frames: number;
  readonly embedding: string;
  readonly features?: string;
}
const { channels, outputs, cases } = JSON.parse(
  readFileSync(new URL('fixtures/speechbrain-embeddings.json', import.meta.url), 'utf8'),
) as { channels: number[]; outputs: number; cases: Case[] };

const unpack = (text: string): Float32Array => new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);

function signal(seconds: number, number: number): Waveform {
  const next = createNumbers(number + 1);
  const pitch = 90 + 17 * number;
  const samples = Float32Array.from({ length: Math.round(16000 * seconds) }, (_, n) => {
    const time = n / 16000;
    const syllable = Math.max(0, Math.sin(2 * Math.PI * 3 * time + number)) ** 2;
    let voice = 0;
    for (let k = 1; k <= 6; k++) voice += Math.sin(2 * Math.PI * k * pitch * time) / k;
    return 0.1 * syllable * voice + 0.003 * next();
  });
  return { samples, sampleRate: 16000 };
}

/** The weights in SpeechBrain's order, [outputs, inputs, taps], and as ser-kit has them. */
function speechbrainWeights(): XvectorWeights {
  const next = createNumbers(11);
  const many = (length: number, scale: number, middle = 0): Float32Array =>
    Float32Array.from({ length }, () => middle + scale * next());
  const turned = (weight: Float32Array, inputs: number, taps: number, to: number): Float32Array =>
    Float32Array.from({ length: weight.length }, (_, at) => {
      const o = at % to;
      const input = Math.floor(at / to) % inputs;
      const tap = Math.floor(at / to / inputs);
      return weight[(o * inputs + input) * taps + tap]!;
    });
  const affine = (inputs: number, taps: number, to: number) => ({
    kernel: turned(many(to * inputs * taps, 1.7 / Math.sqrt(inputs * taps)), inputs, taps, to),
    bias: many(to, 0.5),
    inputs,
    outputs: to,
  });
  const norm = (to: number) => {
    const [gamma, beta, mean, variance] = [many(to, 0.6, 1), many(to, 0.5), many(to, 0.5), many(to, 1.2, 1.5)];
    const scale = gamma.map((value, i) => value / Math.sqrt(variance[i]! + 1e-5));
    return { scale, shift: beta.map((value, i) => value - mean[i]! * scale[i]!) };
  };
  const offsets = [[-2, -1, 0, 1, 2], [-2, 0, 2], [-3, 0, 3], [0], [0]];
  return {
    frontEnd: { kind: 'speechbrain' },
    padding: 'reflect',
    short: 'refuse',
    leastFrames: 4,
    chunkFrames: null,
    frameLayers: channels.map((to, i) => ({
      name: `frame${i + 1}`,
      ...affine(i === 0 ? 24 : channels[i - 1]!, offsets[i]!.length, to),
      slope: 0.01,
      norm: norm(to),
      offsets: offsets[i]!,
    })),
    pooling: { deviation: 'unbiased', added: 1e-5, floor: 0 },
    segmentLayers: [{ name: 'segment6', ...affine(2 * channels.at(-1)!, 1, outputs), slope: null, norm: null }],
  };
}

describe("SpeechBrain's x-vector", () => {
  let xvector: Xvector;
  beforeAll(() => {
    xvector = createXvector(speechbrainWeights());
  });

  it('sees the features that SpeechBrain makes', () => {
    const given = cases.flatMap((each, i) => (each.features === undefined ? [] : [{ ...each, i }]));
    expect(given).toHaveLength(3);
    for (const { seconds, features, frames, i } of given) {
      const got = xvector.features(signal(seconds, i));
      const expected = unpack(features!);
      expect([got.frames, got.dims]).toEqual([frames, 24]);
      const apart = Array.from(expected, (value, at) => Math.abs(got.data[at]! - value));
      expect(Math.max(...apart)).toBeLessThan(2e-3);
      expect(apart.reduce((sum, value) => sum + value, 0) / apart.length).toBeLessThan(1e-4);
    }
  });

  it.each(cases.map(({ seconds }, i) => [seconds, i]))('gives its embedding of %d s', async (seconds, i) => {
    const got = await xvector.extract(signal(seconds!, i!));
    const expected = unpack(cases[i!]!.embedding);
    expect(got).toHaveLength(outputs);
    const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, at) => sum + value * b[at]!, 0);
    expect(1 - dot(got, expected) / Math.sqrt(dot(got, got) * dot(expected, expected))).toBeLessThan(1e-8);
    const greatest = Math.max(...expected.map(Math.abs));
    expect(Math.max(...expected.map((value, at) => Math.abs(got[at]! - value)))).toBeLessThan(1e-4 * greatest);
  });

  it('needs 480 samples, and says so', async () => {
    await expect(xvector.extract(signal(0.03, 0))).resolves.toHaveLength(outputs);
    const short = { samples: new Float32Array(479), sampleRate: 16000 };
    await expect(xvector.extract(short)).rejects.toMatchObject({
      code: 'too-short',
      message: 'extract: expected at least 480 samples at 16000 Hz (0.0300 s) for 4 frames, got 479 samples, 3 frames',
    });
    const other = { samples: new Float32Array(900), sampleRate: 48000 };
    await expect(xvector.extract(other)).rejects.toMatchObject({
      code: 'too-short',
      message: expect.stringMatching(
        /^extract: expected at least 14\d\d samples at 48000 Hz \(0\.0300 s\) for 4 frames/,
      ),
    });
  });
});
