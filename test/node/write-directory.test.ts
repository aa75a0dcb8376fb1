import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDirectory } from '../../src/node/open-directory.ts';
import { writeDirectory } from '../../src/node/write-directory.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ser-kit-'));
});
afterEach(() => rm(dir, { recursive: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('writeDirectory()', () => {
  it('makes the folder, and openDirectory() reads back what was written', async () => {
    const out = join(dir, 'runs', 'a');
    await writeDirectory(
      out,
      new Map([
        ['manifest.json', bytes('{}')],
        ['deep/er/x.bin', bytes('x')],
      ]),
    );
    const files = openDirectory(out);
    expect(await files.list()).toEqual(['deep/er/x.bin', 'manifest.json']);
    expect(await files.read('deep/er/x.bin')).toEqual(bytes('x'));
    expect((await readdir(out)).sort()).toEqual(['deep', 'manifest.json']); // no temporary names are left
  });

  it('makes the folder even for no files', async () => {
    await writeDirectory(join(dir, 'empty'), new Map());
    expect(await openDirectory(join(dir, 'empty')).list()).toEqual([]);
  });

  it('replaces files of the same name and leaves others', async () => {
    await writeFile(join(dir, 'old.txt'), 'old');
    await writeFile(join(dir, 'same.txt'), 'a much longer text than what follows');
    await writeDirectory(dir, new Map([['same.txt', bytes('new')]]));
    expect(await readFile(join(dir, 'old.txt'), 'utf8')).toBe('old');
    expect(await readFile(join(dir, 'same.txt'), 'utf8')).toBe('new');
  });

  it('leaves what was there, and no temporary file, when one file cannot be written', async () => {
    await writeFile(join(dir, 'a.txt'), 'before');
    await writeFile(join(dir, 'blocked'), 'a file where a folder is wanted');
    const files = new Map([
      ['a.txt', bytes('after')],
      ['blocked/b.txt', bytes('b')],
    ]);
    await expect(writeDirectory(dir, files)).rejects.toMatchObject({
      message: expect.stringMatching(/^writeDirectory: .*cannot be written/),
    });
    expect(await readFile(join(dir, 'a.txt'), 'utf8')).toBe('before');
    expect((await readdir(dir)).sort()).toEqual(['a.txt', 'blocked']);
  });

  it('leaves no temporary file when renaming fails', async () => {
    await mkdir(join(dir, 'taken', 'inside'), { recursive: true });
    await expect(writeDirectory(dir, new Map([['taken', bytes('x')]]))).rejects.toThrow(/cannot be written/);
    expect(await readdir(dir)).toEqual(['taken']);
  });

  it('refuses a path that leaves the folder before anything is written', async () => {
    const files = new Map([
      ['ok.txt', bytes('x')],
      ['../out.txt', bytes('x')],
    ]);
    await expect(writeDirectory(join(dir, 'in'), files)).rejects.toMatchObject({ code: 'bad-input' });
    expect(await readdir(dir)).toEqual([]);
  });
});
