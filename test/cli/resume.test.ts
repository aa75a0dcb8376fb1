import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { renderSyntheticCorpus } from '../../src/datasets/synthetic/synthetic-corpus.ts';
import { describeCheckpoint } from '../../src/models/checkpoint.ts';
import { HOST, stageFile } from '../../src/node/atomic-file.ts';
import { writeDirectory } from '../../src/node/write-directory.ts';
import { ran, TINY, temporaryFolder } from './support.ts';

// Failures of the disk are made here: from the n-th write of a file whose name matches on, every write fails.
const disk = vi.hoisted(() => ({
  file: /^$/,
  writesLeft: 0,
  code: 'ENOSPC',
  before: () => {},
  atLock: () => {},
  readOnly: '',
}));
vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  const access = async (path: string, mode?: number): Promise<void> => {
    if (path === disk.readOnly) throw Object.assign(new Error('EROFS: access'), { code: 'EROFS' });
    await real.access(path, mode);
  };
  return { ...real, access };
});
vi.mock('../../src/node/atomic-file.ts', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../src/node/atomic-file.ts')>();
  const check = (path: string): void => {
    if (!disk.file.test(path)) return;
    if (disk.writesLeft-- > 0) return;
    disk.before();
    throw Object.assign(new Error(`${disk.code}: write`), { code: disk.code });
  };
  return {
    ...real,
    temporaryName: () => {
      disk.atLock();
      return real.temporaryName();
    },
    writeAtomically: (...args: Parameters<typeof real.writeAtomically>) => {
      check(args[0]);
      real.writeAtomically(...args);
    },
    stageFile: (...args: Parameters<typeof real.stageFile>) => {
      check(args[0]);
      return real.stageFile(...args);
    },
  };
});

