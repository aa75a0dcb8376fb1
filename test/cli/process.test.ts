import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'tsup';
import { beforeAll, describe, expect, it } from 'vitest';
import { renderSyntheticCorpus } from '../../src/datasets/synthetic/synthetic-corpus.ts';
import { writeDirectory } from '../../src/node/write-directory.ts';
import { TINY, temporaryFolder } from './support.ts';

// What only a process of its own shows: exit statuses, signals, pipes, and packages that are not installed.

const folder = temporaryFolder();
const corpus = join(folder, 'corpus');
const wav = join(corpus, 'AudioWAV', '9001_DFA_ANG_XX.wav');
const cli = join(folder, 'whole', 'dist', 'cli.js');
/** The same, with nothing installed but what package.json calls dependencies. */
const bareCli = join(folder, 'bare', 'dist', 'cli.js');

const ended = (command: string, ...args: string[]) => spawnSync(command, args, { encoding: 'utf8', timeout: 60_000 });
const serKit = (...args: string[]) => ended(process.execPath, cli, ...args);

beforeAll(async () => {
  for (const [name, installed] of [
    ['whole', readNames('dependencies', 'peerDependencies')],
    ['bare', readNames('dependencies')],
  ] as const) {
    const root = join(folder, name);
    mkdirSync(join(root, 'node_modules', '@tensorflow'), { recursive: true });
    writeFileSync(join(root, 'package.json'), '{"type":"module"}');
    for (const each of installed) symlinkSync(resolve('node_modules', each), join(root, 'node_modules', each));
    await build({
      entry: { cli: 'src/cli/main.ts' },
      outDir: join(root, 'dist'),
      format: 'esm',
      platform: 'node',
      splitting: true,
      config: false,
      silent: true,
      dts: false,
      clean: false,
      external: ['commander', /^zod/, /^@tensorflow/],
    });
  }
  await writeDirectory(corpus, await renderSyntheticCorpus({ speakers: 4, sentences: 1, seed: 1, sampleRate: 8000 }));
});

function readNames(...kinds: ('dependencies' | 'peerDependencies')[]): string[] {
  const packageJson = JSON.parse(readFileSync('package.json', 'utf8'));
  return kinds.flatMap((kind) => Object.keys(packageJson[kind]));
}

