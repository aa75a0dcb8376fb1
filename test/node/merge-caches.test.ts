import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LabelledClip } from '../../src/core/labelled-clip.ts';
import { extractCorpus } from '../../src/node/extract-corpus.ts';
import { mergeCaches } from '../../src/node/merge-caches.ts';
import { shardOf } from '../../src/node/shard-of.ts';
import { contentsOf, SMALL, soundClips } from './corpus-support.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ser-kit-'));
});
afterEach(() => rm(dir, { recursive: true }));

const at = (name: string): string => join(dir, name);

async function fill(
  clips: readonly LabelledClip[],
  name: string,
  features: Parameters<typeof extractCorpus>[1] = SMALL,
) {
  for await (const _ of extractCorpus(clips, features, { workers: 0, cache: at(name) }));
}

/** Rewrites the manifest of a cache's first key, or takes it away. */
function editManifest(name: string, change: ((text: string) => string) | undefined): void {
  const path = Object.keys(contentsOf(at(name))).find((each) => each.endsWith('manifest.json'))!;
  if (change === undefined) rmSync(join(at(name), path));
  else writeFileSync(join(at(name), path), change(readFileSync(join(at(name), path), 'utf8')));
}

describe('shardOf()', () => {
  const clips = soundClips(10);

  it('parts the clips by the order of their ids: each in one part, sizes that differ by one at most', () => {
    const parts = [1, 2, 3].map((index) => shardOf(clips, { index, of: 3 }).map(({ id }) => id));
    expect(parts.map((part) => part.length)).toEqual([4, 3, 3]);
    expect(parts.flat().sort()).toEqual(clips.map(({ id }) => id));
    expect(parts[1]).toEqual(['c01', 'c04', 'c07']);
  });

  it('gives the same part whatever order the clips come in, and keeps that order', () => {
    const reversed = shardOf([...clips].reverse(), { index: 2, of: 3 }).map(({ id }) => id);
    expect(reversed).toEqual(['c07', 'c04', 'c01']);
  });

  it('of more parts than clips is one clip or none; one of one is all', () => {
    expect(shardOf(clips, { index: 11, of: 11 })).toEqual([]);
    expect(shardOf(clips, { index: 1, of: 1 })).toEqual(clips);
    expect(shardOf([], { index: 1, of: 2 })).toEqual([]);
  });

  it.each([
    { index: 0, of: 2 },
    { index: 3, of: 2 },
    { index: 1.5, of: 2 },
    { index: 1, of: 2, seed: 3 },
  ])('refuses %j', (shard) => {
    expect(() => shardOf(clips, shard)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});

describe('shardOf() of what is no list', () => {
  it('is refused', () => {
    expect(() => shardOf(undefined as never, { index: 1, of: 1 })).toThrow(
      expect.objectContaining({
        code: 'bad-input',
        message: 'shardOf: clips expected an array of clips, got undefined',
      }),
    );
  });
});

describe('mergeCaches()', () => {
  it('brings the shards of a corpus together: the bytes of one run over all of it', async () => {
    const clips = soundClips(11);
    for (const index of [1, 2, 3]) await fill(shardOf(clips, { index, of: 3 }), `part-${index}`);
    await fill(clips, 'whole');
    const parts = [1, 2, 3].map((index) => at(`part-${index}`));
    expect(await mergeCaches(parts, at('merged'))).toEqual({ copied: 11, already: 0, damaged: 0 });
    expect(contentsOf(at('merged'))).toEqual(contentsOf(at('whole')));
    expect(await mergeCaches(parts, at('merged'))).toEqual({ copied: 0, already: 11, damaged: 0 });
    expect(await mergeCaches(parts, parts[0]!)).toEqual({ copied: 7, already: 4, damaged: 0 });
    expect(contentsOf(parts[0]!)).toEqual(contentsOf(at('whole')));
  });

  it('keeps several front ends side by side', async () => {
    await fill(soundClips(2), 'a');
    await fill(soundClips(2), 'b', { ...SMALL, normalizeLevel: false });
    expect(await mergeCaches([at('a'), at('b')], at('out'))).toMatchObject({ copied: 4 });
  });

  it('leaves damaged entries out and counts them, and takes the whole one of another cache', async () => {
    await fill(soundClips(3), 'a');
    await fill(soundClips(3), 'b');
    const path = Object.keys(contentsOf(at('a'))).find((each) => each.endsWith('.f32'))!;
    writeFileSync(join(at('a'), path), readFileSync(join(at('a'), path)).subarray(0, -4));
    expect(await mergeCaches([at('a')], at('out'))).toEqual({ copied: 2, already: 0, damaged: 1 });
    expect(await mergeCaches([at('a'), at('b')], at('out'))).toEqual({ copied: 1, already: 4, damaged: 1 });
    expect(contentsOf(at('out'))).toEqual(contentsOf(at('b')));
  });

  it('refuses folders that are no caches, and numbers of other versions under one name', async () => {
    mkdirSync(at('empty'));
    await expect(mergeCaches([at('empty')], at('out'))).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/empty: expected a cache of features, got a folder without one$/),
    });
    await expect(mergeCaches([at('none')], at('out'))).rejects.toThrow(/got no such folder$/);
    await expect(mergeCaches([], at('out'))).rejects.toMatchObject({ code: 'bad-input' });
    await fill(soundClips(1), 'a');
    await fill(soundClips(1), 'b');
    const manifest = Object.keys(contentsOf(at('b'))).find((each) => each.endsWith('manifest.json'))!;
    const text = readFileSync(join(at('b'), manifest), 'utf8');
    writeFileSync(join(at('b'), manifest), text.replace(/"fingerprint": "../, '"fingerprint": "zz'));
    await expect(mergeCaches([at('a'), at('b')], at('out'))).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/others of the same name; they were made by different versions of ser-kit$/),
    });
  });

  it('copies nothing where one of the caches means other numbers than another', async () => {
    await fill(soundClips(2), 'a');
    await fill(soundClips(2), 'b', { ...SMALL, normalizeLevel: false });
    await fill(soundClips(2), 'c', { ...SMALL, normalizeLevel: false });
    editManifest('c', (text) => text.replace(/"fingerprint": "../, '"fingerprint": "zz'));
    await expect(mergeCaches([at('a'), at('b'), at('c')], at('out'))).rejects.toMatchObject({ code: 'bad-input' });
    expect(existsSync(at('out'))).toBe(false);
    await expect(mergeCaches([at('a'), at('b')], at('c'))).rejects.toMatchObject({ code: 'bad-input' });
    expect(Object.keys(contentsOf(at('c')))).toHaveLength(3);
  });

  it.each([
    ['is cut short', (text: string) => text.slice(0, 40), 'bad-format', /got no JSON; computing/],
    ['is gone', undefined, 'bad-format', /got entries without one/],
    ['is null', () => 'null', 'bad-format', /got another file/],
    ['lacks its fingerprint', (text: string) => text.replace('"fingerprint"', '"print"'), 'bad-format', /is damaged/],
    [
      'is of a newer version',
      (text: string) => text.replace('"version": 1', '"version": 2'),
      'newer-version',
      /update/,
    ],
  ] as const)('drops no key in silence: it refuses one whose manifest %s', async (_, change, code, message) => {
    await fill(soundClips(2), 'a');
    await fill(soundClips(2), 'b', { ...SMALL, normalizeLevel: false });
    await fill(soundClips(2), 'a', { ...SMALL, normalizeLevel: false });
    editManifest('a', change);
    const error = { code, message: expect.stringMatching(message) };
    await expect(mergeCaches([at('b'), at('a')], at('out'))).rejects.toMatchObject(error);
    expect(existsSync(at('out'))).toBe(false);
    await expect(mergeCaches([at('b')], at('a'))).rejects.toMatchObject(error);
  });

  it('passes by folders that are no part of a cache', async () => {
    await fill(soundClips(2), 'a');
    mkdirSync(join(at('a'), 'notes', 'ab'), { recursive: true });
    writeFileSync(join(at('a'), 'notes', 'manifest.json'), '{"format":"other"}');
    writeFileSync(join(at('a'), 'notes', 'ab', 'cd.txt'), 'a note');
    expect(await mergeCaches([at('a')], at('out'))).toEqual({ copied: 2, already: 0, damaged: 0 });
  });

  it('refuses an `out` that is no path, so that nothing lands in the working directory', async () => {
    await fill(soundClips(1), 'a');
    for (const out of ['', undefined, 3]) {
      await expect(mergeCaches([at('a')], out as never)).rejects.toMatchObject({
        code: 'bad-option',
        message: expect.stringMatching(/^mergeCaches: out expected the path of a folder, got /),
      });
    }
  });

  it("says 'not-writable' where `out` cannot be made", async () => {
    await fill(soundClips(1), 'a');
    writeFileSync(at('file'), '');
    await expect(mergeCaches([at('a')], at('file'))).rejects.toMatchObject({ code: 'not-writable' });
  });
});
