import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeWav } from '../../src/audio/wav-reader.ts';
import { encodeWav } from '../../src/audio/wav-writer.ts';
import { renderSyntheticCorpus } from '../../src/datasets/synthetic/synthetic-corpus.ts';
import { mfcc } from '../../src/features/mfcc.ts';
import { writeDirectory } from '../../src/node/write-directory.ts';
import { ran, TINY, temporaryFolder } from './support.ts';

const folder = temporaryFolder();
const at = (...parts: string[]): string => join(folder, ...parts);
const corpus = at('corpus');
const run = at('run');
let files: Map<string, Uint8Array>;
let trained: { out: string; epochs: number; bestEpoch: number; test: { accuracy: number; perClass: object } };

const recording = (name: string): string => join(corpus, 'AudioWAV', `${name}.wav`);
const put = async (path: string, bytes: Uint8Array | string): Promise<string> => {
  await mkdir(dirname(at(path)), { recursive: true });
  await writeFile(at(path), bytes);
  return at(path);
};
const LFS = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 63642\n';

/** Exactly one JSON value, on one line. */
// biome-ignore lint/suspicious/noExplicitAny: JSON, whose shape the tests are about
function json(out: string): any {
  expect(out).toMatch(/^[^\n]+\n$/);
  return JSON.parse(out);
}

/** One line that says what is wrong, without a stack trace and without a function's name. */
function complaint(err: string): string {
  const lines = err.trimEnd().split('\n');
  const last = lines[lines.length - 1]!;
  expect(last).toMatch(/^ser-kit: /);
  expect(err).not.toMatch(/\n\s+at /);
  expect(last).not.toMatch(/(openDirectory|decodeWav|loadRecognizer|splitBySpeaker|trainRecognizer|openFolder): /);
  return last;
}

beforeAll(async () => {
  files = await renderSyntheticCorpus({ speakers: 6, sentences: 1, seed: 1, sampleRate: 11025 });
  await writeDirectory(corpus, files);
  const { status, out, err } = await ran('train', corpus, '--out', run, '--json', ...TINY);
  expect(err).toContain('no speaker is in two parts');
  expect(status).toBe(0);
  trained = json(out);
});

describe('ser-kit', () => {
  it('shows help that a newcomer can live from, and its version', async () => {
    const help = await ran('--help');
    expect(help).toMatchObject({ status: 0, err: '' });
    for (const word of [
      'dataset',
      'train',
      'evaluate',
      'predict',
      'features',
      'augment',
      'A first walk',
      'Exit status',
    ]) {
      expect(help.out).toContain(word);
    }
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(await ran('--version')).toEqual({ status: 0, out: `${version}\n`, err: '' });
    for (const command of ['dataset', 'train', 'evaluate', 'predict', 'features', 'augment']) {
      const own = await ran(command, '--help');
      expect(own.status).toBe(0);
      expect(own.out).toContain(`Usage: ser-kit ${command}`);
    }
  });

  it.each([
    [[], /Usage: ser-kit/],
    [['trian'], /unknown command 'trian'/],
    [['train', 'x'], /required option '--out <run>' not specified/],
    [['train'], /--out|missing required argument/],
    [['train', 'x', '--out', 'y', '--epochs', '0'], /'0' is invalid. expected a whole number >= 1/],
    [['train', 'x', '--out', 'y', '--model', 'rnn'], /Allowed choices are simple-rnn, lstm, gru, cnn, cnn-lstm/],
    [['train', 'x', '--out', 'y', '--backend', 'cuda'], /Allowed choices are wasm, cpu, tensorflow/],
    [['train', 'x', '--out', 'y', '--quick'], /unknown option '--quick'/],
    [['train', 'x', '--out', 'y', '--test', '1'], /expected a number in \[0, 1\)/],
    [['train', 'x', '--out', 'y', '--filters', '8,x'], /expected a whole number >= 1/],
    [['train', 'x', '--out', 'y', '--learning-rate', '-1'], /expected a number > 0/],
    [['train', 'x', '--out', 'y', '--validation', '0'], /--validation expected a share > 0/],
    [['train', 'x', '--out', 'y', '--validation', '0.5', '--test', '0.5'], /expected to leave clips to train on/],
    [['train', 'x', '--out', 'y', '--model', 'lstm', '--filters', '8'], /--filters expected --model cnn or cnn-lstm/],
    [['train', 'x', '--out', 'y', '--front-end', 'none.json'], /none.json: expected a JSON file/],
    [['predict', 'run'], /missing required argument 'file'/],
    [['predict'], /missing required argument 'run'/],
    [['evaluate', 'run'], /missing required argument 'dir'/],
    [['dataset', 'a', 'b'], /too many arguments/],
    [['features', 'x.wav', '--feature', 'chroma'], /Allowed choices are mfcc, .*log-mel/],
  ])('ends wrong use %j with 2 and a word on it', async (args, message) => {
    const { status, out, err } = await ran(...args);
    expect(err).toMatch(message);
    expect(out).toBe('');
    expect(status).toBe(args.includes('none.json') ? 1 : 2);
    expect(existsSync('y')).toBe(false);
  });
});

