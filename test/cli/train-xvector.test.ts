import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { renderSyntheticCorpus } from '../../src/datasets/synthetic/synthetic-corpus.ts';
import { writeDirectory } from '../../src/node/write-directory.ts';
import { encodeXvector } from '../../src/xvector/own-format.ts';
import { tinyXvector } from '../support/tiny-xvector.ts';
import { ran, TINY, temporaryFolder } from './support.ts';

// The disk fills up at the n-th checkpoint: training ends there as a kill would end it.
const disk = vi.hoisted(() => ({ checkpointsLeft: Number.POSITIVE_INFINITY }));
vi.mock('../../src/node/atomic-file.ts', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../src/node/atomic-file.ts')>();
  return {
    ...real,
    writeAtomically: (...args: Parameters<typeof real.writeAtomically>) => {
      if (args[0].endsWith('checkpoint.bin') && disk.checkpointsLeft-- <= 0) {
        throw Object.assign(new Error('ENOSPC: write'), { code: 'ENOSPC' });
      }
      real.writeAtomically(...args);
    },
  };
});

const folder = temporaryFolder();
const at = (...names: string[]): string => join(folder, ...names);
const corpus = at('corpus');
const XVECTOR = ['--xvector', at('tiny.xvector'), '--xvector-components', '3'];
const jsonOf = (run: string, name = 'manifest.json') => JSON.parse(readFileSync(at(run, name), 'utf8'));
const hashOf = (run: string, name: string): string =>
  createHash('sha256')
    .update(readFileSync(at(run, name)))
    .digest('hex');

beforeAll(async () => {
  await writeDirectory(corpus, await renderSyntheticCorpus({ speakers: 4, sentences: 1, seed: 1, sampleRate: 11025 }));
  writeFileSync(at('tiny.xvector'), encodeXvector(tinyXvector(1, { name: 'tiny' })));
  writeFileSync(at('other.xvector'), encodeXvector(tinyXvector(2)));
});

describe('ser-kit train --xvector', () => {
  it('keeps the network in the run, which evaluate and predict answer with', async () => {
    const options = [...XVECTOR, '--cache', at('cache'), ...TINY, '--workers', '0'];
    const { status, err } = await ran('train', corpus, '--out', at('one'), ...options);
    expect([status, err]).toEqual([0, expect.any(String)]);
    const { version, recognizer } = jsonOf('one');
    expect(version).toBe(3);
    expect(recognizer.xvector).toMatchObject({
      join: 'utterance',
      file: { path: 'xvector.bin', sha256: hashOf('one', 'xvector.bin') },
    });
    expect(recognizer.provenance.xvector).toMatchObject({ components: 3, dims: 6, card: { name: 'tiny' } });
    expect(jsonOf('one', 'training.json').training.xvector).toEqual({
      file: at('tiny.xvector'),
      sha256: hashOf('one', 'xvector.bin'),
    });
    const evaluated = await ran('evaluate', at('one'), corpus, '--json');
    expect(JSON.parse(evaluated.out).accuracy).toBe(recognizer.provenance.metrics.test.accuracy);
    const recording = readdirSync(corpus, { recursive: true }).find((name) => String(name).endsWith('.wav'))!;
    expect((await ran('predict', at('one'), join(corpus, String(recording)), '--json')).status).toBe(0);
    expect(readdirSync(at('cache')).filter((name) => name.startsWith('xvector-'))).toHaveLength(1);
  });

  it('ends with the same bytes when it was cut short and goes on, without the file it was given', async () => {
    const options = [...XVECTOR, '--xvector-join', 'frames', ...TINY, '--epochs', '3', '--workers', '0'];
    expect((await ran('train', corpus, '--out', at('whole'), ...options)).status).toBe(0);
    disk.checkpointsLeft = 2;
    expect((await ran('train', corpus, '--out', at('cut'), ...options)).status).toBe(1);
    disk.checkpointsLeft = Number.POSITIVE_INFINITY;
    expect(existsSync(at('cut', 'xvector.bin'))).toBe(true);
    const other = await ran('train', '--resume', at('cut'), '--xvector', at('other.xvector'));
    expect([other.status, other.err]).toEqual([2, expect.stringMatching(/begun with another --xvector/)]);
    const kept = readFileSync(at('cut', 'xvector.bin'));
    writeFileSync(at('cut', 'xvector.bin'), encodeXvector(tinyXvector(2)));
    const changed = await ran('train', '--resume', at('cut'));
    expect([changed.status, changed.err]).toEqual([
      1,
      expect.stringMatching(/xvector.bin: expected the x-vector that the training was begun with/),
    ]);
    writeFileSync(at('cut', 'xvector.bin'), kept);
    expect((await ran('train', '--resume', at('cut'))).status).toBe(0);
    for (const name of ['manifest.json', 'weights.bin', 'xvector.bin'])
      expect(hashOf('cut', name)).toBe(hashOf('whole', name));
  });

  it('refuses what it cannot take', async () => {
    const said = async (...options: string[]) => {
      const { status, err } = await ran('train', corpus, '--out', at('refused'), ...TINY, '--workers', '0', ...options);
      return `${status} ${err}`;
    };
    expect(await said('--xvector-join', 'frames')).toMatch(/^2 .*--xvector-join expected --xvector beside it/);
    expect(await said('--xvector', at('missing'))).toMatch(
      /^1 .*missing: expected the weights of an x-vector network/s,
    );
    writeFileSync(at('text'), 'no network');
    expect(await said('--xvector', at('text'))).toMatch(/^1 .*text: /s);
    expect(await said('--xvector', at('tiny.xvector'), '--xvector-components', '7')).toMatch(
      /^2 .*at most the 6 dimensions/s,
    );
    const heard = at('heard.xvector');
    const speakers = jsonOf('one').recognizer.provenance.speakers;
    writeFileSync(
      heard,
      encodeXvector(tinyXvector(1, { trainedOn: { corpus: 'synthetic', speakers: speakers.test, clips: 3 } })),
    );
    expect(await said('--xvector', heard)).toMatch(
      /^1 .*were not trained on speakers of .* trained on .*\(synthetic\)/s,
    );
    expect(existsSync(at('refused'))).toBe(false);
    const allowed = await ran(
      'train',
      corpus,
      '--out',
      at('allowed'),
      '--xvector',
      heard,
      '--allow-seen-speakers',
      ...TINY,
      '--workers',
      '0',
    );
    expect([allowed.status, allowed.out]).toEqual([
      0,
      expect.stringMatching(/the x-vector was trained on 1 of the speakers kept for testing/),
    ]);
    expect(jsonOf('allowed').recognizer.provenance.xvector.seenSpeakers).toEqual({
      validation: [],
      test: speakers.test,
    });
  });
});
