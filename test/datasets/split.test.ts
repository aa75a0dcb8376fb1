import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LabelledClip } from '../../src/core/labelled-clip.ts';
import { createRandom, shuffled } from '../../src/core/random.ts';
import { kFoldBySpeaker } from '../../src/datasets/k-fold-by-speaker.ts';
import { describeSplit, makeSplit, type Split } from '../../src/datasets/split.ts';
import { splitByClip } from '../../src/datasets/split-by-clip.ts';
import { splitBySpeaker } from '../../src/datasets/split-by-speaker.ts';

const clip = (speakerId: string, label: string, n = 0): LabelledClip => ({
  id: `${speakerId}_${label}_${n}`,
  speakerId,
  label,
  load: async () => ({ samples: new Float32Array(1), sampleRate: 1 }),
});

/** Clips of speakers with so many of each label. */
function clips(speakers: number, perLabel: Record<string, number>): LabelledClip[] {
  return Array.from({ length: speakers }, (_, s) =>
    Object.entries(perLabel).flatMap(([label, count]) =>
      Array.from({ length: count }, (_, n) => clip(`s${s}`, label, n)),
    ),
  ).flat();
}

const ids = (split: Split): string[][] => [split.train, split.validation, split.test].map((p) => p.map((c) => c.id));
const speakersOf = (part: readonly LabelledClip[]): Set<string> => new Set(part.map((c) => c.speakerId));
const countOf = (part: readonly LabelledClip[], label: string): number => part.filter((c) => c.label === label).length;

/** Speakers who have differing numbers of clips of differing labels, as own recordings do. */
const uneven = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 9 })), { minLength: 3, maxLength: 20 })
  .map((counts) =>
    counts.flatMap(([sad, angry], s) => [
      ...Array.from({ length: sad }, (_, n) => clip(`s${s}`, 'sad', n)),
      ...Array.from({ length: angry }, (_, n) => clip(`s${s}`, 'angry', n)),
    ]),
  );