describe('ser-kit dataset', () => {
  it('counts clips, speakers and labels, in the order of the corpus', async () => {
    const { status, out, err } = await ran('dataset', corpus, '--json');
    expect(status).toBe(0);
    expect(err).not.toContain('{');
    const found = json(out);
    expect(found).toEqual({ clips: 36, speakers: 6, labels: expect.any(Object), problems: [] });
    expect(Object.entries(found.labels)).toEqual(
      ['neutral', 'happy', 'sad', 'angry', 'fear', 'disgust'].map((l) => [l, 6]),
    );
    const text = await ran('dataset', corpus);
    expect(text.out).toMatch(/36 clips of 6 speakers, [\d.]+ minutes \(36 at 11025 Hz\)/);
    expect(text.out).toContain('no problems found');
    expect(text.out).toContain('synthetic');
  });

  it('reads a folder of one’s own, by labels and speakers and by a CSV; skips, counts and lists what cannot be used', async () => {
    const wav = files.get('AudioWAV/9001_DFA_ANG_XX.wav')!;
    await put('own/calm/anna/a.wav', files.get('AudioWAV/9001_DFA_NEU_XX.wav')!);
    await put('own/angry/anna/a.wav', wav);
    await put('own/angry/bert/b.wav', files.get('AudioWAV/9002_DFA_ANG_XX.wav')!);
    await put('own/angry/bert/text.wav', 'Dear diary, this is no recording at all.');
    await put('own/angry/bert/empty.wav', '');
    await put('own/angry/bert/cut.wav', wav.slice(0, 3000));
    await put('own/angry/bert/lfs.wav', LFS);
    await put(
      'own/angry/bert/nan.wav',
      encodeWav({ samples: new Float32Array(3000), sampleRate: 8000 }, { encoding: 'float32' }).fill(255, -8),
    );
    await put('own/angry/bert/song.mp3', 'ID3');
    const { status, out } = await ran('dataset', at('own'), '--json');
    expect(status).toBe(0);
    const found = json(out);
    expect(found).toMatchObject({ clips: 3, speakers: 2, labels: { angry: 2, calm: 1 } });
    const codes = found.problems.map(({ code }: { code: string }) => code).sort();
    expect(codes).toEqual(['bad-format', 'empty', 'git-lfs-pointer', 'not-finite', 'truncated', 'unsupported-audio']);
    const text = await ran('dataset', at('own'));
    expect(text.out).toContain('5 clips cannot be used');
    expect(text.out).toMatch(/git lfs pull/);
    for (const name of ['text.wav', 'empty.wav', 'cut.wav', 'lfs.wav', 'nan.wav', 'song.mp3'])
      expect(text.out).toContain(name);

    await put(
      'own/people.csv',
      'path,label,speaker\ncalm/anna/a.wav,quiet,a\nangry/anna/a.wav,loud,a\nnone.wav,loud,b\n',
    );
    const byCsv = json((await ran('dataset', at('own'), '--csv', 'people.csv', '--json')).out);
    expect(byCsv).toMatchObject({
      clips: 2,
      speakers: 1,
      labels: { loud: 1, quiet: 1 },
      problems: [{ code: 'missing-file' }],
    });
  });

  it('says for what it takes a folder, and why: a CSV before CREMA-D names, and those where most files have them', async () => {
    const wav = (name: string): Uint8Array => files.get(`AudioWAV/${name}.wav`)!;
    const taken = async (...args: string[]) => (await ran('dataset', ...args)).err.split('\n')[0];
    expect(await taken(corpus)).toBe(
      'taken for CREMA-D: 36 of 36 WAV files are named as it names them (--format folder takes it otherwise)',
    );
    expect(await taken(corpus, '--format', 'cremad')).not.toContain('taken for');

    await put('mixed/loud/anna/9001_DFA_ANG_XX.wav', wav('9001_DFA_ANG_XX'));
    await put('mixed/quiet/anna/one.wav', wav('9001_DFA_NEU_XX'));
    expect(await taken(at('mixed'))).toMatch(
      /^taken for a folder a label: .* only 1 of 2 WAV files is named as in CREMA-D/,
    );
    await put('mixed/quiet/anna/9001_DFA_SAD_XX.wav', wav('9001_DFA_SAD_XX'));
    expect(await taken(at('mixed'))).toMatch(/^taken for CREMA-D: 2 of 3 WAV files are named as it names them/);
    await put('mixed/metadata.csv', 'file,emotion\nx,y\n');
    expect(await taken(at('mixed'))).toMatch(/^taken for CREMA-D/);
    await put('mixed/labels.csv', '\ufeff"Label";Path\r\nloud;loud/anna/9001_DFA_ANG_XX.wav\r\n');
    const { err, out } = await ran('dataset', at('mixed'), '--json');
    expect(err).toMatch(/^taken for a folder of recordings: labels.csv has a path and a label column/);
    expect(json(out)).toMatchObject({ clips: 1, labels: { loud: 1 } });
  });

  it.each([
    [['dataset', 'NONE'], /NONE: no such folder/],
    [['dataset', 'FILE'], /expected a folder, got a file/],
    [['dataset', 'EMPTY'], /EMPTY: expected WAV files/],
    [['dataset', 'CORPUS', '--csv', 'none.csv'], /got no none.csv/],
    [['train', 'NONE', '--out', 'NEW'], /NONE: no such folder/],
    [['train', 'EMPTY', '--out', 'NEW'], /EMPTY: expected WAV files/],
  ])('says in one line why %j fails', async (args, message) => {
    await mkdir(at('EMPTY'), { recursive: true });
    const paths: Record<string, string> = {
      NONE: at('NONE'),
      FILE: recording('9001_DFA_ANG_XX'),
      EMPTY: at('EMPTY'),
      CORPUS: corpus,
      NEW: at('NEW'),
    };
    const { status, out, err } = await ran(...args.map((arg) => paths[arg] ?? arg));
    expect(status).toBe(1);
    expect(out).toBe('');
    expect(complaint(err)).toMatch(message);
    expect(existsSync(at('NEW'))).toBe(false);
  });
});

