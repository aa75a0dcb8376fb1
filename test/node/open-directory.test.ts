import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDirectory } from '../../src/node/open-directory.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ser-kit-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(join(dir, path, '..'), { recursive: true });
  await writeFile(join(dir, path), text);
}

describe('openDirectory()', () => {
  it('lists every file below the folder, sorted, with slashes, and passes over names that begin with a dot', async () => {
    await put('b/x.wav', 'x');
    await put('b/c/y.wav', 'y');
    await put('a.txt', 'a');
    await put('.git/config', 'g');
    await put('b/.DS_Store', 'd');
    expect(await openDirectory(dir).list()).toEqual(['a.txt', 'b/c/y.wav', 'b/x.wav']);
  });

  it('lists an empty folder as empty', async () => {
    expect(await openDirectory(dir).list()).toEqual([]);
  });

  it('follows links to folders, and ends where a link leads back to a folder above it', async () => {
    await put('real/x.wav', 'x');
    await symlink(join(dir, 'real'), join(dir, 'link'));
    await symlink(dir, join(dir, 'real', 'loop'));
    expect(await openDirectory(dir).list()).toEqual(['link/x.wav', 'real/x.wav']);
  });

  it('lists a link that leads nowhere, so that reading it tells', async () => {
    await put('x.wav', 'x');
    await symlink(join(dir, 'nowhere'), join(dir, 'dangling.wav'));
    const files = openDirectory(dir);
    expect(await files.list()).toEqual(['dangling.wav', 'x.wav']);
    await expect(files.read('dangling.wav')).rejects.toMatchObject({
      code: 'not-found',
      message: 'dangling.wav: no such file',
    });
  });

  it('reads a file as a plain Uint8Array of its bytes', async () => {
    await put('a/b.txt', 'hello');
    const bytes = await openDirectory(dir).read('a/b.txt');
    expect(bytes.constructor).toBe(Uint8Array);
    expect(new TextDecoder().decode(bytes)).toBe('hello');
  });

  it('says in one line that there is no such folder, or that it is a file', async () => {
    await put('file.txt', 'x');
    const missing = openDirectory(join(dir, 'nope'));
    await expect(missing.list()).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/^openDirectory: \S*nope: no such folder$/),
    });
    await expect(missing.read('x.wav')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/no such folder$/),
    });
    await expect(openDirectory(join(dir, 'file.txt')).list()).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/file\.txt: expected a folder, got a file$/),
    });
  });

  it('says that there is no such file, or that it is a folder', async () => {
    await put('a/b.txt', 'x');
    await expect(openDirectory(dir).read('c.wav')).rejects.toMatchObject({
      code: 'not-found',
      message: 'c.wav: no such file',
    });
    await expect(openDirectory(dir).read('a')).rejects.toMatchObject({ message: 'a: expected a file, got a folder' });
  });

  it.each(['../secret', 'a/../../secret', '/etc/hostname', '..\\secret', 'C:\\secret', ''])(
    'refuses to read %j, which leaves the folder',
    async (path) => {
      await expect(openDirectory(dir).read(path)).rejects.toMatchObject({ code: 'bad-input' });
    },
  );

  it('refuses what is not a path', () => {
    expect(() => openDirectory('')).toThrow(expect.objectContaining({ code: 'bad-input' }));
    expect(() => openDirectory(undefined as never)).toThrow(/dir expected the path of a folder, got undefined/);
  });
});
