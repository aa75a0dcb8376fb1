import { describe, expect, it } from 'vitest';
import { seenSpeakers } from '../../src/recognizer/seen-speakers.ts';
import { speakersHeard } from '../../src/xvector/index.ts';
import { tinyXvector } from '../support/tiny-xvector.ts';

const CARDS: readonly [string, Record<string, unknown>][] = [
  ['speakers', { speakers: ['a', 'b'] }],
  ['speakers.train', { speakers: { train: ['a', 'b'] } }],
  ['speakers.validation', { speakers: { train: ['a'], validation: ['b'] } }],
  ['trainedOn.speakers', { trainedOn: { corpus: 'mine', speakers: ['a', 'b'] } }],
  ['trainedOn.speakers by part', { trainedOn: { speakers: { train: ['a'], validation: ['b'] } } }],
  ['both places', { speakers: { train: ['b'] }, trainedOn: { speakers: ['a'] } }],
];

describe('speakersHeard()', () => {
  it.each(CARDS)('finds them in %s', (_, card) => {
    expect([...speakersHeard(card)].sort()).toEqual(['a', 'b']);
  });
  it('takes numbers for names, and passes over what is none', () => {
    expect(speakersHeard({ speakers: [1001, null, {}, 'b'] })).toEqual(new Set(['1001', 'b']));
    for (const card of [undefined, {}, { speakers: 71 }, { speakers: null, trainedOn: 'CREMA-D' }]) {
      expect(speakersHeard(card).size).toBe(0);
    }
  });
  it.each(CARDS)('is what a recognizer refuses by: %s', (_, card) => {
    const clip = (speakerId: string) => ({ id: speakerId, speakerId, label: 'x', load: () => Promise.reject() });
    const split = { train: [clip('a')], validation: [], test: [clip('b')], overlappingSpeakers: [] };
    expect(() => seenSpeakers(tinyXvector(1, card), split, false)).toThrow('got ones trained on b');
    expect(seenSpeakers(tinyXvector(1, card), split, true)).toEqual({ validation: [], test: ['b'] });
  });
});