describe('ser-kit train', () => {
  it('gives the figures of all three parts, and saves the run', async () => {
    expect(trained).toMatchObject({ out: run, epochs: 2, bestEpoch: expect.any(Number) });
    for (const part of ['train', 'validation', 'test']) {
      const { perClass } = (trained as unknown as Record<string, { perClass: object }>)[part]!;
      expect(Object.keys(perClass)).toEqual(['neutral', 'happy', 'sad', 'angry', 'fear', 'disgust']);
    }
    expect((await readdir(run)).sort()).toEqual([
      'confusion-matrix.svg',
      'learning-curve.svg',
      'log.jsonl',
      'manifest.json',
      'report.txt',
      'training.json',
      'weights.bin',
    ]);
    const report = await readFile(join(run, 'report.txt'), 'utf8');
    for (const text of ['synthetic', 'learning curve', 'best: epoch', 'always "', 'confusion matrix'])
      expect(report).toContain(text);
    const { recognizer } = JSON.parse(await readFile(join(run, 'manifest.json'), 'utf8'));
    expect(recognizer.provenance).toMatchObject({
      corpus: expect.stringContaining('synthetic'),
      attribution: expect.any(String),
      split: 'speakers',
      shares: { validation: 0.15, test: 0.15 },
      seed: 1,
      training: { epochs: 2, batchSize: 8, patience: 8, classWeights: null },
      madeWith: { serKit: JSON.parse(readFileSync('package.json', 'utf8')).version, backend: 'wasm' },
      unknownSpeakers: 0,
    });
    expect(report).toMatch(/test, 6 clips of 1 speaker: accuracy/);
  });

  it('says which label has no clips to train on, and what to do', async () => {
    for (let k = 1; k <= 4; k++) {
      for (const emotion of ['NEU', 'ANG']) {
        await put(`lost/${emotion}/s${k}/a.wav`, files.get(`AudioWAV/900${k}_DFA_${emotion}_XX.wav`)!);
      }
    }
    const shares = ['--validation', '0.4', '--test', '0.4'];
    const args = ['--out', at('lost-run'), ...TINY, '--epochs', '1', ...shares];
    // The one clip of a label: whoever says it, some seed puts it where nothing is learnt.
    await put('lost/rare/s5/a.wav', files.get('AudioWAV/9005_DFA_SAD_XX.wav')!);
    const ends = [];
    for (const seed of ['1', '2', '3', '4', '5', '6'])
      ends.push(await ran('train', at('lost'), ...args, '--seed', seed, '--force'));
    const refused = ends.filter(({ status }) => status === 1);
    expect(refused.length).toBeGreaterThan(0);
    for (const { err } of refused) {
      expect(complaint(err)).toMatch(
        /lost: expected clips of each label to train on, got none of rare; leave that label out, give more speakers, or try another --seed/,
      );
    }
  });

  it('does not overwrite a run without --force, gives the same bytes with it, and leaves other files alone', async () => {
    await writeFile(join(run, 'notes.txt'), 'mine');
    const before = await readFile(join(run, 'manifest.json'));
    const refused = await ran('train', corpus, '--out', run, ...TINY);
    expect(refused).toMatchObject({ status: 1, out: '' });
    expect(complaint(refused.err)).toMatch(/one with files in it; --force overwrites it/);
    const forced = await ran('train', corpus, '--out', run, '--force', ...TINY);
    expect(forced.status).toBe(0);
    expect(forced.out).toContain(`saved in ${run}`);
    expect(forced.out).toContain(`ser-kit predict ${run}`);
    expect(Buffer.compare(await readFile(join(run, 'manifest.json')), before)).toBe(0);
    expect(await readFile(join(run, 'notes.txt'), 'utf8')).toBe('mine');
  });

  it('takes no --out within the recordings, whatever leads there, before anything is read', async () => {
    await symlink(corpus, at('link'));
    for (const out of [corpus, join(corpus, 'runs', 'a'), join(at('link'), 'run')]) {
      for (const more of [['--force'], []]) {
        const { status, err } = await ran('train', corpus, '--out', out, ...TINY, ...more);
        expect([status, err]).toEqual([
          2,
          expect.stringMatching(/expected a folder outside the recordings, got one in/),
        ]);
      }
    }
    const beside = await ran('train', corpus, '--out', `${corpus}-2`, '--validation', '0', ...TINY);
    expect(beside.err).toMatch(/--validation expected/);
  });

  it('takes no file for --out, before anything is read', async () => {
    const { status, err } = await ran('train', corpus, '--out', await put('a file', ''), '--force', ...TINY);
    expect(status).toBe(1);
    expect(complaint(err)).toMatch(/expected a folder for the run, got a file/);
    expect(err).not.toContain('reading clips');
  });

  it.skipIf(process.getuid?.() === 0)('takes no folder that it may not write, before anything is read', async () => {
    await mkdir(at('locked'), { mode: 0o500 });
    for (const out of [at('locked'), at('locked', 'run')]) {
      const { status, err } = await ran('train', corpus, '--out', out, ...TINY);
      expect(status).toBe(1);
      expect(complaint(err)).toMatch(/expected a folder that can be written: .*; choose another --out/);
    }
  });

  it('takes no folder below a file', async () => {
    const { status, err } = await ran('train', corpus, '--out', join(await put('a file', ''), 'run'), ...TINY);
    expect(status).toBe(1);
    expect(complaint(err)).toMatch(/expected a folder that can be written: ENOTDIR/);
  });

  it('checks the front end before anything is read, and trains with it', async () => {
    const bad = await put('bad.json', '{"features":[{"name":"mfcc","options":{"nMfc":3}}]}');
    const refused = await ran('train', corpus, '--out', at('fe'), '--front-end', bad, ...TINY);
    expect(refused.status).toBe(2);
    expect(complaint(refused.err)).toMatch(/bad.json: expected a front end .*unknown option "nMfc"/);
    const text = await put('text.json', 'nMfcc: 3');
    expect((await ran('train', corpus, '--out', at('fe'), '--front-end', text, ...TINY)).status).toBe(2);
    const good = await put(
      'good.json',
      '{"sampleRate":8000,"features":[{"name":"mfcc","options":{"nMfcc":6},"deltas":[1]}]}',
    );
    const { status } = await ran('train', corpus, '--out', at('fe'), '--front-end', good, ...TINY, '--epochs', '1');
    expect(status).toBe(0);
    const { recognizer } = JSON.parse(await readFile(at('fe', 'manifest.json'), 'utf8'));
    expect(recognizer.frontEnd.features).toEqual([{ name: 'mfcc', options: { nMfcc: 6 }, deltas: [1] }]);
    expect(recognizer.standardizer.dims).toBe(12);
  });

  it('says that voices overlap where clips were split at random', async () => {
    const { status, out, err } = await ran(
      'train',
      corpus,
      '--out',
      at('by-clips'),
      '--split',
      'clips',
      ...TINY,
      '--epochs',
      '1',
    );
    expect(status).toBe(0);
    expect(err).toMatch(/speakers overlap: \d speakers/);
    expect(out).toMatch(/note: \d speakers are in more than one part; on new voices it will do worse/);
    const evaluated = await ran('evaluate', at('by-clips'), corpus);
    expect(evaluated.out).toMatch(/\nnote: \d of the speakers were heard in training/);
  });

  it('does not claim unheard voices where speakers are not known, and asks for --split clips where there are too few', async () => {
    for (const [i, emotion] of (['NEU', 'ANG'] as const).entries()) {
      for (let k = 1; k <= 6; k++) {
        const wav = files.get(`AudioWAV/900${k}_DFA_${emotion}_XX.wav`)!;
        await put(`unknown/${['calm', 'angry'][i]}/x${k}.wav`, wav);
        await put(`one/${['calm', 'angry'][i]}/anna/x${k}.wav`, wav);
      }
    }
    const { status, out, err } = await ran(
      'train',
      at('unknown'),
      '--out',
      at('unknown-run'),
      ...TINY,
      '--epochs',
      '1',
    );
    expect(status).toBe(0);
    for (const text of [out, await readFile(at('unknown-run', 'report.txt'), 'utf8')]) {
      expect(text).toMatch(
        /note: who speaks is not known for 12 clips of the split: voices may be in more than one part/,
      );
    }
    expect(err).toMatch(/who speaks is not known for 12 clips: voices may be in two parts/);
    expect(err).not.toContain('speakerOf');
    const { recognizer } = JSON.parse(await readFile(at('unknown-run', 'manifest.json'), 'utf8'));
    expect(recognizer.provenance).toMatchObject({ split: 'speakers, not all known', unknownSpeakers: 12 });
    expect(out).toMatch(/test, \d clips? of unknown speakers: accuracy/);
    const evaluated = await ran('evaluate', at('unknown-run'), at('unknown'));
    expect(evaluated.out).toMatch(
      /^\d clips? of unknown speakers: accuracy .*\nnote: who speaks is not known for 12 clips/,
    );
    expect(evaluated.err).toMatch(/clips? of unknown speakers that the run kept for testing\n/);
    const few = await ran('train', at('one'), '--out', at('one-run'), ...TINY);
    expect(few.status).toBe(1);
    expect(complaint(few.err)).toMatch(/one: expected at least 3 speakers .*--split clips/);
    expect(existsSync(at('one-run'))).toBe(false);
  });

  it('without test clips judges by validation, and evaluate then asks for --all', async () => {
    const { status, out } = await ran(
      'train',
      corpus,
      '--out',
      at('no-test'),
      '--test',
      '0',
      '--json',
      ...TINY,
      '--epochs',
      '1',
    );
    expect(status).toBe(0);
    expect(json(out).test).toBe(null);
    const evaluated = await ran('evaluate', at('no-test'), corpus);
    expect(evaluated.status).toBe(1);
    expect(complaint(evaluated.err)).toMatch(/trained with --test 0 and kept no clips; --all/);
  });
});

