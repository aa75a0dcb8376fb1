import { describe, expect, it } from 'vitest';
import {
  augmentTraining,
  compose,
  createAugmentation,
  gain,
  maskTime,
  maybe,
  mixup,
  ownFunction,
  type Waveform,
} from '../../src/augment/index.ts';
import { createRandom, deriveSeed } from '../../src/core/random.ts';
import { makeSplit } from '../../src/datasets/split.ts';
import { splitByClip } from '../../src/datasets/split-by-clip.ts';
import { evaluateRecognizer } from '../../src/recognizer/evaluate-recognizer.ts';
import type { Recognizer } from '../../src/recognizer/recognizer.ts';
import { checkSplit, type RecognizerSplit } from '../../src/recognizer/recognizer-split.ts';

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
  });

  it('changes each copy by a stream of its own, the same at every load', async () => {
    const load = async (id: string, seed = 1, ids = ['a', 'c']) => {
      const out = augmentTraining({ train: clips(...ids), validation: [], test: [] }, gain(), { seed, copies: 2 });
      return (await out.train.find((clip) => clip.id === id)!.load()).samples.join();
    };
    const own = await load('c#aug2');
    expect(await load('c#aug2')).toBe(own);
    expect(await load('c#aug2', 1, ['c', 'z'])).toBe(own);
    expect(own).toBe(gain()(waveform, createRandom(deriveSeed(1, 'augment-copy', 2, 'c'))).samples.join());
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
    expect(() => augmentTraining({ ...split, train: clips('a', 'a') }, gain(), { seed: 1 })).toThrow('one clip an id');
    expect(() => augmentTraining({ ...split, test: clips('a') }, gain(), { seed: 1 })).toThrow(
      'in validation or test as well',
    );
    const broken = ownFunction('broken', () => ({ samples: Float32Array.of(Number.NaN), sampleRate: 8000 }));
    await expect(augmentTraining(split, broken, { seed: 1 }).train[1]!.load()).rejects.toThrow('ownFunction broken');
  });

  it('gives copies no path, and what a class gives through getters', () => {
    class Recorded {
      id = 'a';
      path = 'a.wav';
      get label() {
        return 'joy';
      }
      get speakerId() {
        return 'of a';
      }
      load = async () => waveform;
    }
    const out = augmentTraining({ train: [new Recorded()], validation: [], test: [] }, gain(), { seed: 1 });
    expect(out.train[0]).toHaveProperty('path', 'a.wav');
    expect(out.train[1]).not.toHaveProperty('path');
    expect(out.train[1]).toMatchObject({ id: 'a#aug1', label: 'joy', speakerId: 'of a' });
  });

  it('gives copies that may be learnt from and are taken for clips nowhere else', async () => {
    const copied = augmentTraining(split, gain(), { seed: 1 });
    const recognizer = { labels: ['joy'], predictBatch: async () => [] } as unknown as Recognizer;
    const learnt: RecognizerSplit = copied;
    expect(() => checkSplit(learnt)).not.toThrow();
    // @ts-expect-error
    await expect(evaluateRecognizer(recognizer, copied.train)).rejects.toThrow(
      'evaluateRecognizer: clips expected clips as they were recorded, got "a#aug1", a changed copy of "a"',
    );
    // @ts-expect-error
    expect(() => splitByClip(copied.train, { seed: 1 })).toThrow('copies are for training alone');
    // @ts-expect-error
    const leaking: RecognizerSplit = { ...copied, test: copied.train };
    expect(() => checkSplit(leaking)).toThrow('trainRecognizer: split.test expected clips as they were recorded');
    expect(() => checkSplit({ ...copied, test: split.train })).toThrow(
      'got "a#aug1", a copy of "a" of validation or test',
    );
    // @ts-expect-error
    expect(() => augmentTraining({ ...split, test: copied.train }, gain(), { seed: 1 })).toThrow(
      'augmentTraining: split.test',
    );
    // @ts-expect-error
    expect(() => augmentTraining(copied, gain(), { seed: 1 })).toThrow('compose the transforms and copy once');
  });
});

describe('createAugmentation()', () => {
  it('refuses a mixup inside another transform, whose alpha nobody would read', () => {
    expect(() => createAugmentation(maybe(0.5, mixup()))).toThrow('expected mixup by itself, got it in maybe');
    expect(() => createAugmentation(compose([mixup(), mixup()]))).toThrow(
      'expected mixup by itself, got it in compose',
    );
    expect(createAugmentation(mixup({ alpha: 0.3 })).mixup).toEqual({ alpha: 0.3 });
  });
});