describe('the ser-kit program', () => {
  it('ends with 0, 1 and 2; only results go to stdout', () => {
    const good = serKit('dataset', corpus, '--json');
    expect([good.status, JSON.parse(good.stdout).clips]).toEqual([0, 24]);
    const failed = serKit('predict', join(folder, 'none'), wav);
    expect(failed).toMatchObject({ status: 1, stdout: '' });
    expect(failed.stderr).toMatch(/^ser-kit: .*none: no such folder\n$/);
    const wrong = serKit('predict');
    expect(wrong).toMatchObject({ status: 2, stdout: '' });
  });

  it('works without TensorFlow.js where no network runs, and says what to install where one does', () => {
    const bare = (...args: string[]) => ended(process.execPath, bareCli, ...args);
    expect(bare('--help').status).toBe(0);
    expect(bare('dataset', corpus).status).toBe(0);
    expect(bare('features', wav).status).toBe(0);
    // What only --picture needs is not loaded by what draws nothing.
    rmSync(join(folder, 'bare', 'node_modules', 'fflate'));
    expect(bare('dataset', corpus).status).toBe(0);
    expect(bare('features', wav, '--picture', join(folder, 'a.svg')).status).toBe(1);
    const train = bare('train', corpus, '--out', join(folder, 'bare-run'));
    expect(train).toMatchObject({ status: 1, stdout: '' });
    expect(train.stderr).toMatch(
      /^ser-kit: this command needs TensorFlow\.js, and @tensorflow\/[a-z-]+ is not installed; install it with: npm install @tensorflow\/tfjs-core @tensorflow\/tfjs-layers @tensorflow\/tfjs-backend-wasm @tensorflow\/tfjs-backend-cpu\n$/,
    );
    expect(existsSync(join(folder, 'bare-run'))).toBe(false);
    const other = serKit('train', corpus, '--out', join(folder, 'bare-run'), '--backend', 'webgpu');
    expect(other.status).toBe(1);
    expect(other.stderr).toMatch(/^ser-kit: .*@tensorflow\/tfjs-backend-webgpu.*\n$/);
  });

  it('ends quietly when nobody reads on', () => {
    const command = `"${process.execPath}" "${cli}" features "${wav}" --feature spectrogram | head -c 20; echo "status \${PIPESTATUS[0]}"`;
    const { stdout, stderr } = ended('bash', '-c', command);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/status 0\n$/);
  });

  it('keeps the best model at Ctrl-C, ends with 130, and the run can be used', async () => {
    const run = join(folder, 'interrupted');
    const { status, stderr, stdout } = await interrupted(
      ['--out', run, '--json', ...TINY, '--epochs', '5000', '--patience', '5000'],
      1,
    );
    expect(stderr).toMatch(
      /interrupted: keeping the best model so far \(Ctrl-C again drops it; --resume goes on either way\)/,
    );
    expect(stderr).toMatch(
      /ser-kit: interrupted after \d+ epochs?; the best model so far is in .*interrupted; the checkpoint of epoch \d+ is kept, go on from it with: npx ser-kit train --resume .*interrupted\n$/,
    );
    expect(status).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ out: run, bestEpoch: expect.any(Number) });
    const { recognizer } = JSON.parse(readFileSync(join(run, 'manifest.json'), 'utf8'));
    expect(recognizer.provenance.history.stopped).toBe('aborted');
    expect(serKit('predict', run, wav).status).toBe(0);
  });

  it('goes on after Ctrl-C and after kills, and ends with the bytes of a training that nothing ended', async () => {
    const options = [...TINY, '--epochs', '5', '--dropout', '0.2'];
    const whole = join(folder, 'never-ended');
    expect(serKit('train', corpus, '--out', whole, ...options).status).toBe(0);

    const pressed = join(folder, 'pressed');
    expect((await interrupted(['--out', pressed, ...options], 1)).status).toBe(130);
    const killed = join(folder, 'killed');
    await killedAt(killed, /epoch +2 /, ['--out', killed, ...options]);
    const unfinished = serKit('predict', killed, wav);
    expect(unfinished.stderr).toMatch(
      /its training is not done; go on with it: npx ser-kit train --resume .*killed\n$/,
    );
    await killedAt(killed, /measuring/, ['--resume', killed]);
    expect(existsSync(join(killed, 'training.json'))).toBe(true);
    for (const run of [pressed, killed]) {
      expect(serKit('train', '--resume', run)).toMatchObject({ status: 0 });
      for (const name of readdirSync(whole)) {
        if (name === 'log.jsonl' || name === 'training.json') continue;
        expect(readFileSync(join(run, name)).equals(readFileSync(join(whole, name)))).toBe(true);
      }
      expect(readdirSync(run).sort()).toEqual(readdirSync(whole).sort());
    }
  });

  it('does not promise to keep a model at Ctrl-C in the first epoch, when there is none, but --resume begins it again', async () => {
    const run = join(folder, 'early');
    const slow = ['--model', 'lstm', '--units', '128', '--epochs', '50', '--batch-size', '1'];
    const { status, stderr } = await interrupted(['--out', run, ...slow], 1, () => existsSync(join(run, 'log.jsonl')));
    expect(stderr).not.toMatch(/epoch +1 /);
    expect(stderr).toMatch(/interrupted: ending; the first epoch is not done, .* \(--resume begins it again\)/);
    expect(stderr).not.toContain('keeping the best model');
    expect(stderr).toMatch(/begin its first epoch again with: npx ser-kit train --resume .*early\n$/);
    expect(status).toBe(130);
    await killedAt(run, /beginning with the first epoch/, ['--resume', run]);
    expect(existsSync(join(run, 'training.json'))).toBe(true);
  });

  it('drops everything at the second Ctrl-C', async () => {
    const run = join(folder, 'dropped');
    const slow = ['--model', 'lstm', '--units', '96', '--epochs', '5000', '--patience', '5000', '--batch-size', '4'];
    const { status } = await interrupted(['--out', run, ...slow], 2);
    expect(status).toBe(130);
    expect(existsSync(join(run, 'manifest.json'))).toBe(false);
  });
});

/** Trains until `when` was written, then kills the process. */
async function killedAt(run: string, when: RegExp, args: string[]): Promise<void> {
  const dir = args[0] === '--resume' ? [] : [corpus];
  const child = spawn(process.execPath, [cli, 'train', ...dir, ...args]);
  let stderr = '';
  child.stderr.on('data', (data) => {
    stderr += data;
    if (when.test(stderr)) child.kill('SIGKILL');
  });
  const signal = await new Promise((done) => child.on('close', (_, by) => done(by)));
  expect([run, signal]).toEqual([run, 'SIGKILL']);
}

/** Trains until the first epoch is done (or `when` was written, or is so), then presses Ctrl-C that often. */
async function interrupted(
  args: string[],
  times: 1 | 2,
  when: RegExp | (() => boolean) = /epoch +1 /,
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child: ChildProcess = spawn(process.execPath, [cli, 'train', corpus, ...args]);
  let stdout = '';
  let stderr = '';
  let pressed = 0;
  const press = (): void => {
    const isTime = when instanceof RegExp ? when.test(stderr) : when();
    const isDue = pressed === 0 ? isTime : pressed < times && stderr.includes('interrupted:');
    if (!isDue) return;
    pressed++;
    child.kill('SIGINT');
  };
  child.stdout!.on('data', (data) => {
    stdout += data;
  });
  child.stderr!.on('data', (data) => {
    stderr += data;
    press();
  });
  const watching = setInterval(press, 5);
  const status = await new Promise<number | null>((done) => child.on('close', done));
  clearInterval(watching);
  return { status, stdout, stderr };
}
