import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeWav } from '../../src/audio/wav-writer.ts';
import { createSyntheticCorpus } from '../../src/datasets/synthetic/synthetic-corpus.ts';
import { parseXvector } from '../../src/xvector/parse-xvector.ts';
import { ran, temporaryFolder } from './support.ts';

const folder = temporaryFolder();
const dir = join(folder, 'recordings');
const out = join(folder, 'voices.xvector');
const options = [
  '--epochs',
  '2',
  '--batch-size',
  '8',
  '--frame-layers',
  '6x3,8x3/2,8',
  '--embedding-dims',
  '4',
  '--speeds',
  'none',
];

beforeAll(async () => {
  const { clips } = createSyntheticCorpus({ speakers: 4, seed: 1, sentences: 1, sampleRate: 8000 });
  for (const clip of clips) {
    const place = join(dir, clip.label, clip.speakerId);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, `${clip.id}.wav`), encodeWav(await clip.load()));
  }
});

const train = (...more: string[]) =>
  ran('xvector', 'train', dir, '--format', 'folder', '--out', out, ...options, ...more);

describe('ser-kit xvector train', () => {
  it('writes a network that tells on its card which speakers it heard', { timeout: 60_000 }, async () => {
    const without = join(folder, 'without.txt');
    writeFileSync(without, '9002\n');
    const { status, out: text, err } = await train('--without-speakers', without, '--json');
    expect(err).toContain('3 speakers, 18 clips to learn from');
    expect(err).toContain('3 speakers are few');
    expect(status).toBe(0);
    expect(JSON.parse(text)).toMatchObject({ out, speakers: 3, epochs: 2 });
    const { card, frameLayers } = parseXvector(new Uint8Array(readFileSync(out)));
    expect(card).toMatchObject({ speakers: { train: ['9001', '9003', '9004'] } });
    expect(frameLayers.map((layer) => layer.offsets)).toEqual([[-1, 0, 1], [-2, 0, 2], [0]]);
    expect(existsSync(`${out}.checkpoint`)).toBe(false);
  });

  it('keeps a speaker of two words from training, and knows spaces at the ends of lines', {
    timeout: 60_000,
  }, async () => {
    const named = join(folder, 'named');
    const { clips } = createSyntheticCorpus({ speakers: 3, seed: 1, sentences: 1, sampleRate: 8000 });
    const ids = [...new Set(clips.map((clip) => clip.speakerId))];
    const names = new Map(ids.map((id, i) => [id, ['Anna Maria', 'Anna', 'Maria, B.'][i]!]));
    for (const clip of clips) {
      const place = join(named, clip.label, names.get(clip.speakerId)!);
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, `${clip.id}.wav`), encodeWav(await clip.load()));
    }
    const without = join(folder, 'anna-maria.txt');
    writeFileSync(without, '\uFEFFAnna Maria \r\n\r\n');
    const to = join(folder, 'named.xvector');
    const args = [named, '--format', 'folder', '--out', to, ...options, '--epochs', '1'];
    const { err, status } = await ran('xvector', 'train', ...args, '--without-speakers', without);
    expect(err).toContain('2 speakers, 12 clips to learn from');
    expect(status).toBe(0);
    const { card } = parseXvector(new Uint8Array(readFileSync(to)));
    expect(card).toMatchObject({ speakers: { train: ['Anna', 'Maria, B.'] } });
    const only = join(folder, 'only.txt');
    writeFileSync(only, 'Maria, B.\nAnna');
    const measured = await ran(
      'xvector',
      'evaluate',
      to,
      named,
      '--format',
      'folder',
      '--only-speakers',
      only,
      '--json',
    );
    expect(JSON.parse(measured.out)).toMatchObject({ speakers: 2, clips: 12 });
    const both = await ran('xvector', 'evaluate', to, named, '--only-speakers', only, '--speakers', 'Anna');
    expect(both).toMatchObject({ status: 2, err: expect.stringContaining('give one of them') });
  });

  it('overwrites nothing unless told, and goes on from a checkpoint only when told', { timeout: 60_000 }, async () => {
    expect(await train()).toMatchObject({ status: 1, err: expect.stringContaining('--force overwrites it') });
    copyFileSync(out, `${out}.checkpoint`);
    expect(await train()).toMatchObject({ status: 1, err: expect.stringContaining('--resume goes on with it') });
    expect(await train('--resume')).toMatchObject({
      status: 1,
      err: expect.stringContaining('.checkpoint: expected a training checkpoint'),
    });
    expect(await train('--resume', '--force')).toMatchObject({ status: 2 });
    expect((await train('--force')).status).toBe(0);
    expect(existsSync(`${out}.checkpoint`)).toBe(false);
  });

  it('goes on after an interruption by the command that it names, and says so of what is complete', {
    timeout: 120_000,
  }, async () => {
    const file = join(folder, 'on.xvector');
    const whole = join(folder, 'whole.xvector');
    const args = (path: string, epochs = '2') => [
      'xvector',
      'train',
      dir,
      '--format',
      'folder',
      '--out',
      path,
      ...options,
      '--epochs',
      epochs,
    ];
    await ran(...args(whole));
    // Interrupted once there is a checkpoint.
    const watch = setInterval(() => {
      if (!existsSync(`${file}.checkpoint`)) return;
      clearInterval(watch);
      process.emit('SIGINT');
    }, 2);
    const cut = await ran(...args(file, '40')).finally(() => clearInterval(watch));
    expect(cut.status).toBe(130);
    const command = `npx ser-kit xvector train ${dir} --out ${file} --resume`;
    expect(cut.err).toMatch(/ser-kit: interrupted after \d+ epochs?; the best network so far is in/);
    expect(cut.err).toContain(`go on from it with: ${command}`);

    const other = await ran(...args(file, '40'), '--crop-frames', '20', '--resume');
    expect(other).toMatchObject({ status: 2 });
    expect(other.err).toContain(
      `${file}: the training was begun with --crop-frames 80, not 20 (see ${file}.training.json); leave that out to go on with it, or begin again with --force in place of --resume`,
    );
    const two = await ran(...args(file), '--resume');
    expect(two).toMatchObject({ status: 2, err: expect.stringContaining('begun with --epochs 40, not 2') });

    const rest = await ran(...command.split(' ').slice(2));
    expect(rest.err).toMatch(/going on after epoch \d+ of 40/);
    expect(rest.status).toBe(0);
    expect(parseXvector(new Uint8Array(readFileSync(file))).card).toMatchObject({ history: { epochs: 40 } });
    for (const end of ['checkpoint', 'training.json']) expect(existsSync(`${file}.${end}`)).toBe(false);

    const again = await ran(...args(whole), '--resume');
    expect(again).toMatchObject({
      status: 0,
      out: expect.stringContaining(`${whole} is complete: nothing to go on with`),
    });
    const json = JSON.parse((await ran(...args(whole), '--resume', '--json')).out);
    expect(json).toMatchObject({ out: whole, speakers: 4, epochs: 2, bytes: readFileSync(whole).length });
  });

  it('refuses before training to whiten where no speaker keeps two clips, and gives no advice to go on', async () => {
    const place = join(folder, 'two of each', 'neutral');
    const clips = createSyntheticCorpus({ speakers: 3, seed: 1, sentences: 1, sampleRate: 8000 }).clips;
    for (const clip of clips.filter((each) => ['neutral', 'sad'].includes(each.label))) {
      mkdirSync(join(place, clip.speakerId), { recursive: true });
      writeFileSync(join(place, clip.speakerId, `${clip.label}.wav`), encodeWav(await clip.load()));
    }
    const file = join(folder, 'two.xvector');
    const { status, err } = await ran('xvector', 'train', join(place, '..'), '--out', file, '--format', 'folder');
    expect(status).toBe(1);
    expect(err).toContain('one of each of 3 speakers ("9001", "9002", "9003")');
    expect(err).toContain('(--no-whiten)');
    expect(err).not.toMatch(/--resume|epoch/);
  });

  it('refuses layers, speakers and files that are none', { timeout: 60_000 }, async () => {
    const nobody = join(folder, 'nobody.txt');
    writeFileSync(nobody, '\n9001\r\nnobody 9001\n');
    const only = await train('--force', '--only-speakers', nobody);
    expect(only).toMatchObject({
      status: 2,
      err: expect.stringContaining("expected speakers of the recordings, one a line, got 'nobody 9001'\n"),
    });
    expect((await train('--force', '--only-speakers', join(folder, 'gone.txt'))).status).toBe(1);
    expect(await train('--force', '--frame-layers', '6y3')).toMatchObject({ status: 2 });
    expect((await train('--force', '--frame-layers', '6x2')).err).toContain('an odd number of frames');
    expect((await train('--force', '--out', join(dir, 'in.xvector'))).status).toBe(2);
    const named = await train('--out', join(folder, 'v5.bin'));
    expect(named.status).toBe(2);
    expect(named.err).toContain('--out expected a name that ends in .xvector');
  });
});
