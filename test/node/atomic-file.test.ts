import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeAtomically } from '../../src/node/atomic-file.ts';

// Another container on the same folder that tidies up at the wrong moment.
const other = vi.hoisted(() => ({ removes: 0 }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  return {
    ...real,
    renameSync: (from: string, to: string) => {
      if (other.removes-- > 0) real.rmSync(from);
      return real.renameSync(from, to);
    },
  };
});

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ser-kit-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('writeAtomically()', () => {
  it.each([0, 1])('writes the file, and makes its folder, where its temporary file is taken away %i times', (times) => {
    other.removes = times;
    writeAtomically(join(dir, 'ab', 'file'), Uint8Array.of(1, 2, 3), dir);
    expect([...readFileSync(join(dir, 'ab', 'file'))]).toEqual([1, 2, 3]);
    expect(readdirSync(dir)).toEqual(['ab']);
  });

  it('leaves nothing behind where it cannot', () => {
    other.removes = 2;
    expect(() => writeAtomically(join(dir, 'file'), Uint8Array.of(1), dir)).toThrow(/ENOENT/);
    expect(readdirSync(dir)).toEqual([]);
  });
});