const folder = temporaryFolder();
const at = (...parts: string[]): string => join(folder, ...parts);
const corpus = at('corpus');
const OPTIONS = [...TINY, '--epochs', '4'];
const COMPARED = ['weights.bin', 'manifest.json', 'learning-curve.svg', 'confusion-matrix.svg', 'report.txt'];
const bytesOf = (run: string): Buffer[] => COMPARED.map((name) => readFileSync(at(run, name)));
const epochOf = (run: string): number => describeCheckpoint(readFileSync(at(run, 'checkpoint.bin'))).epoch;
/** A clip's id by its path. */
const idOf = (path: string): string => path.replace(/^.*\/|\.wav$/g, '');
const linesOf = (run: string) =>
  readFileSync(at(run, 'log.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Trains into a folder on a disk that fails at the n-th write of a file. */
async function onFullDisk(run: string, file: RegExp, good: number, code = 'ENOSPC', before = () => {}, dir = corpus) {
  Object.assign(disk, { file, writesLeft: good, code, before });
  const ended = await ran('train', dir, '--out', at(run), ...OPTIONS);
  Object.assign(disk, { file: /^$/ });
  return ended;
}

beforeAll(async () => {
  await writeDirectory(corpus, await renderSyntheticCorpus({ speakers: 4, sentences: 1, seed: 1, sampleRate: 8000 }));
  expect((await ran('train', corpus, '--out', at('whole'), ...OPTIONS)).status).toBe(0);
});

describe('ser-kit train on a disk that fails', () => {
  it('names the file, the last good checkpoint and --resume, and --resume ends with the bytes of a whole run', async () => {
    const { status, err, out } = await onFullDisk('full', /checkpoint/, 2);
    expect([status, out]).toEqual([1, '']);
    expect(err.trimEnd().split('\n').pop()).toBe(
      `ser-kit: ${at('full', 'checkpoint.bin')}: cannot be written: the disk is full; the checkpoint of epoch 2 is kept, go on from it with: npx ser-kit train --resume ${at('full')}`,
    );
    expect(epochOf('full')).toBe(2);
    const resumed = await ran('train', '--resume', at('full'));
    expect(resumed.status).toBe(0);
    expect(resumed.err).toContain('going on after epoch 2 of 4');
    expect(bytesOf('full')).toEqual(bytesOf('whole'));
    expect(readdirSync(at('full')).sort()).toEqual(readdirSync(at('whole')).sort());
  });

  it.each([
    ['the log', /log\.jsonl/, 0, 0],
    ['the curve', /learning-curve/, 1, 1],
    ['the recognizer', /weights\.bin$/, 0, 4],
    ['the manifest', /manifest\.json$/, 0, 4],
    ['the end mark', /training\.json$/, 1, 4],
  ])('goes on where %s could not be written', async (name, file, good, epoch) => {
    const run = `full ${name}`;
    const { status, err } = await onFullDisk(run, file, good);
    expect([status, err]).toEqual([1, expect.stringMatching(/cannot be written: the disk is full/)]);
    if (epoch > 0) expect(epochOf(run)).toBe(epoch);
    expect(err).toContain(`--resume '${at(run)}'`);
    expect((await ran('train', '--resume', at(run))).status).toBe(0);
    expect(bytesOf(run)).toEqual(bytesOf('whole'));
  });

  it('says that the folder is gone, or not to be written', async () => {
    const gone = await onFullDisk('gone', /checkpoint/, 1, 'ENOENT', () => rmSync(at('gone'), { recursive: true }));
    expect([gone.status, gone.err]).toEqual([1, expect.stringMatching(/its folder is not there any more/)]);
    const readOnly = await onFullDisk('read-only', /checkpoint/, 1, 'EROFS');
    expect([readOnly.status, readOnly.err]).toEqual([1, expect.stringMatching(/the file system is read-only; the ch/)]);
  });

  it('keeps the options where not even the first checkpoint could be written, and --resume begins again', async () => {
    const { status, err } = await onFullDisk('none', /checkpoint/, 0);
    expect([status, err]).toEqual([
      1,
      expect.stringMatching(
        /checkpoint.bin: cannot be written: the disk is full; begin its first epoch again with: npx ser-kit train --resume .*none\n$/,
      ),
    ]);
    const again = await ran('train', corpus, '--out', at('none'), ...OPTIONS);
    expect([again.status, again.err]).toEqual([1, expect.stringMatching(/--resume goes on with what was begun there/)]);
    expect((await ran('train', '--resume', at('none'))).status).toBe(0);
    expect(bytesOf('none')).toEqual(bytesOf('whole'));
    expect(readdirSync(at('none')).sort()).toEqual(readdirSync(at('whole')).sort());
  });

  it('leaves nothing where the options themselves could not be written, or end in the same error again', async () => {
    const unwritten = await onFullDisk('unwritten', /training\.json/, 0);
    expect([unwritten.status, unwritten.err]).toEqual([1, expect.stringMatching(/the disk is full\n$/)]);
    expect(existsSync(at('unwritten'))).toBe(false);
    const diverged = await ran('train', corpus, '--out', at('diverged'), ...OPTIONS, '--learning-rate', '1e30');
    expect([diverged.status, diverged.err]).toEqual([1, expect.stringMatching(/a lower --learning-rate/)]);
    expect(diverged.err).not.toContain('--resume');
    expect(existsSync(at('diverged'))).toBe(false);
    const wrong = await ran('train', corpus, '--out', at('wrong'), ...TINY, '--model', 'cnn', '--bidirectional');
    expect([wrong.status, existsSync(at('wrong'))]).toEqual([2, false]);
  });
});

describe('ser-kit train --resume', () => {
  it('says that a complete run is complete, with its figures as JSON, and touches nothing', async () => {
    const before = bytesOf('whole');
    const said = await ran('train', '--resume', at('whole'));
    expect(said).toMatchObject({ status: 0, out: expect.stringMatching(/whole is complete: nothing to go on with/) });
    const { status, out } = await ran('train', corpus, '--out', at('whole'), '--resume', ...OPTIONS, '--json');
    expect([status, JSON.parse(out)]).toEqual([0, expect.objectContaining({ out: at('whole'), epochs: 4 })]);
    expect(bytesOf('whole')).toEqual(before);
  });

  it('begins where nothing was begun, and needs the recordings for it', async () => {
    const { status, err } = await ran('train', corpus, '--out', at('new'), '--resume', ...OPTIONS);
    expect([status, err]).toEqual([0, expect.stringContaining('no checkpoint there yet')]);
    expect(bytesOf('new')).toEqual(bytesOf('whole'));
    const without = await ran('train', '--resume', at('nowhere'));
    expect(without.status).toBe(1);
    expect(without.err).toMatch(/nowhere: expected a folder in which `ser-kit train` began, .* give the folder of rec/);
    expect(existsSync(at('nowhere'))).toBe(false);
  });

  it.each([
    [['--resume'], /the run to go on with stands behind --resume or --out/],
    [['corpus', '--out', 'a', '--resume', 'b'], /--resume b and --out a name two folders/],
    [['--resume', 'a', '--force'], /--resume goes on with a run and --force begins again/],
  ])('refuses %j', async (args, message) => {
    const { status, err } = await ran('train', ...args);
    expect([status, err]).toEqual([2, expect.stringMatching(message)]);
  });

  it('refuses other options by name, and takes those that do not count', async () => {
    await onFullDisk('other', /checkpoint/, 2);
    const frontEnd = at('front-end.json');
    writeFileSync(frontEnd, '{ "normalizeLevel": false }');
    const given = ['--epochs', '5', '--model', 'cnn', '--units', '4', '--balanced', '--front-end', frontEnd];
    const { status, err } = await ran('train', '--resume', at('other'), ...given);
    expect(status).toBe(2);
    expect(err).toMatch(
      /begun with --model cnn-lstm, not cnn; --epochs 4, not 5; --balanced \(left out\), not \(given\); another --front-end or --features \(see training.json there\); leave that out/,
    );
    expect(epochOf('other')).toBe(2);
    const free = ['--cache', at('cache'), '--workers', '0', '--filters', '4'];
    expect((await ran('train', corpus, '--resume', at('other'), ...free)).status).toBe(0);
    expect(bytesOf('other')).toEqual(bytesOf('whole'));
  });

  it("takes the run's own options again, whatever the defaults of others are", async () => {
    const own = ['--model', 'lstm', '--units', '4', '--dense', '4', '--epochs', '2', '--batch-size', '8'];
    const scheduled = [
      ...own,
      '--schedule',
      'plateau',
      '--plateau-patience',
      '1',
      '--validation',
      '0.5',
      '--test',
      '0.25',
    ];
    Object.assign(disk, { file: /checkpoint/, writesLeft: 1, code: 'ENOSPC', before: () => {} });
    await ran('train', corpus, '--out', at('own'), ...scheduled);
    Object.assign(disk, { file: /^$/ });
    const { status, err } = await ran('train', '--resume', at('own'), '--plateau-patience', '1');
    expect([status, err]).toEqual([0, expect.stringContaining('going on after epoch 1 of 2')]);
  });

  it('refuses other recordings, and takes the same ones from another folder', async () => {
    await onFullDisk('moved', /checkpoint/, 1);
    const files = await renderSyntheticCorpus({ speakers: 4, sentences: 1, seed: 1, sampleRate: 8000 });
    await writeDirectory(at('copy'), files);
    const [path, wav] = [...files].find(([name]) => name.endsWith('.wav'))!;
    const changed = wav.slice();
    changed[1000]! ^= 1;
    writeFileSync(at('copy', path), changed);
    const { status, err } = await ran('train', at('copy'), '--resume', at('moved'));
    expect([status, err]).toEqual([
      1,
      expect.stringMatching(/was begun with, got recordings that were changed \(changed: \w+\); bring/),
    ]);
    expect(err).toContain(`(changed: ${idOf(path)})`);
    expect(err).not.toContain('go on from it with');
    expect(err.trimEnd()).toMatch(/in another folder now, name it: npx ser-kit train NEWDIR --resume .*moved$/);
    rmSync(at('copy', path));
    const fewer = await ran('train', at('copy'), '--resume', at('moved'));
    expect(fewer.err).toContain(`got 23 clips where there were 24 (missing: ${idOf(path)}); bring them back`);
    writeFileSync(at('copy', path), wav);
    expect((await ran('train', at('copy'), '--resume', at('moved'))).status).toBe(0);
    expect(bytesOf('moved')).toEqual(bytesOf('whole'));
  });

  it('says how to name the recordings where they have moved, before it says that it goes on', async () => {
    const [here, there] = [at('corpus here'), at('corpus there')];
    cpSync(corpus, here, { recursive: true });
    await onFullDisk('left', /checkpoint/, 1, 'ENOSPC', () => {}, here);
    renameSync(here, there);
    const { status, err } = await ran('train', '--resume', at('left'));
    expect([status, err]).toEqual([
      1,
      `ser-kit: ${here}: no such folder; where they are in another folder now, name it: npx ser-kit train NEWDIR --resume ${at('left')}\n`,
    ]);
    const nosuch = await ran('train', at('nosuch'), '--out', at('qq'), '--resume');
    expect([nosuch.status, nosuch.err]).toEqual([1, `ser-kit: ${at('nosuch')}: no such folder\n`]);
    const resumed = await ran('train', there, '--resume', at('left'));
    expect([resumed.status, resumed.err]).toEqual([0, expect.stringContaining('going on after epoch 1 of 4')]);
    expect(bytesOf('left')).toEqual(bytesOf('whole'));
  });

  it('does not take the recordings, or a folder of other things, for a run, nor speak of --force then', async () => {
    await onFullDisk('swapped', /checkpoint/, 1);
    const swapped = await ran('train', '--resume', corpus, at('swapped'));
    expect(swapped).toMatchObject({
      status: 2,
      err: `ser-kit: ${corpus}: expected a run of \`ser-kit train\`, got a folder without training.json; ${at('swapped')} is a run: npx ser-kit train ${corpus} --resume ${at('swapped')}\n`,
    });
    for (const args of [
      ['--resume', corpus],
      [corpus, '--resume', corpus],
    ]) {
      const { status, err } = await ran('train', ...args);
      expect([status, err]).toEqual([1, expect.stringMatching(/got one with other files .* name the run's folder/)]);
      expect(err).not.toContain('--force');
    }
  });

  it('names the lost file and --force where training.json is lost', async () => {
    await onFullDisk('lost', /checkpoint/, 1);
    rmSync(at('lost', 'training.json'));
    const { status, err } = await ran('train', '--resume', at('lost'));
    expect([status, err]).toEqual([
      1,
      `ser-kit: ${at('lost', 'training.json')}: no such file, and without it nothing goes on from checkpoint.bin; put a copy of it back, or begin again with: npx ser-kit train DIR --out ${at('lost')} --force\n`,
    ]);
    const given = await ran('train', corpus, '--resume', at('lost'), ...OPTIONS);
    expect(given.err).toContain(`begin again with: npx ser-kit train ${corpus} --out ${at('lost')} --force\n`);
  });

  it('asks for a folder that can be written where the run is not', async () => {
    await onFullDisk('kept', /checkpoint/, 1);
    disk.readOnly = at('kept');
    const { status, err } = await ran('train', '--resume', at('kept'));
    disk.readOnly = '';
    expect([status, err]).toEqual([1, expect.stringMatching(/EROFS.*; make it writable, or go on in a copy of it\n$/)]);
  });

  it('says what to do with a checkpoint or a training.json that is damaged', async () => {
    await onFullDisk('damaged', /checkpoint/, 2);
    const path = at('damaged', 'checkpoint.bin');
    const good = readFileSync(path);
    const altered = Buffer.from(good);
    altered[good.length - 100]! ^= 1;
    for (const [bytes, what] of [
      [good.subarray(0, 1000), /expected a checkpoint of \d+ bytes or more, got 1000/],
      [altered, /altered/],
      [Buffer.from('hello'), /expected a training checkpoint/],
      [Buffer.alloc(0), /expected a training checkpoint/],
    ] as const) {
      writeFileSync(path, bytes);
      const { status, err } = await ran('train', '--resume', at('damaged'));
      expect([status, err]).toEqual([1, expect.stringMatching(what)]);
      expect(err).toMatch(/checkpoint.bin: .*; put a copy of it in its place, or remove it, and --resume trains from/);
    }
    const training = at('damaged', 'training.json');
    const text = readFileSync(training, 'utf8');
    for (const [bytes, what] of [
      [text.replace('"epochs": 4', '"epochs": 3'), /training.json: was changed after it was written; train again/],
      [text.slice(0, 50), /training.json: expected JSON/],
    ] as const) {
      writeFileSync(training, bytes);
      const { status, err } = await ran('train', '--resume', at('damaged'));
      expect([status, err]).toEqual([1, expect.stringMatching(what)]);
    }
    writeFileSync(training, text);
    rmSync(path);
    expect((await ran('train', '--resume', at('damaged'))).status).toBe(0);
    expect(bytesOf('damaged')).toEqual(bytesOf('whole'));
  });

  it('removes temporary files of the dead and says so', async () => {
    await onFullDisk('leftover', /checkpoint/, 1);
    stageFile(at('leftover', 'checkpoint.bin'), new Uint8Array(100), at('leftover'));
    const [mine] = readdirSync(at('leftover')).filter((name) => name.endsWith('.tmp'));
    const dead = mine!.replace(`.${process.pid}.`, '.999999999.');
    copyFileSync(at('leftover', mine!), at('leftover', dead));
    rmSync(at('leftover', mine!));
    const { err } = await ran('train', '--resume', at('leftover'));
    expect(err).toMatch(/removed what was left of a file that was being written \(1\)/);
    expect(bytesOf('leftover')).toEqual(bytesOf('whole'));
    expect(readdirSync(at('leftover')).sort()).toEqual(readdirSync(at('whole')).sort());
  });

  it('keeps two processes apart, and takes the lock of a dead one', async () => {
    mkdirSync(at('locked'));
    const lock = at('locked', '.lock');
    const text = (pid: number, started?: string): string => JSON.stringify({ host: HOST, pid, started });
    writeFileSync(lock, text(process.ppid));
    const refused = await ran('train', corpus, '--out', at('locked'), ...OPTIONS);
    expect([refused.status, refused.err]).toEqual([
      1,
      expect.stringMatching(/one that process \d+ on .* is working in/),
    ]);
    expect(readdirSync(at('locked'))).toEqual(['.lock']);
    for (const dead of [text(999_999_999), '{"host":', text(process.ppid, 'another start')]) {
      writeFileSync(lock, dead);
      const { status } = await ran('train', corpus, '--out', at('locked'), ...OPTIONS, '--force', '--epochs', '1');
      expect([dead, status]).toEqual([dead, 0]);
      expect(existsSync(lock)).toBe(false);
    }
  });
});

describe('ser-kit train where another process was faster', () => {
  it('looks at what was begun again once it has the lock', async () => {
    await onFullDisk('raced', /checkpoint/, 2);
    const before = readFileSync(at('raced', 'checkpoint.bin'));
    expect((await ran('train', corpus, '--out', at('another'), ...OPTIONS, '--seed', '2')).status).toBe(0);
    disk.atLock = () => {
      disk.atLock = () => {};
      copyFileSync(at('another', 'training.json'), at('raced', 'training.json'));
    };
    const { status, err } = await ran('train', '--resume', at('raced'));
    expect([status, err]).toEqual([1, expect.stringMatching(/got another one; give the command again/)]);
    expect(readFileSync(at('raced', 'checkpoint.bin')).equals(before)).toBe(true);
  });

  it('names a lock that cannot be read, and does not wait for it', async () => {
    mkdirSync(at('unreadable', '.lock'), { recursive: true });
    const { status, err } = await ran('train', corpus, '--out', at('unreadable'), ...OPTIONS);
    expect([status, err]).toEqual([1, expect.stringMatching(/unreadable.*\.lock: expected the lock of a training/)]);
  });
});

describe('ser-kit train --force', () => {
  const filesOf = (run: string) => readdirSync(at(run)).map((name) => [name, readFileSync(at(run, name), 'base64')]);

  it('leaves an earlier run as it was where the new one does not come to a first checkpoint', async () => {
    await onFullDisk('kept', /checkpoint/, 2);
    const before = filesOf('kept');
    const again = ['train', corpus, '--out', at('kept'), ...OPTIONS, '--force'];
    for (const wrong of [
      ['--pca', '9999'],
      ['--learning-rate', '1e30', '--optimizer', 'adam', '--schedule', 'constant'],
    ]) {
      const { status } = await ran(...again, ...wrong);
      expect([wrong, status]).not.toEqual([wrong, 0]);
      expect(filesOf('kept')).toEqual(before);
    }
    expect((await ran('train', '--resume', at('kept'))).status).toBe(0);
    expect(bytesOf('kept')).toEqual(bytesOf('whole'));
  });

  it('does not leave the earlier recognizer beside a new checkpoint', async () => {
    await ran('train', corpus, '--out', at('anew'), ...OPTIONS);
    Object.assign(disk, { file: /checkpoint/, writesLeft: 1, code: 'ENOSPC', before: () => {} });
    await ran('train', corpus, '--out', at('anew'), ...OPTIONS, '--force', '--seed', '2');
    Object.assign(disk, { file: /^$/ });
    expect(epochOf('anew')).toBe(1);
    const { status, err } = await ran('evaluate', at('anew'), corpus);
    expect([status, err]).toEqual([1, expect.stringMatching(/its training is not done; go on with it/)]);
  });
});

describe('log.jsonl', () => {
  it('has a line for the start, each epoch once and the end, also after going on', async () => {
    await onFullDisk('logged', /checkpoint/, 2);
    expect(linesOf('logged').map(({ type, epoch }) => [type, epoch])).toEqual([
      ['start', undefined],
      ...[1, 2, 3].map((epoch) => ['epoch', epoch]),
    ]);
    await ran('train', '--resume', at('logged'));
    const lines = linesOf('logged');
    expect(lines.map(({ type, epoch }) => [type, epoch])).toEqual([
      ['start', undefined],
      ['epoch', 1],
      ['epoch', 2],
      ['resume', 2],
      ['epoch', 3],
      ['epoch', 4],
      ['end', undefined],
    ]);
    expect(lines[0]).toMatchObject({ model: 'cnn-lstm', seed: 1, epochs: 4, batches: expect.any(Number) });
    const figures = {
      loss: expect.any(Number),
      accuracy: expect.any(Number),
      unweightedAverageRecall: expect.any(Number),
    };
    for (const line of lines.filter(({ type }) => type === 'epoch')) {
      expect(line).toMatchObject({
        epochs: 4,
        loss: expect.any(Number),
        train: figures,
        validation: figures,
        learningRate: expect.any(Number),
        best: expect.any(Boolean),
        seconds: expect.any(Number),
      });
    }
    expect(lines.at(-1)).toMatchObject({ bestEpoch: expect.any(Number), stopped: 'epochs' });
  });

  it('is written anew from the checkpoint where it was removed, without what only it knew', async () => {
    await onFullDisk('no-log', /checkpoint/, 2);
    rmSync(at('no-log', 'log.jsonl'));
    await ran('train', '--resume', at('no-log'));
    const [start, ...rest] = linesOf('no-log');
    const { time: _, ...known } = linesOf('whole')[0];
    expect(start).toEqual(known);
    expect(rest[0]).toMatchObject({ type: 'epoch', epoch: 1 });
  });

  it('is written anew from the checkpoint where lines of it were lost', async () => {
    await onFullDisk('lost-log', /checkpoint/, 2);
    writeFileSync(at('lost-log', 'log.jsonl'), '{"type":"epoch","epoch":1,"mine":1}\nhello\n{"type":');
    await ran('train', '--resume', at('lost-log'));
    const lines = linesOf('lost-log');
    expect(lines.map(({ type, epoch }) => [type, epoch])).toEqual([
      ['start', undefined],
      ['epoch', 1],
      ['epoch', 2],
      ['resume', 2],
      ['epoch', 3],
      ['epoch', 4],
      ['end', undefined],
    ]);
    expect(lines[1].mine).toBe(1);
    expect(bytesOf('lost-log')).toEqual(bytesOf('whole'));
  });
});