describe('ser-kit evaluate', () => {
  it('agrees with what training said of the test, to the last digit', async () => {
    const { status, out, err } = await ran('evaluate', run, corpus, '--json');
    expect(status).toBe(0);
    const { labels, confusionMatrix, clips, ...report } = json(out);
    expect({ ...report, labels }).toEqual(trained.test);
    expect(clips).toBe(6);
    expect(confusionMatrix.flat().reduce((a: number, b: number) => a + b)).toBe(6);
    expect(err).toMatch(
      /found 6 of the 6 clips that the run kept.*\n(.*\n)*6 clips of 1 speaker that the run kept for testing\n/,
    );
    expect((await ran('evaluate', run, corpus)).out).toMatch(/^6 clips of 1 speaker: accuracy /);
  });

  it('--all takes every recording, and says that the training heard them', async () => {
    const { out, err } = await ran('evaluate', run, corpus, '--all', '--json');
    expect(json(out).clips).toBe(36);
    expect(err).toMatch(/36 clips of 6 speakers\nnote: 5 of the speakers were heard in training/);
  });

  it('takes no folder for the corpus of the training in which most of the kept clips are missing', async () => {
    const { recognizer } = JSON.parse(await readFile(join(run, 'manifest.json'), 'utf8'));
    const kept: string[] = recognizer.provenance.clips.test;
    // One name of six is the same; and the same speaker under another name is not what was kept.
    await put(`part/${kept[0]}.wav`, files.get(`AudioWAV/${kept[0]}.wav`)!);
    await put('strangers/angry/somebody/new.wav', files.get('AudioWAV/9001_DFA_SAD_XX.wav')!);
    for (const [name, count] of [
      ['part', 1],
      ['strangers', 0],
    ] as const) {
      const { status, err, out } = await ran('evaluate', run, at(name));
      expect([status, out]).toEqual([1, '']);
      expect(complaint(err)).toMatch(
        new RegExp(
          `${name}: expected the recordings that the run was trained on \\(.*synthetic.*\\), got ${count} of the 6 clips that the run kept for testing; --format or --csv where the folder is laid out otherwise; --all evaluates`,
        ),
      );
      expect(json((await ran('evaluate', run, at(name), '--all', '--json')).out).clips).toBe(1);
    }
  });

  it('reads the folder as the training did, where nobody says how', async () => {
    for (const [path, bytes] of files) {
      const [, , speaker, label] = /(\/)(\d+)_\w+_(ANG|SAD)_XX\.wav$/.exec(path) ?? [];
      if (label === undefined) continue;
      await put(`told/${label}/${speaker}/${path.split('/').pop()}`, bytes);
    }
    const rows = [...files.keys()].flatMap((path) => {
      const [, , speaker, label] = /(\/)(\d+)_\w+_(ANG|SAD)_XX\.wav$/.exec(path) ?? [];
      return label === undefined ? [] : [`${label}/${speaker}/${path.split('/').pop()},is-${label},${speaker}`];
    });
    await put('told/table.csv', ['path,label,speaker', ...rows, ''].join('\n'));
    for (const [name, given, words] of [
      ['told-run', ['--format', 'folder'], 'taken for a folder of recordings, as for the training (--format cremad'],
      ['told-csv-run', ['--csv', 'table.csv'], 'taken for table.csv, as for the training (--format cremad'],
    ] as const) {
      const { status } = await ran('train', at('told'), '--out', at(name), ...given, ...TINY);
      expect(status).toBe(0);
      const evaluated = await ran('evaluate', at(name), at('told'), '--json');
      expect(evaluated).toMatchObject({ status: 0, err: expect.stringContaining(words) });
      expect(json(evaluated.out).clips).toBe(2);
    }
  });

  it('refuses labels that the run does not know', async () => {
    await put('moods/bored/9001/x.wav', files.get('AudioWAV/9001_DFA_SAD_XX.wav')!);
    const { status, err } = await ran('evaluate', run, at('moods'), '--all');
    expect(status).toBe(1);
    expect(complaint(err)).toMatch(/labels expected among neutral, .*, got bored/);
  });
});

