import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeWav } from '../../src/audio/wav-reader.ts';
import { encodeWav } from '../../src/audio/wav-writer.ts';
import { createFrontEnd } from '../../src/clips/front-end.ts';
import { renderSyntheticCorpus } from '../../src/datasets/synthetic/synthetic-corpus.ts';
import { createFeatureSet, featureSets } from '../../src/features/feature-sets.ts';
import { functionals } from '../../src/features/functionals.ts';
import { FEATURE_NAMES } from '../../src/features/named-features.ts';
import { writeDirectory } from '../../src/node/write-directory.ts';
import { contentsOf, SMALL, sound, writeSounds } from '../node/corpus-support.ts';
import { useWorkers } from '../support/worker-bundle.ts';
import { ran, TINY, temporaryFolder } from './support.ts';

useWorkers();

const folder = temporaryFolder();
const at = (...parts: string[]): string => join(folder, ...parts);
const corpus = at('corpus');
const frontEnd = at('front-end.json');

beforeAll(async () => {
  await writeSounds(join(corpus, 'below'), 7);
  writeFileSync(join(corpus, 'broken.wav'), 'no sound');
  writeFileSync(frontEnd, JSON.stringify(SMALL));
});

const fill = (out: string, ...more: string[]) =>
  ran('features', corpus, '--front-end', frontEnd, '--out', at(out), '--workers', '0', ...more);

