import { describe, expect, it } from 'vitest';
import { augmentTraining, gain, maskTime, ownFunction, type Waveform } from '../../src/augment/index.ts';
import { createRandom, deriveSeed } from '../../src/core/random.ts';
import { makeSplit, type Split } from '../../src/datasets/split.ts';

const waveform: Waveform = { samples: Float32Array.of(0.5, -0.25), sampleRate: 8000 };
const clips = (...ids: string[]) =>
  ids.map((id) => ({ id, speakerId: `of ${id}`, label: 'joy', take: 1, load: async () => waveform }));
const split = makeSplit(clips('a', 'a-b', 'c'), clips('d'), clips('e'));

describe('augmentTraining()', () => {
  it('adds copies of training clips alone, sorted by id, and gives the rest back as it is', () => {
    const out = augmentTraining(split, gain(), { seed: 1, copies: 2 });
    expect(out.train.map(({ id }) => id)).toEqual(
      ['a', 'a#aug1', 'a#aug2', 'a-b', 'a-b#aug1', 'a-b#aug2', 'c', 'c#aug1', 'c#aug2'].sort(),
    );
    expect(out.validation).toBe(split.validation);
    expect(out.test).toBe(split.test);
    expect(out.overlappingSpeakers).toEqual([]);
    expect(out.train.find(({ id }) => id === 'c#aug2')).toMatchObject({
      speakerId: 'of c',
      label: 'joy',
      take: 1,
      augmentedFrom: 'c',
    });
    // A Split again, of the same clips, as far as the types go.
    const again: Split<(typeof split.train)[number]> = out;
    expect(again.train).toHaveLength(9);
  });

  it('changes each copy by a stream of its own, the same at every load', async () => {
    const load = async (id: string, seed = 1, ids = ['a', 'c']) => {
      const out = augmentTraining({ train: clips(...ids), validation: [], test: [] }, gain(), { seed, copies: 2 });
      return (await out.train.find((clip) => clip.id === id)!.load()).samples.join();
    };
    const own = await load('c#aug2');
    expect(await load('c#aug2')).toBe(own);
    expect(await load('c#aug2', 1, ['c', 'z'])).toBe(own);
    expect(own).toBe(gain()(waveform, createRandom(deriveSeed(1, 'augment', 2, 'c'))).samples.join());
    expect(
      new Set([own, await load('c#aug1'), await load('a#aug2'), await load('c#aug2', 2), await load('c')]).size,
    ).toBe(5);
    expect(await load('c')).toBe(waveform.samples.join());
  });

  it('takes a function, and can leave the originals out', async () => {
    const half = ({ samples, sampleRate }: Waveform): Waveform => ({ samples: samples.map((x) => x / 2), sampleRate });
    const { train } = augmentTraining(split, half, { seed: 1, keepOriginals: false });
    expect(train.map(({ id }) => id)).toEqual(['a#aug1', 'a-b#aug1', 'c#aug1']);
    expect((await train[0]!.load()).samples[0]).toBe(0.25);
  });

  it('refuses what would go wrong', async () => {
    expect(() => augmentTraining(split, maskTime() as never, { seed: 1 })).toThrow(
      'augmentTraining: transform expected one of waveforms, got maskTime of the features',
    );
    expect(() => augmentTraining(clips('a') as never, gain(), { seed: 1 })).toThrow(
      'split expected { train, validation, test }',
    );
    expect(() => augmentTraining(split, gain(), { seed: 1, copies: 0 })).toThrow('copies expected > 0, got 0');
    expect(() => augmentTraining(augmentTraining(split, gain(), { seed: 1 }), gain(), { seed: 1 })).toThrow(
      'one clip an id',
    );
    const broken = ownFunction('broken', () => ({ samples: Float32Array.of(Number.NaN), sampleRate: 8000 }));
    await expect(augmentTraining(split, broken, { seed: 1 }).train[1]!.load()).rejects.toThrow('ownFunction broken');
  });
});
