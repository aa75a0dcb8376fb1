import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseXvector } from '../../src/xvector/parse-xvector.ts';
import { codeOf } from '../support/error-of.ts';
import { bundle } from '../support/worker-bundle.ts';
import { fixture } from './fixtures.ts';
import type { Result } from './hostile-child.ts';
import { hostileFiles } from './hostile-files.ts';
import { checkpoint, checkpointMembers, zipOf } from './hostile-support.ts';

const folder = mkdtempSync(join(tmpdir(), 'ser-kit-hostile-'));
const sentinel = join(folder, 'sentinel');
const files = hostileFiles(sentinel);
let results: Readonly<Record<string, Result>>;
let polluted: boolean;

beforeAll(async () => {
  const hostile = join(folder, 'hostile');
  mkdirSync(hostile);
  files.forEach(({ bytes }, i) => {
    writeFileSync(join(hostile, `${i}`), bytes);
  });
  const [answer, warm] = [join(folder, 'answer.json'), join(folder, 'valid.ckpt')];
  writeFileSync(warm, checkpoint());
  // A process of its own, whose greatest memory is that of reading these files.
  const child = await bundle({ child: 'test/xvector/hostile-child.ts' });
  try {
    execFileSync(process.execPath, [join(child, 'child.mjs'), hostile, answer, warm]);
  } finally {
    rmSync(child, { recursive: true, force: true });
  }
  ({ results, polluted } = JSON.parse(readFileSync(answer, 'utf8')) as {
    results: Record<string, Result>;
    polluted: boolean;
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a hostile or broken file', () => {
  it('is one of more than fifty, each of its own name', () => {
    expect(files.length).toBeGreaterThanOrEqual(50);
    expect(Object.keys(results)).toHaveLength(files.length);
    expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
  });

  it.each(files.map(({ name, says }, i) => [name, says, i] as const))('%s: is refused by name', (_, says, i) => {
    const { kind, message, ms, grown } = results[i]!;
    expect(kind).toBe('SerKitError');
    expect(message).toMatch(says);
    expect(message).toMatch(/expected|known/);
    expect(ms).toBeLessThan(1000);
    expect(grown).toBeLessThan(200e6);
  });

  it('takes less than 200 MB, all of them together too', () => {
    const total = Object.values(results).reduce((sum, { grown }) => sum + grown, 0);
    expect(total).toBeGreaterThan(1e6); // or nothing was measured
    expect(total).toBeLessThan(200e6);
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
