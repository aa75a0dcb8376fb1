import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeWav } from '../../src/audio/wav-writer.ts';
import { parseAugmentation } from '../../src/augment/parse-augmentation.ts';
import type { DrawsLine } from '../../src/cli/draws-log.ts';
import { RunFolder } from '../../src/cli/run-folder.ts';
import { openCremad } from '../../src/datasets/cremad/open-cremad.ts';
import { renderSyntheticCorpus } from '../../src/datasets/synthetic/synthetic-corpus.ts';
import { openDirectory } from '../../src/node/open-directory.ts';
import { writeDirectory } from '../../src/node/write-directory.ts';
import { readManifest } from '../../src/recognizer/manifest.ts';
import { sound } from '../node/corpus-support.ts';
import { useWorkers } from '../support/worker-bundle.ts';
import { ran, TINY, temporaryFolder } from './support.ts';

const folder = temporaryFolder();
const at = (...parts: string[]): string => join(folder, ...parts);
const corpus = at('corpus');
const OPTIONS = [...TINY, '--epochs', '3', '--augment', at('aug.json'), '--workers', '0'];
const FILES = [
  'weights.bin',
  'manifest.json',
  'learning-curve.svg',
  'confusion-matrix.svg',
  'report.txt',
  'augmentation.jsonl',
];
const bytesOf = (run: string): Buffer[] => FILES.map((name) => readFileSync(at(run, name)));
const drawsOf = (run: string): DrawsLine[] =>
  readFileSync(at(run, 'augmentation.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
const AUGMENT = [
  { transform: 'maybe', p: 0.5, of: { transform: 'timeStretch', rate: [0.9, 1.1] } },
  { transform: 'addBackground', recordings: ['hum.wav'], snrDb: [5, 20] },
  { transform: 'maskTime', maxFrames: 5 },
];

beforeAll(async () => {
  await writeDirectory(corpus, await renderSyntheticCorpus({ speakers: 4, sentences: 1, seed: 1, sampleRate: 8000 }));
  writeFileSync(at('hum.wav'), encodeWav(sound(3, 2)));
  writeFileSync(at('aug.json'), JSON.stringify(AUGMENT));
  expect(await ran('train', corpus, '--out', at('whole'), ...OPTIONS)).toMatchObject({ status: 0 });
});

/** A copy of what a kill leaves after the checkpoint of epoch 2 was written, at a moment later on. */
async function killedAfter(run: string, late: string): Promise<void> {
  const save = RunFolder.prototype.saveCheckpoint;
  RunFolder.prototype.saveCheckpoint = function (epoch, bytes) {
    save.call(this, epoch, bytes);
    if (epoch === 2) cpSync(at(`${run} source`), at(run), { recursive: true });
  };
  try {
    expect((await ran('train', corpus, '--out', at(`${run} source`), ...OPTIONS)).status).toBe(0);
  } finally {
    RunFolder.prototype.saveCheckpoint = save;
  }
  appendFileSync(at(run, 'augmentation.jsonl'), late);
}

describe('ser-kit train --augment', () => {
  useWorkers();

  it('writes what was drawn for each training clip in each epoch, to be applied again', async () => {
    const lines = drawsOf('whole');
    const { provenance } = await readManifest(readFileSync(at('whole', 'manifest.json')), 'manifest.json');
    expect(provenance.training!.augment).toEqual(
      parseAugmentation(AUGMENT, { recordings: { 'hum.wav': sound(3, 2) } }).toJSON(),
    );
    expect(lines).toHaveLength(3 * provenance.clips.train);
    expect(lines.map(({ epoch }) => epoch)).toEqual(lines.map(({ epoch }) => epoch).sort());
    const heldOut = new Set([...provenance.clips.validation, ...provenance.clips.test]);
    expect(heldOut.size).toBeGreaterThan(0);
    expect(lines.filter(({ clip }) => heldOut.has(clip))).toEqual([]);
    const { augmentation } = await (await import('../../src/cli/read-augmentation.ts')).readAugmentation(
      at('aug.json'),
    );
    const { clips } = await openCremad(openDirectory(corpus));
    for (const { clip, drawn } of lines.slice(0, 12)) {
      const waveform = await clips.find(({ id }) => id === clip)!.load();
      const again = augmentation.waveform!.apply(waveform, drawn.waveform);
      expect(again.samples).not.toEqual(waveform.samples);
    }
  });

  it('does on worker threads what it does without', async () => {
    const { status } = await ran('train', corpus, '--out', at('again'), ...OPTIONS, '--workers', '2');
    expect(status).toBe(0);
    expect(bytesOf('again')).toEqual(bytesOf('whole'));
  });

  it.each([
    ['at once', ''],
    ['in the middle of a line', '{"epoch":3,"clip":"x","dra'],
    ['after the lines of epoch 3', `${JSON.stringify({ epoch: 3, clip: 'x', drawn: {} })}\n`],
  ])('goes on after a kill %s and ends with the same files', async (name, late) => {
    const run = `killed ${name}`;
    await killedAfter(run, late);
    expect(existsSync(at(run, 'manifest.json'))).toBe(false);
    const { status, err } = await ran('train', '--resume', at(run));
    expect([status, err]).toEqual([0, expect.stringContaining('going on after epoch 2 of 3')]);
    expect(bytesOf(run)).toEqual(bytesOf('whole'));
    expect(readdirSync(at(run)).sort()).toEqual(readdirSync(at('whole')).sort());
  });

  it('goes on with the transforms that it was begun with, not with what the file says now; refuses others and other recordings', async () => {
    await killedAfter('changed', '');
    writeFileSync(at('aug.json'), JSON.stringify([{ transform: 'gain' }]));
    writeFileSync(at('hum.wav'), encodeWav(sound(4, 2)));
    try {
      const other = await ran('train', '--resume', at('changed'), '--augment', at('aug.json'));
      expect(other).toMatchObject({ status: 2, err: expect.stringContaining('was begun with another --augment') });
      const recording = await ran('train', '--resume', at('changed'));
      expect(recording).toMatchObject({
        status: 1,
        err: expect.stringContaining(`${at('hum.wav')}: expected the recording that the training in`),
      });
      writeFileSync(at('hum.wav'), encodeWav(sound(3, 2)));
      expect((await ran('train', '--resume', at('changed'))).status).toBe(0);
      expect(bytesOf('changed')).toEqual(bytesOf('whole'));
    } finally {
      writeFileSync(at('hum.wav'), encodeWav(sound(3, 2)));
      writeFileSync(at('aug.json'), JSON.stringify(AUGMENT));
    }
  });

  it('goes on with recordings that have moved, and remembers where to', async () => {
    await killedAfter('moved', '');
    mkdirSync(at('elsewhere'));
    cpSync(at('hum.wav'), at('elsewhere', 'hum.wav'));
    cpSync(at('aug.json'), at('elsewhere', 'aug.json'));
    const given = ['train', '--resume', at('moved'), '--augment', at('elsewhere', 'aug.json')];
    expect((await ran(...given)).status).toBe(0);
    const { training } = JSON.parse(readFileSync(at('moved', 'training.json'), 'utf8'));
    expect(training.augment.folder).toBe(at('elsewhere'));
    expect(bytesOf('moved')).toEqual(bytesOf('whole'));
  });

  it('leaves no draws of an earlier run behind, with --force', async () => {
    cpSync(at('whole'), at('forced'), { recursive: true });
    const { status } = await ran('train', corpus, '--out', at('forced'), ...TINY, '--force');
    expect([status, existsSync(at('forced', 'augmentation.jsonl'))]).toEqual([0, false]);
  });

  it('refuses mixup twice', async () => {
    writeFileSync(at('mixed.json'), JSON.stringify([{ transform: 'mixup' }]));
    const { status, err } = await ran(
      'train',
      corpus,
      '--out',
      at('x'),
      '--augment',
      at('mixed.json'),
      '--mixup',
      '0.2',
    );
    expect([status, err]).toEqual([
      2,
      expect.stringContaining('--mixup expected an --augment without mixup of its own'),
    ]);
  });
});