describe('ser-kit features DIR', () => {
  it('fills a cache, and finds it filled the next time, with any number of workers', async () => {
    const first = await fill('cache', '--json');
    expect(first).toMatchObject({ status: 1, err: expect.stringMatching(/skipped broken\.wav: .*; name a recording/) });
    expect(JSON.parse(first.out)).toMatchObject({
      ...{ out: at('cache'), dims: 3, clips: 8, computed: 7, resumed: 0, duplicates: 0, csv: null },
      skipped: [{ id: 'broken.wav', code: 'bad-format' }],
    });
    const { files } = JSON.parse(first.out);
    expect(Object.keys(files)).toEqual([0, 1, 2, 3, 4, 5, 6].map((i) => `below/c00${i}.wav`));
    const bytes = readFileSync(at('cache', files['below/c003.wav']));
    const expected = createFrontEnd(SMALL).extract(decodeWav(readFileSync(join(corpus, 'below', 'c003.wav'))));
    expect([...new Float32Array(new Uint8Array(bytes.subarray(64)).buffer)]).toEqual([...expected.data]);
    expect([bytes.readUInt32LE(12), bytes.readUInt32LE(16)]).toEqual([expected.frames, expected.dims]);

    const again = await ran('features', corpus, '--front-end', frontEnd, '--out', at('cache'), '--workers', '2');
    expect(again).toMatchObject({ status: 1 });
    expect(again.out).toMatch(/3 dimensions: 7 clips in \S+cache, 0 computed and 7 there before/);
    expect(again.out).toMatch(/\n1 clip cannot be used\n$/);
    await ran('features', corpus, '--front-end', frontEnd, '--out', at('threads'), '--workers', '2');
    expect(contentsOf(at('threads'))).toEqual(contentsOf(at('cache')));
  });

  it('computes shards, and merges them to the bytes of the whole', async () => {
    const one = await fill('part-1', '--shard', '1/2');
    expect(one.err).toContain('shard 1/2: 4 of 8 WAV files');
    await fill('part-2', '--shard', '2/2');
    await fill('whole');
    const merged = await ran('features', '--merge', at('part-1'), at('part-2'), '--out', at('merged'));
    expect(merged).toEqual({ status: 0, out: `${at('merged')}: 7 entries copied, 0 there before\n`, err: '' });
    expect(contentsOf(at('merged'))).toEqual(contentsOf(at('whole')));
    const json = (await ran('features', '--merge', at('part-1'), '--out', at('merged'), '--json')).out;
    expect(JSON.parse(json)).toEqual({ out: at('merged'), copied: 0, already: 4, damaged: 0 });
  });

  it('ends with 130 when interrupted, and goes on from there', async () => {
    await writeSounds(at('long'), 40, 4);
    const args = ['features', at('long'), '--set', 'mfcc40.v1', '--out', at('long-cache'), '--workers', '1'];
    const running = ran(...args);
    const wait = setInterval(() => {
      if (!existsSync(at('long-cache', 'mfcc40.v1', 'manifest.json'))) return;
      if (Object.keys(contentsOf(at('long-cache'))).filter((path) => path.endsWith('.f32')).length < 3) return;
      clearInterval(wait);
      process.emit('SIGINT');
    }, 5);
    const ended = await running;
    clearInterval(wait);
    expect(ended).toMatchObject({ status: 130, out: '' });
    expect(ended.err).toMatch(/ser-kit: interrupted after \d+ of 40 clips; the same command goes on from there\n$/);
    const { computed, resumed } = JSON.parse((await ran(...args, '--json')).out);
    expect(resumed).toBeGreaterThanOrEqual(3);
    expect(computed + resumed).toBe(40);
  });

  it('says what is missing or wrong', async () => {
    const wav = join(corpus, 'below', 'c000.wav');
    const wrong: [string[], RegExp][] = [
      [[], /features expected a WAV file or a folder, or --list, or --merge/],
      [[corpus], /expected --set NAME or --front-end FILE/],
      [[corpus, '--set', 'mfcc40.v1'], /expected --out CACHE .*, or --csv FILE/],
      [[corpus, '--set', 'mfcc40.v1', '--csv', ''], /expected --out CACHE .*, or --csv FILE/],
      [[wav, '--csv', at('x')], /--csv expected a folder of recordings/],
      [
        [wav, join(corpus, 'below', 'c001.wav'), '--set', 'mfcc40.v1'],
        /expected one WAV file or one folder, got 2; name the folder that they lie in: ser-kit features .*below\n$/,
      ],
      [[wav, join(corpus, 'broken.wav')], /expected one WAV file or one folder, got 2; for several recordings name a/],
      [[corpus, '--set', 'mfcc41.v1', '--out', at('x')], /name expected one of mfcc40.v1, .*got "mfcc41.v1"/],
      [
        [corpus, '--set', 'nMfcc=13', '--out', at('x')],
        /--set expected the name of a feature set, got nMfcc=13; options are given by --option/,
      ],
      [
        [corpus, '--set', 'mfcc40.v1', '--front-end', frontEnd, '--out', at('x')],
        /expected one of --set and --front-end/,
      ],
      [[corpus, '--front-end', frontEnd, '--out', at('x'), '--shard', '3/2'], /expected i\/n with i from 1 to n/],
      [[corpus, '--front-end', frontEnd, '--out', at('x'), '--workers', 'all'], /expected a whole number >= 0/],
      [[wav, '--out', at('x')], /--out expected a folder of recordings/],
      [[wav, '--set', 'mfcc40.v1', '--option', 'nMfcc=3'], /--option expected --feature/],
      [['--merge', at('cache')], /--merge expected --out CACHE/],
      [['--merge', at('cache'), '--out', ''], /--merge expected --out CACHE/],
      [[corpus, '--set', 'mfcc40.v1', '--out', ''], /expected --out CACHE/],
      [
        ['--out', at('x'), '--set', 'mfcc40.v1', '--shard', '1/2', '--merge', at('cache')],
        /--merge expected nothing beside it but --out and --json, got --set --shard/,
      ],
      [[corpus, '--list'], /--list expected nothing beside it but --json, got .*corpus/],
      [['--list', '--set', 'mfcc40.v1'], /--list expected nothing beside it but --json, got --set/],
      [[corpus, '--set', 'mfcc40.v1', '--feature', 'rms', '--out', at('x')], /expected one of --feature and --set/],
      [[corpus, '--feature', 'rms', '--out', at('x')], /--feature expected a WAV file, got the folder/],
    ];
    for (const [args, message] of wrong) {
      expect(await ran('features', ...args)).toMatchObject({ status: 2, out: '', err: expect.stringMatching(message) });
    }
    mkdirSync(at('no-sound'));
    const failed: [string[], RegExp][] = [
      [
        [at('no-sound'), '--set', 'mfcc40.v1', '--out', at('x')],
        /^ser-kit: .*no-sound: expected WAV files, got none\n$/,
      ],
      [
        [corpus, '--front-end', frontEnd, '--out', wav],
        /^ser-kit: .*c000\.wav: the cache cannot be written: a file lies/,
      ],
      [
        [corpus, '--front-end', frontEnd, '--csv', at('none', 'x.csv')],
        /^ser-kit: .*x\.csv: cannot be written: there is no such folder\n$/,
      ],
      [[corpus, '--front-end', frontEnd, '--csv', corpus], /^ser-kit: .*corpus: cannot be written: a folder lies/],
      [['--merge', at('no-sound'), '--out', at('x')], /^ser-kit: .*no-sound: expected a cache of features/],
    ];
    for (const [args, message] of failed) {
      expect(await ran('features', ...args)).toMatchObject({ status: 1, out: '', err: expect.stringMatching(message) });
    }
    expect(existsSync(at('x'))).toBe(false);
  });
});

