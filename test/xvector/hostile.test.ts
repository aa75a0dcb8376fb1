import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseXvector } from '../../src/xvector/parse-xvector.ts';
import { codeOf } from '../support/error-of.ts';
import { bundle } from '../support/worker-bundle.ts';
import { fixture } from './fixtures.ts';
import { hostileFiles } from './hostile-files.ts';
import { checkpoint, checkpointMembers, zipOf } from './hostile-support.ts';

interface Result {
  readonly name: string;
  readonly kind?: string;
  readonly code?: string;
  readonly message?: string;
  readonly ms: number;
  /** By how much the process's greatest memory grew while the file was read, in bytes. */
  readonly grown: number;
}

const files = hostileFiles('/nowhere');
let folder: string;
let sentinel: string;
let results: ReadonlyMap<string, Result>;
let polluted: boolean;

beforeAll(async () => {
  // A process of its own, whose greatest memory is that of reading these files.
  folder = await bundle({ child: 'test/xvector/hostile-child.ts' });
  sentinel = join(folder, 'sentinel');
  const answer = join(folder, 'answer.json');
  execFileSync(process.execPath, [join(folder, 'child.mjs'), answer, sentinel]);
  const said = JSON.parse(readFileSync(answer, 'utf8')) as { results: Result[]; polluted: boolean };
  results = new Map(said.results.map((each) => [each.name, each]));
  polluted = said.polluted;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a hostile or broken file', () => {
  it('is one of more than fifty, each of its own name', () => {
    expect(files.length).toBeGreaterThanOrEqual(50);
    expect(results.size).toBe(files.length);
  });

  it.each(files.map(({ name, says }) => [name, says] as const))('%s: is refused by name', (name, says) => {
    const { kind, message, ms, grown } = results.get(name)!;
    expect(kind).toBe('SerKitError');
    expect(message).toMatch(says);
    expect(message).toMatch(/expected|known/);
    expect(ms).toBeLessThan(1000);
    expect(grown).toBeLessThan(200e6);
  });

  it('runs nothing, makes no file and leaves no trace in Object.prototype', () => {
    expect(existsSync(sentinel)).toBe(false);
    expect(polluted).toBe(false);
  });
});

describe('what hostile files are made of', () => {
  it('is read where nothing in it lies, with zip64 too', () => {
    expect(codeOf(() => parseXvector(checkpoint()))).toBe('none');
    expect(codeOf(() => parseXvector(zipOf(checkpointMembers(), { zip64: {} })))).toBe('none');
    expect(codeOf(() => parseXvector(checkpoint({ 'blocks.0.conv.bias': { location: 'cuda:0' } })))).toBe('none');
  });
});

describe("SpeechBrain's checkpoint", () => {
  it('is refused wherever it is cut off, and whichever byte of it is changed nothing but a SerKitError comes', () => {
    const bytes = fixture('tiny-speechbrain.ckpt');
    for (let length = 0; length < bytes.length; length += 211) {
      expect(codeOf(() => parseXvector(bytes.subarray(0, length)))).toMatch(/^(truncated|empty|bad-format)$/);
    }
    const codes = new Map<string, number>();
    for (let at = 0; at < bytes.length; at += 11) {
      const changed = bytes.slice();
      changed[at]! ^= 1 << (at % 8);
      const code = codeOf(() => parseXvector(changed)); // throws what is no SerKitError
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    // A changed time, name or padding changes nothing that is read.
    expect(codes.get('altered')).toBeGreaterThan(600);
  });
});