describe('ser-kit predict', () => {
  it('answers the good files, names the bad ones, and ends with 1', async () => {
    const good = recording('9003_DFA_HAP_XX');
    const wav = files.get('AudioWAV/9003_DFA_HAP_XX.wav')!;
    const bad: [string, string, RegExp][] = [
      [at('none.wav'), 'not-found', /there is no such file/],
      [corpus, 'not-found', /it is a folder/],
      [await put('bad/text.wav', 'Dear diary, nothing to hear.'), 'bad-format', /got text .*; name a recording/],
      [await put('bad/empty.wav', ''), 'empty', /empty file \(0 bytes\); copy/],
      [await put('bad/cut.wav', wav.slice(0, 2000)), 'truncated', /ends before its header says.*; copy/],
      [await put('bad/head.wav', wav.slice(0, 20)), 'truncated', /; copy/],
      [await put('bad/lfs.wav', LFS), 'git-lfs-pointer', /git lfs pull/],
      [await put('bad/song.wav', Buffer.from('ID3\u0004')), 'unsupported', /got MP3; convert it/],
      [
        await put(
          'bad/nan.wav',
          encodeWav({ samples: new Float32Array(99), sampleRate: 8000 }, { encoding: 'float32' }).fill(255, -4),
        ),
        'not-finite',
        /got NaN at sample 98; export it again/,
      ],
    ];
    const { status, out, err } = await ran('predict', run, ...bad.map(([path]) => path), good, '--json');
    expect(status).toBe(1);
    expect(err).toBe('');
    const answers = json(out);
    expect(answers).toHaveLength(bad.length + 1);
    bad.forEach(([path, code, message], i) => {
      expect(answers[i]).toEqual({ file: path, error: { code, message: expect.stringMatching(message) } });
      expect(answers[i].error.message.startsWith(`${path}: `)).toBe(true);
    });
    const answer = answers[bad.length];
    expect(answer).toMatchObject({ file: good, label: expect.any(String) });
    expect(Object.keys(answer.probabilities)).toEqual(['neutral', 'happy', 'sad', 'angry', 'fear', 'disgust']);

    const text = await ran('predict', run, good, at('none.wav'));
    expect(text.status).toBe(1);
    expect(text.out).toMatch(new RegExp(`^${good}: ${answer.label}\n`));
    expect(text.err).toContain(`ser-kit: ${at('none.wav')}: expected a WAV file, and there is no such file\n`);
    expect(text.err).toMatch(/trained on synthetic .*; right on [\d.]+ % of its test clips/);
    expect((await ran('predict', run, good)).status).toBe(0);
  });

  it('answers stereo, soft and short recordings, the last two with a warning', async () => {
    const { samples } = decodeWav(files.get('AudioWAV/9003_DFA_HAP_XX.wav')!);
    const soft = await put(
      'soft.wav',
      encodeWav({ samples: samples.map((x) => x * 1e-3), sampleRate: 11025 }, { encoding: 'float32' }),
    );
    const short = await put('short.wav', encodeWav({ samples: samples.slice(2000, 3000), sampleRate: 96000 }));
    const { status, out, err } = await ran('predict', run, soft, short);
    expect(status).toBe(0);
    expect(out).toContain('soft.wav: ');
    expect(err).toMatch(/soft.wav: warning \(near-silent\)/);
    expect(err).toMatch(/short.wav: warning \(short\)/);
  });

  it.each([
    ['no folder', 'nowhere', /nowhere: no such folder/],
    ['a folder of something else', 'corpus', /expected a folder that `ser-kit train` saved, got no manifest.json/],
    ['a manifest that is text', 'text', /manifest\.json: expected the manifest of a ser-kit recognizer/],
    [
      'a manifest that breaks off',
      'cut',
      /manifest\.json: expected a whole manifest, .*; copy the whole folder anew, or train again/,
    ],
    ['weights that break off', 'cut-weights', /weights\.bin: expected \d+ bytes, got \d+; the file breaks off; copy/],
    ['altered weights', 'altered', /weights\.bin: expected .* SHA-256 .*; copy the whole folder anew/],
    ['no weights', 'none', /weights\.bin/],
    ['a newer version', 'newer', /manifest\.json: version expected at most 3, got 4; .*update this one$/],
  ])('says in one line, with the remedy, why it cannot open %s', async (_, name, message) => {
    const manifest = readFileSync(join(run, 'manifest.json'), 'utf8');
    const weights = readFileSync(join(run, 'weights.bin'));
    const altered = Buffer.from(weights);
    altered[100]! ^= 1;
    const copies: Record<string, [string, Uint8Array | undefined]> = {
      text: ['Dear diary', weights],
      cut: [manifest.slice(0, 5000), weights],
      'cut-weights': [manifest, weights.subarray(0, -1)],
      altered: [manifest, altered],
      none: [manifest, undefined],
      newer: [manifest.replace(/"version": \d+,/, '"version": 4,'), weights],
    };
    const copy = copies[name];
    if (copy !== undefined) {
      await put(`runs/${name}/manifest.json`, copy[0]);
      if (copy[1] !== undefined) await put(`runs/${name}/weights.bin`, copy[1]);
    }
    const path = name === 'corpus' ? corpus : at('runs', name);
    for (const args of [
      ['predict', path, recording('9001_DFA_ANG_XX')],
      ['evaluate', path, corpus],
    ]) {
      const { status, out, err } = await ran(...args);
      expect(status).toBe(1);
      expect(out).toBe('');
      expect(err.split('\n')).toHaveLength(2);
      expect(complaint(err)).toMatch(message);
      expect(err).toContain(path);
    }
  });
});