describe('ser-kit features DIR, of files that are odd', () => {
  it('ends with 0 where every file was of use, and counts the same sound under two names once', async () => {
    await writeSounds(at('twice'), 3);
    writeFileSync(at('twice', 'd.wav'), readFileSync(at('twice', 'c001.wav')));
    const args = ['features', at('twice'), '--front-end', frontEnd, '--out', at('twice-cache'), '--workers'];
    for (const [workers, words] of [
      ['0', ': 3 computed, 0 there before and 1 with the same sound as others'],
      ['2', ': 0 computed, 3 there before and 1 with the same sound as others'],
    ] as const) {
      const { status, out } = await ran(...args, workers);
      expect([status, out.includes(`4 clips in ${at('twice-cache')}, ${words.slice(2)}`)]).toEqual([0, true]);
    }
    const json = JSON.parse((await ran(...args, '2', '--json')).out);
    expect(json).toMatchObject({ clips: 4, computed: 0, resumed: 3, duplicates: 1 });
    expect(json.files['d.wav']).toBe(json.files['c001.wav']);
  });

  it('names eleven files that cannot be used, a link to nowhere among them, and of twelve the first ten', async () => {
    await writeSounds(at('bad'), 1);
    symlinkSync(at('nowhere'), at('bad', 'link.wav'));
    for (let i = 0; i < 10; i++) writeFileSync(at('bad', `b${i}.wav`), 'no sound');
    const args = ['features', at('bad'), '--front-end', frontEnd, '--out', at('bad-cache'), '--workers', '0'];
    const eleven = await ran(...args);
    expect(eleven.status).toBe(1);
    expect(eleven.err.match(/^skipped \w+\.wav: /gm)).toHaveLength(11);
    expect(eleven.err).toContain('skipped link.wav: no such file\n');
    expect(eleven.err).not.toContain('more');
    writeFileSync(at('bad', 'z.wav'), 'no sound');
    const { err } = await ran(...args);
    expect(err.match(/^skipped \w+\.wav: /gm)).toHaveLength(10);
    expect(err).toMatch(/\nskipped 2 more clips\n$/);
  });

  it('ends with 1 where a merge had to leave damaged entries out', async () => {
    await writeSounds(at('three'), 3);
    const { out } = await ran('features', at('three'), '--front-end', frontEnd, '--out', at('three-cache'), '--json');
    const entry = at('three-cache', JSON.parse(out).files['c001.wav']);
    writeFileSync(entry, readFileSync(entry).subarray(0, -4));
    expect(await ran('features', '--merge', at('three-cache'), '--out', at('three-merged'))).toEqual({
      status: 1,
      out: `${at('three-merged')}: 2 entries copied, 0 there before\n`,
      err: '1 entries were damaged and left out; run `ser-kit features` again for them\n',
    });
  });
});

