import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { extractCorpus } from '../../src/node/extract-corpus.ts';
import { bundle } from '../support/worker-bundle.ts';
import { contentsOf, SMALL, writeSounds } from './corpus-support.ts';

const CLIPS = 120;

let dir: string;
let code: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ser-kit-'));
  code = await bundle({
    'extract-child': fileURLToPath(new URL('./extract-child.ts', import.meta.url)),
    'feature-worker': 'src/node/feature-worker.ts',
  });
});
afterAll(async () => {
  rmSync(code, { recursive: true, force: true });
  await rm(dir, { recursive: true });
});

/** Fills the cache in a process of its own, which is killed once it has told of `killAt` clips; how many it told of. */
async function fill(corpus: string, cache: string, killAt = Number.POSITIVE_INFINITY, clips = CLIPS): Promise<number> {
  const child = spawn(process.execPath, [join(code, 'extract-child.mjs'), corpus, cache]);
  let told = 0;
  let errors = '';
  child.stdout.on('data', (text: Buffer) => {
    told += text.toString().split('\n').length - 1;
    if (told >= killAt) child.kill('SIGKILL');
  });
  child.stderr.on('data', (text) => {
    errors += text;
  });
  const signal = await new Promise<string | null>((done) => child.on('close', (_, by) => done(by)));
  expect([signal, errors]).toEqual([killAt < clips ? 'SIGKILL' : null, '']);
  return told;
}

const entriesOf = (cache: string): number =>
  Object.keys(contentsOf(cache)).filter((path) => /\.f32$/.test(path)).length;

describe('a run that is killed (SIGKILL)', () => {
  it('goes on where it was, repeats at most what was in flight, and ends with the bytes of one that was not', async () => {
    const corpus = join(dir, 'corpus');
    await writeSounds(corpus, CLIPS, 2);
    expect(await fill(corpus, join(dir, 'whole'))).toBe(CLIPS);
    const whole = contentsOf(join(dir, 'whole'));
    expect(Object.keys(whole)).toHaveLength(CLIPS + 1);

    const cache = join(dir, 'cache');
    let before = 0;
    for (const killAt of [10, 60]) {
      const told = await fill(corpus, cache, killAt);
      const kept = entriesOf(cache);
      expect(kept).toBeGreaterThanOrEqual(told); // whatever it had told of is kept...
      expect(kept).toBeGreaterThan(before);
      expect(kept).toBeLessThan(CLIPS);
      before = kept;
    }
    // ...and what is kept is not computed again: at most the clips that the workers were at are.
    let [computed, resumed] = [0, 0];
    const clips = Array.from({ length: CLIPS }, (_, i) => {
      return {
        id: String(i),
        path: `c${String(i).padStart(3, '0')}.wav`,
        speakerId: 's',
        label: 'l',
        load: neverCalled,
      };
    });
    for await (const result of extractCorpus(clips, SMALL, { workers: 0, dir: corpus, cache })) {
      if (result.matrix !== undefined && result.resumed) resumed++;
      else computed++;
    }
    expect([computed, resumed]).toEqual([CLIPS - before, before]);
    expect(contentsOf(cache)).toEqual(whole);
  });
});

describe('two processes that fill one cache at once', () => {
  it('leave the bytes that one of them would', async () => {
    const corpus = join(dir, 'shared-corpus');
    await writeSounds(corpus, 40, 1);
    const two = [0, 1].map(() => fill(corpus, join(dir, 'shared'), Number.POSITIVE_INFINITY, 40));
    expect(await Promise.all(two)).toEqual([40, 40]);
    await fill(corpus, join(dir, 'alone'), Number.POSITIVE_INFINITY, 40);
    expect(contentsOf(join(dir, 'shared'))).toEqual(contentsOf(join(dir, 'alone')));
  });
});

const neverCalled = (): Promise<never> => Promise.reject(new Error('not to be called'));
