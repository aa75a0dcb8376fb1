import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { augmentTraining, type Waveform } from '../../src/augment/index.ts';
import { createFrontEnd } from '../../src/clips/front-end.ts';
import type { LabelledClip } from '../../src/core/labelled-clip.ts';
import { openFolder } from '../../src/datasets/folder.ts';
import { createFeatureSet } from '../../src/features/feature-sets.ts';
import {
  type ClipFeatures,
  type CorpusProgress,
  type ExtractCorpusOptions,
  extractCorpus,
} from '../../src/node/extract-corpus.ts';
import { openDirectory } from '../../src/node/open-directory.ts';
import { useWorkers } from '../support/worker-bundle.ts';
import { contentsOf, SMALL, sound, soundClips, writeSounds } from './corpus-support.ts';

useWorkers();

let dir: string;
let cache: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ser-kit-'));
  cache = join(dir, 'cache');
});
afterEach(() => rm(dir, { recursive: true }));

async function all<C extends LabelledClip>(
  clips: readonly C[],
  options: ExtractCorpusOptions,
  features: Parameters<typeof extractCorpus>[1] = SMALL,
): Promise<ClipFeatures<C>[]> {
  const results: ClipFeatures<C>[] = [];
  for await (const result of extractCorpus(clips, features, options)) results.push(result);
  return results;
}

/** How many clips were computed, found, and skipped. */
async function counts(clips: readonly LabelledClip[], options: ExtractCorpusOptions = {}): Promise<number[]> {
  let last: CorpusProgress | undefined;
  const keep = (progress: CorpusProgress): void => {
    last = progress;
  };
  await all(clips, { workers: 0, cache, ...options, onProgress: keep });
  return [last!.computed, last!.resumed, last!.skipped];
}

/** What a run ends in. */
const errorOf = (run: Promise<unknown>): Promise<unknown> =>
  run.then(
    () => 'none',
    (error) => error,
  );

const entries = (): string[] => Object.keys(contentsOf(cache)).filter((path) => path.endsWith('.f32'));

