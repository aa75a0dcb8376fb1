import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openOut } from '../../src/cli/open-out.ts';
import { makeFolder } from '../../src/node/make-folder.ts';
import { writeDirectory } from '../../src/node/write-directory.ts';

const folder = mkdtempSync(join(tmpdir(), 'ser-kit-make-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('makeFolder', () => {
  it('makes what is missing, and leaves what is there', () => {
    const deep = join(folder, 'a', 'b', '..', 'c');
    makeFolder(deep);
    makeFolder(deep);
    expect(statSync(join(folder, 'a', 'c')).isDirectory()).toBe(true);
  });

  it('throws where a file lies in the way', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => makeFolder(join(folder, 'file'))).toThrow(/EEXIST/);
    expect(() => makeFolder(join(folder, 'file', 'below', 'it'))).toThrow(/ENOTDIR/);
  });

  it.skipIf(!existsSync('/proc/self'))('ends where a folder that is there makes none', async () => {
    expect(() => makeFolder('/proc/nope/below')).toThrow('no folder can be made in /proc');
    await expect(writeDirectory('/proc/nope', new Map([['a', new Uint8Array(1)]]))).rejects.toMatchObject({
      code: 'not-writable',
      message: 'writeDirectory: /proc/nope: cannot be written: no folder can be made in /proc',
    });
    await expect(openOut('/proc/nope', 'new')).rejects.toMatchObject({ code: 'not-writable' });
  });
});
