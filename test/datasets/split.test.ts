import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LabelledClip } from '../../src/core/labelled-clip.ts';
import { createRandom, shuffled } from '../../src/core/random.ts';
import { kFoldBySpeaker } from '../../src/datasets/k-fold-by-speaker.ts';
import { shuffleLabels } from '../../src/datasets/shuffle-labels.ts';
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

/** The same clip by nobody known. */
const unknown = (own: LabelledClip): LabelledClip => ({ ...own, speakerId: own.id, speakerKnown: false });

/** Speakers with few to many clips, and labels that range from common to rare. */
function ragged(speakers: number, labels: number, seed: number): LabelledClip[] {
  const random = createRandom(seed);
  return Array.from({ length: speakers }, (_, s) => {
    const size = 0.3 + 2 * random();
    return Array.from({ length: labels }, (_, l) =>
      Array.from({ length: Math.floor((size * random() * 20) / (1 + l)) }, (_, n) => clip(`s${s}`, `l${l}`, n)),
    );
  }).flat(2);
}

/** The sum over parts and labels of (count - wanted)^2 / all clips of the label. */
function costOf(all: readonly LabelledClip[], parts: readonly (readonly LabelledClip[])[], shares: number[]): number {
  const labels = [...new Set(all.map((c) => c.label))];
  const each = parts.flatMap((part, p) =>
    labels.map((label) => (countOf(part, label) - shares[p]! * countOf(all, label)) ** 2 / countOf(all, label)),
  );
  return each.reduce((sum, x) => sum + x, 0);
}

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

  it.each([
    [24, 7, 1], // random orders alone: 0.9 to 1.5
    [40, 7, 0.6], // 1.1 to 1.4
    [91, 6, 0.1], // 0.7 to 1.0
  ])('spreads rare labels evenly over parts of %i uneven speakers with %i labels', (speakers, labels, most) => {
    const all = ragged(speakers, labels, 1);
    for (const seed of [1, 2, 3]) {
      const { train, validation, test } = splitBySpeaker(all, { seed });
      expect(costOf(all, [train, validation, test], [0.7, 0.15, 0.15])).toBeLessThan(most);
      for (const part of [validation, test]) expect(Math.abs(part.length / all.length - 0.15)).toBeLessThan(0.015);
    }
    const split = splitBySpeaker(all, { seed: 1 });
    expect(ids(splitBySpeaker(shuffled(all, createRandom(5)), { seed: 1 }))).toEqual(ids(split));
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

  it('counts clips of unknown speakers, each as a speaker of its own, also after the labels are shuffled', () => {
    const all = [...clips(6, { sad: 2 }), ...clips(9, { angry: 1 }).map(unknown)];
    const split = splitBySpeaker(all, { seed: 1 });
    expect(split).toMatchObject({ overlappingSpeakers: [], unknownSpeakers: 9 });
    expect(shuffleLabels(split, 1)).toMatchObject({ unknownSpeakers: 9 });
    expect(describeSplit(shuffleLabels(split, 1))).toMatch(/who speaks is not known for 9 clips/);
    expect(splitBySpeaker(clips(6, { sad: 2 }), { seed: 1 }).unknownSpeakers).toBe(0);
    expect(splitBySpeaker(clips(3, { sad: 1 }).map(unknown), { seed: 1 }).test).toHaveLength(1);
    expect(() => splitBySpeaker(clips(2, { sad: 1 }).map(unknown), { seed: 1 })).toThrow(/at least 3 speakers/);
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

  it('spreads rare labels evenly over the folds of uneven speakers', () => {
    const all = ragged(40, 7, 1);
    const tests = kFoldBySpeaker(all, { seed: 1 }).map((split) => split.test);
    expect(costOf(all, tests, Array(5).fill(0.2))).toBeLessThan(1); // random orders alone: 3.7
  });

  it('leaves a label that one speaker has out of the training part of the fold that tests this speaker', () => {
    const all = [...clips(10, { sad: 3 }), clip('s0', 'rare')];
    const without = kFoldBySpeaker(all, { seed: 1, validation: 0 }).filter(({ train }) => countOf(train, 'rare') === 0);
    expect(without).toHaveLength(1);
    expect(countOf(without[0]!.test, 'rare')).toBe(1);
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

  it('says that voices may be in two parts where not all speakers are known', () => {
    const split = makeSplit([clip('a', 'sad'), unknown(clip('b', 'sad'))], [unknown(clip('c', 'sad'))], []);
    expect(describeSplit(split)).toBe(
      [
        '            clips       speakers  sad',
        'train           2  1 + 1 unknown    2',
        'validation      1              ?    1',
        'test            0              0    0',
        'who speaks is not known for 2 clips: voices may be in two parts, and the test may ask about voices that were heard',
      ].join('\n'),
    );
    const both = makeSplit([clip('a', 'sad')], [clip('a', 'angry')], [unknown(clip('a', 'x'))]);
    expect(describeSplit(both)).toMatch(/speakers overlap: 1 speaker \(a\).*\nwho speaks is not known for 1 clip:/);
  });

  it('names the speakers that overlap, which are counted from the clips', () => {
    const split = makeSplit([clip('a', 'sad'), clip('c', 'sad')], [clip('b', 'sad')], [clip('b', 'x'), clip('a', 'x')]);
    expect(split.overlappingSpeakers).toEqual(['a', 'b']);
    expect(describeSplit(split)).toMatch(/speakers overlap: 2 speakers \(a, b\) in more than one part/);
  });
});