describe('splitBySpeaker()', () => {
  it('puts every clip in one part, no speaker in two, whatever speakers there are', () => {
    fc.assert(
      fc.property(uneven, fc.nat(), (all, seed) => {
        const split = splitBySpeaker(all, { seed });
        expect(ids(split).flat().sort()).toEqual(all.map((c) => c.id).sort());
        expect(split.overlappingSpeakers).toEqual([]);
        expect(makeSplit(split.train, split.validation, split.test).overlappingSpeakers).toEqual([]);
        for (const part of [split.train, split.validation, split.test]) expect(part.length).toBeGreaterThan(0);
      }),
      { numRuns: 30 },
    );
  });

  it('gives each part its share of clips and of each label, to within a speaker', () => {
    const split = splitBySpeaker(clips(40, { sad: 6, angry: 3, happy: 1 }), { seed: 3, validation: 0.2, test: 0.1 });
    expect([split.train, split.validation, split.test].map((part) => part.length)).toEqual([280, 80, 40]);
    const odd = Array.from({ length: 60 }, (_, s) =>
      clips(1, s % 2 === 0 ? { sad: 10, angry: 2 } : { angry: 8 }),
    ).flatMap((own, s) => own.map((c) => ({ ...c, id: `${s}_${c.id}`, speakerId: `s${s}` })));
    for (const seed of [1, 2, 3]) {
      const { test, validation } = splitBySpeaker(odd, { seed });
      for (const part of [test, validation]) {
        expect(Math.abs(part.length - 0.15 * odd.length)).toBeLessThanOrEqual(12);
        for (const label of ['sad', 'angry']) {
          expect(Math.abs(countOf(part, label) / countOf(odd, label) - 0.15)).toBeLessThan(0.03);
        }
      }
    }
  });

  it('depends on the seed, and not on the order of the clips', () => {
    const all = clips(20, { sad: 2, angry: 2 });
    const split = splitBySpeaker(all, { seed: 1 });
    expect(ids(splitBySpeaker(shuffled(all, createRandom(5)), { seed: 1 }))).toEqual(ids(split));
    expect(ids(splitBySpeaker(all, { seed: 2 }))).not.toEqual(ids(split));
    const tested = new Set(
      Array.from({ length: 40 }, (_, seed) => [...speakersOf(splitBySpeaker(all, { seed }).test)]).flat(),
    );
    expect(tested.size).toBe(20); // every speaker gets into a test part with some seed
  });

  it('leaves a part empty whose share is 0', () => {
    const all = clips(4, { sad: 2 });
    expect(splitBySpeaker(all, { seed: 1, validation: 0 }).validation).toEqual([]);
    expect(splitBySpeaker(all, { seed: 1, test: 0 }).test).toEqual([]);
    expect(splitBySpeaker(all, { seed: 1, validation: 0, test: 0 }).train).toHaveLength(8);
  });

  it('takes as few speakers as there are parts, and says how many it needs of fewer', () => {
    expect(ids(splitBySpeaker(clips(3, { sad: 1 }), { seed: 1 })).map((part) => part.length)).toEqual([1, 1, 1]);
    expect(() => splitBySpeaker(clips(2, { sad: 5 }), { seed: 1 })).toThrow(
      expect.objectContaining({ code: 'too-short', message: expect.stringMatching(/at least 3 speakers .* got 2/) }),
    );
    expect(splitBySpeaker(clips(2, { sad: 5 }), { seed: 1, validation: 0 }).test).toHaveLength(5);
  });

  it('refuses no clips, two clips of one id, unknown options and shares that leave nothing to train on', () => {
    const all = clips(4, { sad: 2 });
    expect(() => splitBySpeaker([], { seed: 1 })).toThrow(expect.objectContaining({ code: 'empty' }));
    expect(() => splitBySpeaker([...all, all[0]!], { seed: 1 })).toThrow(/one clip an id, got s0_sad_0 twice/);
    expect(() => splitBySpeaker(all, { seed: 1, folds: 2 } as never)).toThrow(/unknown option "folds"/);
    expect(() => splitBySpeaker(all, { seed: 1, validation: 0.5, test: 0.5 })).toThrow(
      /validation \+ test expected < 1/,
    );
    expect(() => splitBySpeaker(all, { seed: 1, test: -0.1 })).toThrow(/test expected >= 0, got -0.1/);
    expect(() => splitBySpeaker(all, { seed: 0.5 })).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});

describe('splitByClip()', () => {
  it('gives every label its share in every part, and lists the speakers that overlap', () => {
    const all = clips(10, { sad: 20, angry: 7, rare: 1 });
    const split = splitByClip(all, { seed: 1, validation: 0.2, test: 0.1 });
    expect(ids(split).flat().sort()).toEqual(all.map((c) => c.id).sort());
    expect([split.train, split.validation, split.test].map((part) => part.length)).toEqual([196, 56, 28]);
    for (const label of ['sad', 'angry', 'rare']) {
      const total = countOf(all, label);
      expect(Math.abs(countOf(split.validation, label) - 0.2 * total)).toBeLessThanOrEqual(1);
      expect(Math.abs(countOf(split.test, label) - 0.1 * total)).toBeLessThanOrEqual(1);
    }
    expect(split.overlappingSpeakers).toEqual(Array.from({ length: 10 }, (_, s) => `s${s}`));
  });

  it('draws at random within a label, by the seed and not by the order of the clips', () => {
    const all = clips(2, { sad: 50 });
    const split = splitByClip(all, { seed: 1 });
    expect(ids(splitByClip(all.slice().reverse(), { seed: 1 }))).toEqual(ids(split));
    expect(ids(splitByClip(all, { seed: 2 }))).not.toEqual(ids(split));
  });

  it('lists no overlap where each clip has a speaker of its own', () => {
    expect(splitByClip(clips(30, { sad: 1 }), { seed: 1 }).overlappingSpeakers).toEqual([]);
  });

  it('fills each part with as few clips as there are parts, and refuses fewer', () => {
    expect(ids(splitByClip(clips(1, { sad: 3 }), { seed: 1 })).map((part) => part.length)).toEqual([1, 1, 1]);
    expect(() => splitByClip(clips(1, { sad: 2 }), { seed: 1 })).toThrow(/at least 3 clips for 3 parts, got 2/);
    expect(ids(splitByClip(clips(1, { sad: 2 }), { seed: 1, validation: 0 })).map((part) => part.length)).toEqual([
      1, 0, 1,
    ]);
    expect(() => splitByClip([], { seed: 1 })).toThrow(expect.objectContaining({ code: 'empty' }));
    expect(() => splitByClip(clips(1, { sad: 3 }), { seed: 1, x: 1 } as never)).toThrow(/unknown option "x"/);
  });
});

describe('kFoldBySpeaker()', () => {
  it('tests every clip once, with no speaker in two parts of a fold', () => {
    fc.assert(
      fc.property(uneven, fc.nat(), (all, seed) => {
        const splits = kFoldBySpeaker(all, { seed, folds: 3, validation: 0 });
        expect(splits.flatMap((split) => split.test.map((c) => c.id)).sort()).toEqual(all.map((c) => c.id).sort());
        for (const split of splits) {
          expect(split.overlappingSpeakers).toEqual([]);
          expect(split.train.length + split.test.length).toBe(all.length);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('makes five folds of like size by default, with a validation part of other speakers', () => {
    const all = clips(23, { sad: 3, angry: 2 });
    const splits = kFoldBySpeaker(all, { seed: 4 });
    expect(splits.map((split) => split.test.length).sort()).toEqual([20, 20, 25, 25, 25]);
    for (const { train, validation, test, overlappingSpeakers } of splits) {
      expect(overlappingSpeakers).toEqual([]);
      expect(train.length + validation.length + test.length).toBe(all.length);
      expect(speakersOf(validation).size).toBe(3);
    }
    expect(kFoldBySpeaker(all.slice().reverse(), { seed: 4 }).map(ids)).toEqual(splits.map(ids));
    expect(kFoldBySpeaker(all, { seed: 5 }).map(ids)).not.toEqual(splits.map(ids));
  });

  it('takes as many speakers as folds, and says how many it needs of fewer', () => {
    expect(kFoldBySpeaker(clips(5, { sad: 1 }), { seed: 1 })).toHaveLength(5);
    expect(kFoldBySpeaker(clips(2, { sad: 1 }), { seed: 1, folds: 2, validation: 0 })).toHaveLength(2);
    expect(() => kFoldBySpeaker(clips(4, { sad: 1 }), { seed: 1 })).toThrow(/at least 5 speakers for 5 folds .*got 4/);
    expect(() => kFoldBySpeaker(clips(2, { sad: 1 }), { seed: 1, folds: 2 })).toThrow(/with a validation part, got 2/);
    expect(() => kFoldBySpeaker(clips(4, { sad: 1 }), { seed: 1, folds: 1 })).toThrow(/folds expected >= 2, got 1/);
    expect(() => kFoldBySpeaker(clips(4, { sad: 1 }), { seed: 1, test: 0.1 } as never)).toThrow(
      /unknown option "test"/,
    );
  });
});

describe('describeSplit()', () => {
  it('prints clips by label, speakers, and that no speaker is in two parts', () => {
    const split = makeSplit([clip('a', 'sad'), clip('a', 'angry')], [clip('b', 'sad')], []);
    expect(describeSplit(split)).toBe(
      [
        '            clips  speakers  angry  sad',
        'train           2         1      1    1',
        'validation      1         1      0    1',
        'test            0         0      0    0',
        'no speaker is in two parts',
      ].join('\n'),
    );
  });

  it('names the speakers that overlap, which are counted from the clips', () => {
    const split = makeSplit([clip('a', 'sad'), clip('c', 'sad')], [clip('b', 'sad')], [clip('b', 'x'), clip('a', 'x')]);
    expect(split.overlappingSpeakers).toEqual(['a', 'b']);
    expect(describeSplit(split)).toMatch(/speakers overlap: 2 speakers \(a, b\) in more than one part/);
  });
});