describe('extractCorpus()', () => {
  it('gives the front end its very bits, in the order of the clips, whatever the number of workers, cached or not', async () => {
    const clips = soundClips(13);
    const frontEnd = createFrontEnd(SMALL);
    const expected = await Promise.all(clips.map(async (clip) => frontEnd.extract(await clip.load())));
    for (const options of [
      { workers: 0 },
      { workers: 1 },
      { workers: 3 },
      { workers: 2, cache },
      { workers: 2, cache },
    ]) {
      const found = await all(clips, options);
      expect(found.map(({ clip }) => clip.id)).toEqual(clips.map(({ id }) => id));
      expect(found.map(({ matrix }) => matrix)).toEqual(expected);
    }
  });

  it('takes a feature set by its name: resampled to its rate, the level as it is', async () => {
    const clip = { id: 'a', speakerId: 's', label: 'l', load: async () => sound(1, 0.3, 16000) };
    const [found] = await all([clip], { workers: 1, cache }, 'mfcc40.v1');
    const { data, frames, dims } = createFeatureSet('mfcc40.v1').extract(sound(1, 0.3, 16000));
    expect(found!.matrix).toEqual({ data, frames, dims });
    expect(readdirSync(cache)).toEqual(['mfcc40.v1']);
    const manifest = JSON.parse(readFileSync(join(cache, 'mfcc40.v1', 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({ format: 'ser-kit feature cache', dims: 40, frontEnd: { normalizeLevel: false } });
    expect(manifest.names[39]).toBe('mfcc39');
  });

  it('computes changed copies of clips from their samples, wherever the file of the original lies', async () => {
    const corpus = join(dir, 'corpus');
    await writeSounds(join(corpus, 'happy'), 2);
    const { clips } = await openFolder(openDirectory(corpus));
    const everySecond = ({ samples, sampleRate }: Waveform): Waveform => ({
      samples: samples.map((x, n) => (n % 2 === 0 ? x : 0)),
      sampleRate,
    });
    const { train } = augmentTraining({ train: clips, validation: [], test: [] }, everySecond, { seed: 1 });
    const valuesOf = async (options: ExtractCorpusOptions) => {
      const values: unknown[] = [];
      // A path that a copy was given by hand is not looked at.
      const copies = train.map((clip) => ({ ...clip, path: 'happy/none.wav' })).filter((clip) => clip.augmentedFrom);
      for await (const each of extractCorpus([...train, ...copies], SMALL, options)) values.push(each.matrix?.data);
      return values;
    };
    const here = await valuesOf({ workers: 0 });
    expect(here).toHaveLength(6);
    expect(here[1]).not.toEqual(here[0]);
    expect(here).not.toContain(undefined);
    expect(await valuesOf({ workers: 0, dir: corpus })).toEqual(here);
  });

  it('lets the workers read the files of clips with a path, with the same results as loading them here', async () => {
    const corpus = join(dir, 'corpus');
    await writeSounds(join(corpus, 'happy'), 5);
    writeFileSync(join(corpus, 'happy', 'broken.wav'), 'RIFF and no more');
    const { clips } = await openFolder(openDirectory(corpus));
    expect(clips).toHaveLength(6);
    const here = await all(clips, { workers: 0 });
    expect(await all(clips, { workers: 2, dir: corpus })).toEqual(here);
    expect(await all(clips, { workers: 0, dir: corpus })).toEqual(here);
    // That they do read there, and not by load():
    const unloadable = clips.map((clip) => ({ ...clip, load: () => Promise.reject(new Error('not to be called')) }));
    expect((await all(unloadable, { workers: 2, dir: corpus })).map(({ matrix }) => matrix)).toEqual(
      here.map(({ matrix }) => matrix),
    );
  });

  it('leaves the samples that a clip hands out with their owner', async () => {
    const waveform = sound(1);
    const clip = { id: 'a', speakerId: 's', label: 'l', load: async () => waveform };
    await all([clip, clip], { workers: 1 });
    expect(waveform.samples).toEqual(sound(1).samples);
  });

  it('collects clips that cannot be used with their reasons, and goes on', async () => {
    const clip = (id: string, load: LabelledClip['load']): LabelledClip => ({ id, speakerId: 's', label: 'l', load });
    const clips = [
      clip('gone', () => Promise.reject(new TypeError('fetch failed'))),
      clip('silent', async () => ({ samples: new Float32Array(4000), sampleRate: 8000 })),
      clip('none', async () => ({ samples: new Float32Array(0), sampleRate: 8000 })),
      clip('nan', async () => ({ samples: Float32Array.of(0, Number.NaN), sampleRate: 8000 })),
      clip('one', async () => ({ samples: Float32Array.of(0.5), sampleRate: 8000 })),
      clip('good', async () => sound(1)),
    ];
    const here = await all(clips, { workers: 0 });
    expect(here.map(({ clip: { id }, skipped }) => `${id} ${skipped?.code ?? 'good'}`)).toEqual([
      'gone not-found',
      'silent good',
      'none empty',
      'nan not-finite',
      'one good',
      'good good',
    ]);
    expect(here[0]!.skipped!.message).toBe('gone: cannot be loaded (fetch failed)');
    expect(await all(clips, { workers: 2, cache })).toEqual(here);
    expect(await counts(clips)).toEqual([0, 3, 3]);
  });

  it('tells how far it is after every clip', async () => {
    const told: CorpusProgress[] = [];
    await all(soundClips(3), { workers: 0, onProgress: (progress) => told.push(progress) });
    expect(told.map(({ done, total, computed }) => [done, total, computed])).toEqual([
      [1, 3, 1],
      [2, 3, 2],
      [3, 3, 3],
    ]);
    expect(told[2]!.durationSec).toBeCloseTo(0.2 + 0.25 + 0.3, 6);
  });

  it('loads a few clips ahead of who reads the results, and not the corpus', async () => {
    let loaded = 0;
    const clips = soundClips(40).map((clip) => ({
      ...clip,
      load: () => {
        loaded++;
        return clip.load();
      },
    }));
    const results = extractCorpus(clips, SMALL, { workers: 2 });
    await results.next();
    await new Promise((done) => setTimeout(done, 300));
    expect(loaded).toBeLessThanOrEqual(9);
    await results.return();
    const one = extractCorpus(clips, SMALL, { workers: 0 });
    loaded = 0;
    await one.next();
    expect(loaded).toBe(1);
  });

  it('of no clips is nothing', async () => {
    expect(await all([], {})).toEqual([]);
  });

  it("ends with 'aborted' when the signal fires, before the first clip or between two", async () => {
    const error = await errorOf(all(soundClips(3), { workers: 0, signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ code: 'aborted', message: 'extractCorpus: aborted after 0 of 3 clips' });
    for (const workers of [0, 2]) {
      const controller = new AbortController();
      const onProgress = ({ done }: CorpusProgress): void => {
        if (done === 5) controller.abort();
      };
      const run = all(soundClips(30), { workers, cache, signal: controller.signal, onProgress });
      expect(await errorOf(run)).toMatchObject({
        code: 'aborted',
        message: 'extractCorpus: aborted after 5 of 30 clips',
      });
    }
    const [computed, resumed] = await counts(soundClips(30));
    expect(resumed).toBeGreaterThanOrEqual(5);
    expect(computed! + resumed!).toBe(30);
  });

  it('refuses unknown options, sets and front ends at once', () => {
    const clips = soundClips(1);
    expect(() => extractCorpus(clips, SMALL, { worker: 2 } as never)).toThrow(
      /^extractCorpus: unknown option "worker" \(known: workers, cache, dir, signal, onProgress\)/,
    );
    expect(() => extractCorpus(clips, SMALL, { workers: -1 })).toThrow(/workers expected >= 0, got -1/);
    expect(() => extractCorpus(clips, 'mfcc40.v9')).toThrow(
      /^extractCorpus: name expected one of mfcc40.v1.*got "mfcc40.v9"/,
    );
    expect(() => extractCorpus(clips, { sampleRate: 3 })).toThrow(/sampleRate expected >= 1000, got 3/);
    expect(() => extractCorpus('corpus' as never, SMALL)).toThrow(/clips expected an array of clips, got "corpus"/);
  });
});

describe('the cache of extractCorpus()', () => {
  it('is left alone where a newer ser-kit made it', async () => {
    await all(soundClips(2), { cache, workers: 0 });
    const manifest = Object.keys(contentsOf(cache)).find((path) => path.endsWith('manifest.json'))!;
    const text = readFileSync(join(cache, manifest), 'utf8');
    writeFileSync(join(cache, manifest), text.replace('"version": 1', '"version": 2'));
    const before = contentsOf(cache);
    await expect(all(soundClips(2), { cache, workers: 0 })).rejects.toMatchObject({
      code: 'newer-version',
      message: expect.stringMatching(/^extractCorpus: \S*manifest\.json: expected .* reads version 1: update it$/),
    });
    expect(contentsOf(cache)).toEqual(before);
    // One that is no JSON, or another file's, is written anew.
    writeFileSync(join(cache, manifest), 'no JSON');
    await all(soundClips(2), { cache, workers: 0 });
    expect(readFileSync(join(cache, manifest), 'utf8')).toBe(text);
  });

  it('has the same bytes whether one thread fills it or several, and is then not written again', async () => {
    const clips = soundClips(12);
    expect(await counts(clips)).toEqual([12, 0, 0]);
    const written = contentsOf(cache);
    expect(Object.keys(written)).toHaveLength(13);
    await all(clips, { workers: 3, cache: join(dir, 'other') });
    expect(contentsOf(join(dir, 'other'))).toEqual(written);
    expect(await counts(clips)).toEqual([0, 12, 0]);
    expect(contentsOf(cache)).toEqual(written);
  });

  it('goes by what a clip sounds like, not by its name: the same samples at another rate are another clip', async () => {
    const clip = (id: string, sampleRate: number): LabelledClip => {
      return { id, speakerId: 's', label: 'l', load: async () => ({ ...sound(1), sampleRate }) };
    };
    expect(await counts([clip('a', 8000), clip('b', 8000)])).toEqual([1, 1, 0]);
    expect(await counts([clip('a', 11025)])).toEqual([1, 0, 0]);
  });

  it('keeps front ends apart, and takes one by its meaning, not by the order of its keys', async () => {
    const clips = soundClips(2);
    await counts(clips);
    await all(clips, { workers: 0, cache }, { ...SMALL, normalizeLevel: false });
    expect(readdirSync(cache)).toHaveLength(2);
    const other = {
      features: [
        { deltas: [1], options: { hopLength: 128, frameLength: 256 }, name: 'rms' },
        { options: { frameLength: 256, hopLength: 128 }, name: 'zcr' },
      ],
      sampleRate: 8000,
    };
    const again = await all(clips, { workers: 0, cache }, other as typeof SMALL);
    expect(again.map((result) => 'resumed' in result && result.resumed)).toEqual([true, true]);
  });

  it('computes an entry anew that was cut short, altered, or put into another one’s place', async () => {
    const clips = soundClips(4);
    await counts(clips);
    const written = contentsOf(cache);
    const [first, second, third, fourth] = entries().map((path) => join(cache, path));
    truncateSync(first!, 100);
    const bytes = readFileSync(second!);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(second!, bytes);
    writeFileSync(third!, readFileSync(fourth!));
    expect(contentsOf(cache)).not.toEqual(written);
    expect(await counts(clips)).toEqual([3, 1, 0]);
    expect(contentsOf(cache)).toEqual(written);
    writeFileSync(first!, '');
    const header = readFileSync(second!);
    header[12]! ^= 1; // the number of frames
    writeFileSync(second!, header);
    expect(await counts(clips)).toEqual([2, 2, 0]);
    expect(contentsOf(cache)).toEqual(written);
  });

  it('clears away what killed processes left half written, and nothing that a living one is writing', async () => {
    await counts(soundClips(1));
    const folder = join(cache, readdirSync(cache)[0]!);
    const { hostname } = await import('node:os');
    const name = (pid: number): string =>
      `.${hostname().replace(/[^\w-]/g, '_')}.${pid}.00000000-0000-4000-8000-000000000000.tmp`;
    writeFileSync(join(folder, name(2 ** 22 + 1)), 'half');
    writeFileSync(join(folder, name(process.pid)), 'half');
    await counts(soundClips(1));
    expect(existsSync(join(folder, name(2 ** 22 + 1)))).toBe(false);
    expect(existsSync(join(folder, name(process.pid)))).toBe(true);
  });

  it('is shared by two runs of one process at once without harm', async () => {
    const clips = soundClips(20);
    await Promise.all([all(clips, { workers: 2, cache }), all([...clips].reverse(), { workers: 2, cache })]);
    expect(await counts(clips)).toEqual([0, 20, 0]);
    expect(Object.keys(contentsOf(cache))).toHaveLength(21);
  });

  it("says 'not-writable' at once where its folder cannot be made, and from the loop where a clip cannot be written", async () => {
    writeFileSync(join(dir, 'file'), '');
    expect(() => extractCorpus(soundClips(1), SMALL, { cache: join(dir, 'file') })).toThrow(
      expect.objectContaining({
        code: 'not-writable',
        message: expect.stringMatching(/file: the cache cannot be written: a file lies where a folder has to be$/),
      }),
    );
    await counts(soundClips(1));
    const folder = join(cache, readdirSync(cache)[0]!);
    // A folder in the place of the entry stands in for a full disk, which root could fill too.
    const clips = soundClips(2);
    const { hash } = (await all([clips[1]!], { workers: 0 }))[0] as { hash: string };
    mkdirSync(join(folder, hash.slice(0, 2), `${hash}.f32`, 'inside'), { recursive: true });
    for (const workers of [0, 2]) {
      expect(await errorOf(all(clips, { workers, cache }))).toMatchObject({ code: 'not-writable' });
    }
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    if (process.getuid?.() !== 0) {
      chmodSync(folder, 0o500);
      expect(await errorOf(all(soundClips(9), { workers: 0, cache }))).toMatchObject({ code: 'not-writable' });
      chmodSync(folder, 0o700);
    }
  });
});
