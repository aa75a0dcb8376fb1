import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resample } from '../../src/audio/resample.ts';
import type { Waveform } from '../../src/core/waveform.ts';
import { createXvector, type Xvector } from '../../src/xvector/create-xvector.ts';
import { errorOf } from '../support/error-of.ts';
import { useWasm } from '../support/wasm.ts';
import { createNumbers, madeFrames, madeWeights } from './made-weights.ts';

useWasm();

function noise(length: number, sampleRate = 16000, seed = 5): Waveform {
  const next = createNumbers(seed);
  return { samples: Float32Array.from({ length }, () => 0.2 * next()), sampleRate };
}

const frontEnd = { kind: 'speechbrain' } as const;

describe('createXvector()', () => {
  let xvector: Xvector;
  beforeAll(() => {
    xvector = createXvector(madeWeights({ frontEnd }));
  });
  afterAll(() => xvector.dispose());

  it('gives in a batch what it gives of each clip alone, in the order of the clips', async () => {
    const clips = [9000, 480, 70000, 9000, 33333, 16000, 480].map((length, i) => noise(length, 16000, i + 1));
    const together = await xvector.extractBatch(clips);
    expect(together).toHaveLength(clips.length);
    for (const [i, clip] of clips.entries()) {
      const alone = await xvector.extract(clip);
      const greatest = Math.max(...alone.map(Math.abs));
      alone.forEach((value, at) => {
        expect(Math.abs(together[i]![at]! - value)).toBeLessThan(2e-6 * greatest);
      });
    }
    expect(await xvector.extractBatch([])).toEqual([]);
  });

  it('resamples recordings of any rate', async () => {
    const clip = noise(44100, 44100);
    expect(await xvector.extract(clip)).toEqual(await xvector.extract(resample(clip, 16000)));
  });

  it('leaves its input as it was, and lets others have a turn', async () => {
    const clip = noise(8000);
    const copy = clip.samples.slice();
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await xvector.extractBatch(Array.from({ length: 30 }, () => noise(60000)));
    clearInterval(timer);
    await xvector.extract(clip);
    expect(clip.samples).toEqual(copy);
    expect(turns).toBeGreaterThan(1);
  });

  it('makes no more tensors than it gives back, also where a clip is refused', async () => {
    const before = tf.memory().numTensors;
    await xvector.extractBatch([noise(5000), noise(6000)]);
    await expect(xvector.extractBatch([noise(5000), noise(10)])).rejects.toThrow();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('takes silence, and one clip many times louder than the other', async () => {
    const silent = { samples: new Float32Array(4000), sampleRate: 16000 };
    expect((await xvector.extract(silent)).every(Number.isFinite)).toBe(true);
    const loud = { samples: noise(4000).samples.map((value) => value * 1e18), sampleRate: 16000 };
    expect((await xvector.extract(loud)).every(Number.isFinite)).toBe(true);
  });

  const wrong = (samples: unknown, sampleRate: unknown = 16000) => ({ samples, sampleRate }) as Waveform;
  it.each([
    ['no waveform', null as unknown as Waveform, 'bad-input', /^extract: waveform expected/],
    ['an array of channels', wrong([new Float32Array(9)]), 'bad-input', /^extract: waveform.samples expected/],
    ['no samples', wrong(new Float32Array(0)), 'empty', /^extract: waveform expected at least one sample/],
    ['NaN', wrong(Float32Array.of(0, Number.NaN)), 'not-finite', /^extract: samples expected finite.*at sample 1/],
    ['a rate of 0', wrong(new Float32Array(900), 0), 'bad-input', /^extract: waveform.sampleRate expected/],
    ['one sample', wrong(Float32Array.of(0.1)), 'too-short', /^extract: expected at least 480 samples at 16000 Hz/],
    [
      'one sample of 96 kHz',
      wrong(Float32Array.of(0.1), 96000),
      'too-short',
      /^extract: expected at least 28\d\d samples at 96000 Hz \(0\.0300 s\)/,
    ],
  ])('refuses %s', async (_, waveform, code, message) => {
    await expect(xvector.extract(waveform)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('names the clip of a batch that it refuses', async () => {
    await expect(xvector.extractBatch([noise(5000), noise(9)])).rejects.toMatchObject({
      code: 'too-short',
      message: expect.stringMatching(/^extractBatch: clip 1: expected at least 480 samples/),
    });
    await expect(xvector.extractBatch(noise(9) as never)).rejects.toMatchObject({
      code: 'bad-input',
      message: 'extractBatch: expected an array of waveforms, got an object with keys samples, sampleRate',
    });
  });

  it('refuses frames that are too few, too wide or not finite', async () => {
    await expect(xvector.embed(madeFrames(3))).rejects.toMatchObject({
      code: 'too-short',
      message: 'embed: expected at least 4 frames, got 3',
    });
    await expect(xvector.embed(madeFrames(30, 7))).rejects.toMatchObject({
      code: 'bad-input',
      message: 'embed: matrix expected 6 dims, got 7',
    });
    const bad = madeFrames(30);
    bad.data[7] = Number.NaN;
    await expect(xvector.embed(bad)).rejects.toMatchObject({ code: 'not-finite' });
  });

  it('says where the network itself overflows', async () => {
    const weights = madeWeights();
    for (const { kernel } of weights.frameLayers) kernel.fill(1e30);
    const hostile = createXvector(weights);
    await expect(hostile.embed(madeFrames(9))).rejects.toMatchObject({
      code: 'diverged',
      message: 'embed: expected finite numbers from the network, got NaN or infinity',
    });
    hostile.dispose();
  });

  it("becomes 'out-of-memory' where the backend runs out of it, and can be used again", async () => {
    const clip = noise(9000);
    const before = tf.memory().numTensors;
    const mean = tf.getKernel('Mean', 'wasm');
    const kernelFunc = (): never => {
      throw new Error('memory access out of bounds');
    };
    tf.unregisterKernel('Mean', 'wasm');
    tf.registerKernel({ ...mean, kernelFunc });
    try {
      await expect(xvector.extractBatch([clip, clip])).rejects.toMatchObject({
        code: 'out-of-memory',
        message: 'extractBatch: out of memory; take smaller batches or shorter recordings',
      });
    } finally {
      tf.unregisterKernel('Mean', 'wasm');
      tf.registerKernel(mean);
    }
    expect(tf.memory().numTensors).toBe(before);
    expect(await xvector.extract(clip)).toHaveLength(5);
  });

  it('is of no use once it is disposed, and can be disposed twice', async () => {
    const gone = createXvector(madeWeights());
    gone.dispose();
    gone.dispose();
    const refusal = (who: string) => ({
      code: 'bad-input',
      message: `${who}: expected an x-vector in use, got one that is disposed`,
    });
    await expect(gone.extract(noise(9000))).rejects.toMatchObject(refusal('extract'));
    await expect(gone.extractBatch([])).rejects.toMatchObject(refusal('extractBatch'));
    await expect(gone.embed(madeFrames(9))).rejects.toMatchObject(refusal('embed'));
    expect(errorOf(() => gone.features(noise(9000)))).toMatchObject(refusal('features'));
    const going = createXvector(madeWeights());
    const underWay = going.embed(madeFrames(4500));
    going.dispose();
    await expect(underWay).rejects.toMatchObject(refusal('embed'));
  });

  it('counts the samples of a short recording at its own rate', async () => {
    const frontEnd = {
      kind: 'kaldi',
      sampleRate: 16000,
      nMels: 30,
      fMin: 20,
      fMax: 7600,
      cmnWindow: 300,
      vad: false,
    } as const;
    const kaldi = createXvector(madeWeights({ frontEnd, padding: 'valid', short: 'repeat', leastFrames: 25 }));
    for (const sampleRate of [16000, 44100, 4000]) {
      const of = (length: number) => ({ samples: new Float32Array(length).fill(0.1), sampleRate });
      const { code, message } = errorOf(() => kaldi.features(of(9)));
      expect(code).toBe('too-short');
      const said =
        /^features: (expected at least (\d+) samples at (\d+) Hz \((.+) s\) for 1 frame, got 9 samples, 0 frames)$/;
      const [, words, least, rate, seconds] = said.exec(message)!;
      expect(Number(rate)).toBe(sampleRate);
      expect(Number(seconds)).toBeCloseTo(0.005, 4);
      await expect(kaldi.extract(of(9))).rejects.toMatchObject({ code, message: `extract: ${words}` });
      // No fewer and no more.
      expect(kaldi.features(of(Number(least))).frames).toBe(1);
      expect(errorOf(() => kaldi.features(of(Number(least) - 1)))).toMatchObject({ code });
    }
    kaldi.dispose();
  });
});

describe('chunks and short clips, as Kaldi has them', () => {
  const valid = { padding: 'valid', short: 'repeat', leastFrames: 25 } as const;

  it('repeat the first and the last frame, the last once more where the number is odd', async () => {
    const xvector = createXvector(madeWeights(valid));
    const few = madeFrames(20);
    const rows = [0, 0, ...Array.from({ length: 20 }, (_, t) => t), 19, 19, 19];
    const data = Float32Array.from(rows.flatMap((t) => [...few.data.subarray(6 * t, 6 * t + 6)]));
    expect(await xvector.embed(few)).toEqual(await xvector.embed({ data, frames: 25, dims: 6 }));
    expect((await xvector.embed(madeFrames(1))).every(Number.isFinite)).toBe(true);
    await expect(xvector.embed(madeFrames(0))).rejects.toMatchObject({ code: 'too-short' });
    xvector.dispose();
  });

  it('average the chunks of a long clip by their frames', async () => {
    const whole = createXvector(madeWeights(valid));
    const chunked = createXvector(madeWeights({ ...valid, chunkFrames: 40 }));
    const long = madeFrames(90);
    const part = (from: number, to: number) =>
      whole.embed({ data: long.data.slice(6 * from, 6 * to), frames: to - from, dims: 6 });
    const [a, b, c] = [await part(0, 40), await part(40, 80), await part(80, 90)];
    const expected = a.map((value, i) => (40 * value + 40 * b[i]! + 10 * c[i]!) / 90);
    (await chunked.embed(long)).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 5);
    });
    whole.dispose();
    chunked.dispose();
  });
});
