import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabelledClip } from '../../src/core/labelled-clip.ts';
import { type ClipEmbedding, type EmbedCorpusOptions, embedCorpus } from '../../src/node/embed-corpus.ts';
import { createXvector } from '../../src/xvector/create-xvector.ts';
import { tinyXvector } from '../support/tiny-xvector.ts';
import { soundClips } from './corpus-support.ts';
import '../../src/wasm/index.ts';

const dir = mkdtempSync(join(tmpdir(), 'ser-kit-embed-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const weights = tinyXvector();

async function all(
  clips: readonly LabelledClip[],
  options?: EmbedCorpusOptions,
  of = weights,
): Promise<ClipEmbedding[]> {
  const out: ClipEmbedding[] = [];
  for await (const each of embedCorpus(clips, of, options)) out.push(each);
  return out;
}

const filesOf = (cache: string): string[] =>
  readdirSync(cache, { recursive: true })
    .map((name) => join(cache, String(name)))
    .filter((name) => name.endsWith('.f32'))
    .sort();

describe('embedCorpus()', () => {
  beforeAll(async () => {
    await tf.setBackend('wasm');
  });

  it('gives what the network gives of each clip, in order, with or without a cache', async () => {
    const clips = soundClips(5);
    const before = tf.memory().numTensors;
    const embedder = createXvector(weights);
    const expected = [];
    for (const clip of clips) expected.push(await embedder.extract(await clip.load()));
    embedder.dispose();
    const cache = join(dir, 'same');
    for (const options of [{}, { cache }, { cache }]) {
      const got = await all(clips, options);
      expect(got.map(({ clip }) => clip.id)).toEqual(clips.map(({ id }) => id));
      expect(got.map(({ embedding }) => embedding)).toEqual(expected);
    }
    expect(tf.memory().numTensors).toBe(before);
    expect((await all(clips, { cache })).every((each) => each.embedding && each.resumed)).toBe(true);
  });

  it('goes on where it was left, and computes anew what was cut short or altered', async () => {
    const clips = soundClips(6);
    const cache = join(dir, 'left');
    let seen = 0;
    for await (const _ of embedCorpus(clips, weights, { cache })) if (++seen === 3) break;
    expect(filesOf(cache)).toHaveLength(3);
    const [first, second] = filesOf(cache);
    truncateSync(first!, 70);
    const bytes = readFileSync(second!);
    bytes[66]! ^= 1;
    writeFileSync(second!, bytes);
    const progress: unknown[] = [];
    const got = await all(clips, { cache, onProgress: ({ computed, resumed }) => progress.push([computed, resumed]) });
    expect(progress.at(-1)).toEqual([5, 1]);
    expect(got.map(({ embedding }) => embedding)).toEqual((await all(clips)).map(({ embedding }) => embedding));
    expect(filesOf(cache)).toHaveLength(6);
  });

  it('keeps networks apart, and takes one with another card for the same', async () => {
    const cache = join(dir, 'apart');
    const clips = soundClips(2);
    await all(clips, { cache });
    const carded = await all(clips, { cache }, { ...weights, card: { name: 'x' } });
    expect(carded.every((each) => each.embedding && each.resumed)).toBe(true);
    const other = await all(clips, { cache }, tinyXvector(2));
    expect(other.some((each) => each.embedding && each.resumed)).toBe(false);
    expect(readdirSync(cache)).toHaveLength(2);
  });

  it('tells why a clip has none, and goes on', async () => {
    const [one, two] = soundClips(2);
    const empty = { ...one!, id: 'empty', load: async () => ({ samples: new Float32Array(0), sampleRate: 8000 }) };
    const nan = { ...one!, id: 'nan', load: async () => ({ samples: Float32Array.of(Number.NaN), sampleRate: 8000 }) };
    const got = await all([one!, empty, nan, two!]);
    expect(got.map(({ skipped }) => skipped?.code)).toEqual([undefined, 'empty', 'not-finite', undefined]);
  });

  it('ends at an abort, and refuses what it does not know', async () => {
    const controller = new AbortController();
    const work = all(soundClips(4), {
      signal: controller.signal,
      onProgress: ({ done }) => done === 2 && controller.abort(),
    });
    await expect(work).rejects.toMatchObject({ code: 'aborted', message: 'embedCorpus: aborted after 2 of 4 clips' });
    expect(() => embedCorpus([], weights, { workers: 2 } as never)).toThrow(/unknown option "workers"/);
    expect(() => embedCorpus({} as never, weights)).toThrow(/embedCorpus: clips expected an array/);
    expect(() => embedCorpus([], { frameLayers: [] } as never)).toThrow(/frontEnd expected object/);
  });
});