describe('ser-kit features DIR --csv', () => {
  it('writes a line a recording, in their order: path and functionals', async () => {
    writeFileSync(at('voiced.json'), JSON.stringify({ ...SMALL, features: [{ name: 'rms' }, { name: 'zcr' }] }));
    const args = ['features', corpus, '--front-end', at('voiced.json'), '--workers', '2', '--csv'];
    const { status, out, err } = await ran(...args, at('all.csv'));
    expect([status, err.match(/^skipped/gm)?.length]).toEqual([1, 1]);
    expect(out).toContain(`7 clips in ${at('all.csv')}, 7 computed`);
    const [header, ...lines] = readFileSync(at('all.csv'), 'utf8').trimEnd().split('\n');
    const expected = functionals({
      ...createFrontEnd({ ...SMALL, features: [{ name: 'rms' }, { name: 'zcr' }] }).extract(
        decodeWav(readFileSync(join(corpus, 'below', 'c003.wav'))),
      ),
      names: ['rms', 'zcr'],
    });
    expect(header).toBe(['path', ...expected.names].join(','));
    expect(lines.map((line) => line.split(',')[0])).toEqual([0, 1, 2, 3, 4, 5, 6].map((i) => `below/c00${i}.wav`));
    expect(lines[3]!.split(',').slice(1).map(Number)).toEqual([...expected.values]);
    // With a cache as well, and from a full one, the same bytes; and nothing half written is left.
    for (let time = 0; time < 2; time++) {
      await ran(...args, at('with-cache.csv'), '--out', at('csv-cache'));
      expect(readFileSync(at('with-cache.csv'))).toEqual(readFileSync(at('all.csv')));
    }
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('takes the values of a front end that summarises already, and quotes what holds a comma', async () => {
    const summed = { ...SMALL, functionals: { statistics: ['mean'], percentiles: [], voiced: { mask: 'rms' } } };
    writeFileSync(at('summed.json'), JSON.stringify(summed));
    await writeSounds(at('a, b'), 1);
    writeFileSync(at('a, b', 'x,"y".wav'), readFileSync(at('a, b', 'c000.wav')));
    await ran('features', at('a, b'), '--front-end', at('summed.json'), '--csv', at('summed.csv'));
    const [header, first, second] = readFileSync(at('summed.csv'), 'utf8').split('\n');
    expect(header).toBe(`path,mean(rms),"mean(${createFrontEnd(SMALL).names[1]}, voiced)","mean(zcr, voiced)"`);
    expect(first!.split(',')).toHaveLength(4);
    expect(second).toMatch(/^"x,""y""\.wav",/);
    expect(second!.slice('"x,""y"".wav",'.length)).toBe(first!.slice('c000.wav,'.length));
    const file = await ran('features', at('a, b', 'c000.wav'), '--front-end', at('summed.json'));
    expect(file.out.split('\n')[0]).toBe(header!.slice('path,'.length));
  });

  it('leaves a table of an earlier run in its place where it is interrupted', async () => {
    await writeSounds(at('slow'), 40, 4);
    writeFileSync(at('kept.csv'), 'before');
    const running = ran('features', at('slow'), '--set', 'mfcc40.v1', '--csv', at('kept.csv'), '--workers', '1');
    const wait = setInterval(() => {
      const part = readdirSync(folder).find((name) => name.startsWith('.kept.csv.'));
      if (part === undefined || readFileSync(at(part), 'utf8').split('\n').length < 3) return;
      clearInterval(wait);
      process.emit('SIGINT');
    }, 5);
    const ended = await running;
    clearInterval(wait);
    expect(ended).toMatchObject({ status: 130, err: expect.stringMatching(/of 40 clips; nothing was kept\n$/) });
    expect(readFileSync(at('kept.csv'), 'utf8')).toBe('before');
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('ser-kit features', () => {
  it('--list shows every feature set, with its dimensions', async () => {
    const { status, out } = await ran('features', '--list');
    expect(status).toBe(0);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(featureSets());
    expect(out).toMatch(/^mfcc40\.v1 +40 at 16000 Hz {2}40 MFCC/m);
    const json = JSON.parse((await ran('features', '--list', '--json')).out);
    expect(json[0]).toMatchObject({ name: 'mfcc40.v1', sampleRate: 16000, features: [{ name: 'mfcc' }] });
    expect(json[0].names).toHaveLength(40);
  });

  it('FILE --set gives the set at its own rate, --front-end the front end', async () => {
    const path = at('sound.wav');
    writeFileSync(path, encodeWav(sound(1, 0.5, 16000)));
    const waveform = decodeWav(readFileSync(path));
    const set = JSON.parse((await ran('features', path, '--set', 'mfcc40.v1', '--json')).out);
    const expected = createFeatureSet('mfcc40.v1').extract(waveform);
    expect(set).toEqual({ ...expected, data: [...expected.data] });
    const front = JSON.parse((await ran('features', path, '--front-end', frontEnd, '--json')).out);
    expect(front.data).toEqual([...createFrontEnd(SMALL).extract(waveform).data]);
    expect(front.names).toEqual(['rms', 'rms.delta1', 'zcr'].map((_, i) => createFrontEnd(SMALL).names[i]));
  });

  it('FILE --feature takes every feature that a recipe can name, also with dashes', async () => {
    const path = at('sound.wav');
    for (const name of FEATURE_NAMES) {
      const { status, err, out } = await ran('features', path, '--feature', name, '--json');
      expect([name, status, err]).toEqual([name, 0, '']);
      const { frames, dims, data } = JSON.parse(out);
      expect(data).toHaveLength(frames * dims);
    }
    expect((await ran('features', path, '--feature', 'log-mel')).status).toBe(0);
  });
});

describe('ser-kit train --cache --workers', () => {
  it('saves the very bytes of a training without them, from an empty cache and from a full one', async () => {
    await writeDirectory(
      at('spoken'),
      await renderSyntheticCorpus({ speakers: 6, sentences: 1, seed: 1, sampleRate: 8000 }),
    );
    const train = (run: string, ...more: string[]) => ran('train', at('spoken'), '--out', at(run), ...TINY, ...more);
    expect((await train('plain', '--workers', '0')).status).toBe(0);
    // All but the two files that tell how the training was called and how long it took.
    const trained = (run: string): Record<string, string> => {
      const { '/log.jsonl': _log, '/training.json': _options, ...results } = contentsOf(at(run));
      return results;
    };
    const plain = trained('plain');
    expect(Object.keys(plain)).toHaveLength(5);
    for (const run of ['fresh', 'again']) {
      expect((await train(run, '--workers', '2', '--cache', at('train-cache'))).status).toBe(0);
      expect(trained(run)).toEqual(plain);
    }
    expect(Object.keys(contentsOf(at('train-cache')))).toHaveLength(37);
    // What `features DIR` computed of the same front end is found; it need not be written in the same words.
    writeFileSync(at('set.json'), JSON.stringify({ features: 'mfcc40.v1' }));
    const computed = await ran('features', at('spoken'), '--front-end', at('set.json'), '--out', at('set-cache'));
    expect(computed.status).toBe(0);
    const filled = contentsOf(at('set-cache'));
    expect((await train('of-set', '--features', 'mfcc40.v1', '--cache', at('set-cache'))).status).toBe(0);
    expect(contentsOf(at('set-cache'))).toEqual(filled);
    expect(await train('refused', '--cache', frontEnd)).toMatchObject({
      status: 1,
      err: expect.stringMatching(/the cache cannot be written/),
    });
  });
});
