import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeDirectory } from '../../src/node/write-directory.ts';

// A full disk and a forbidden folder cannot be had on every machine: the file system's answer is put in its mouth.
const failing = vi.hoisted(() => ({ code: '', part: '' }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return {
    ...real,
    writeFile: async (path: string, bytes: Uint8Array) => {
      if (failing.code === '' || !path.includes(failing.part)) return real.writeFile(path, bytes);
      await real.writeFile(path, bytes.subarray(0, 1)); // as much as there was room for
      throw Object.assign(new Error(`${failing.code}: as Node words it`), { code: failing.code });
    },
  };
});

let dir: string;
beforeEach(async () => {
  failing.code = '';
  dir = await mkdtemp(join(tmpdir(), 'ser-kit-'));
});
afterEach(() => rm(dir, { recursive: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('writeDirectory() where writing fails', () => {
  it.each([
    ['ENOSPC', 'the disk is full'],
    ['EDQUOT', 'the disk quota is used up'],
    ['EACCES', 'no permission to write there'],
    ['EROFS', 'the file system is read-only'],
    ['EIO', 'EIO: as Node words it'],
  ])("says 'not-writable' for %s, why in words, and leaves what was there", async (code, reason) => {
    await writeFile(join(dir, 'a.txt'), 'before');
    Object.assign(failing, { code, part: 'b.txt' });
    const files = new Map([
      ['a.txt', bytes('after')],
      ['b.txt', bytes('bbb')],
    ]);
    await expect(writeDirectory(dir, files)).rejects.toMatchObject({
      code: 'not-writable',
      message: `writeDirectory: ${dir}: cannot be written: ${reason}`,
      cause: { code },
    });
    expect(await readFile(join(dir, 'a.txt'), 'utf8')).toBe('before');
    expect(await readdir(dir)).toEqual(['a.txt']);
  });

  it("says 'not-writable' where a file lies in a folder's place, or a folder in a file's", async () => {
    await writeFile(join(dir, 'file'), 'x');
    await expect(writeDirectory(join(dir, 'file'), new Map())).rejects.toMatchObject({
      code: 'not-writable',
      message: expect.stringMatching(/cannot be written: a file lies where a folder has to be$/),
    });
    await mkdir(join(dir, 'folder', 'inside'), { recursive: true });
    await expect(writeDirectory(dir, new Map([['folder', bytes('x')]]))).rejects.toMatchObject({
      code: 'not-writable',
    });
  });
});