describe('ser-kit features', () => {
  it("gives the library's numbers, as JSON and as CSV", async () => {
    const path = recording('9001_DFA_ANG_XX');
    const expected = mfcc(decodeWav(readFileSync(path)), { nMfcc: 5, hopLength: 256, center: false });
    const args = ['features', path, '--option', 'nMfcc=5', 'hopLength=256', 'center=false'];
    const found = json((await ran(...args, '--json')).out);
    expect(found).toEqual({
      names: ['mfcc0', 'mfcc1', 'mfcc2', 'mfcc3', 'mfcc4'],
      frames: expected.frames,
      dims: 5,
      data: [...expected.data],
    });
    const [head, first, ...rest] = (await ran(...args)).out.trimEnd().split('\n');
    expect(head).toBe('mfcc0,mfcc1,mfcc2,mfcc3,mfcc4');
    expect(first!.split(',').map(Number)).toEqual([...expected.data.slice(0, 5)]);
    expect(rest).toHaveLength(expected.frames - 1);
    for (const feature of ['log-mel', 'spectrogram', 'zcr', 'rms']) {
      const other = json((await ran('features', path, '--feature', feature, '--json')).out);
      expect(other.data).toHaveLength(other.frames * other.dims);
      expect(other.names).toHaveLength(other.dims);
    }
  });

  it('refuses unknown options with 2 and bad files with 1', async () => {
    const path = recording('9001_DFA_ANG_XX');
    expect(await ran('features', path, '--option', 'nMfc=5')).toMatchObject({
      status: 2,
      err: expect.stringMatching(/unknown option "nMfc" \(known: /),
    });
    expect(await ran('features', path, '--option', 'nMfcc')).toMatchObject({
      status: 2,
      err: expect.stringMatching(/--option expected option=value, got nMfcc/),
    });
    expect(await ran('features', at('none.wav'))).toMatchObject({ status: 1, out: '' });
  });
});

describe('the process', () => {
  it('keeps no exit status of its own from all this', () => {
    expect(process.exitCode).toBeUndefined();
    expect(process.listenerCount('SIGINT')).toBe(process.listenerCount('SIGTERM'));
    writeFileSync(at('done'), '');
  });
});
