import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseKaldiNnet3 } from '../../src/xvector/index.ts';
import { codeOf, errorOf } from '../support/error-of.ts';
import { hostileKaldi } from './hostile-kaldi.ts';

describe('parseKaldiNnet3() of broken and hostile files', () => {
  it.each(hostileKaldi.map((file) => [file.name, file] as const))(
    'refuses %s by name, within a second and 200 MB',
    (_, { bytes, message }) => {
      const file = bytes();
      const before = process.memoryUsage();
      const began = performance.now();
      const error = errorOf(() => parseKaldiNnet3(file));
      expect(performance.now() - began).toBeLessThan(1000);
      const after = process.memoryUsage();
      expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(200e6);
      expect(['bad-format', 'unsupported', 'truncated', 'empty']).toContain(error.code);
      expect(error.message).toMatch(message);
      expect(error.message.length).toBeLessThan(600);
    },
  );

  it('refuses a file that is cut short at any byte', () => {
    const whole = readFileSync(new URL('fixtures/kaldi-narrow7.raw', import.meta.url));
    // Every byte of the first headers, a sample of those behind them and inside arrays.
    const codes = new Set<string>();
    for (let length = 0; length < whole.length; length += length < 2500 || length > whole.length - 500 ? 1 : 61) {
      const code = codeOf(() => parseKaldiNnet3(whole.subarray(0, length)));
      if (code !== 'truncated') codes.add(`${code} at ${length}`);
    }
    // A file that is cut before it says what it is.
    expect([...codes]).toEqual(['empty at 0', 'bad-format at 1']);
  });

  it('refuses, or reads, a file of which any byte is another: nothing else happens', () => {
    const whole = readFileSync(new URL('fixtures/kaldi-narrow7.raw', import.meta.url));
    for (let at = 0; at < whole.length; at += at < 2500 ? 7 : 53) {
      const file = Uint8Array.from(whole);
      file[at] = (file[at]! + 1 + (at % 255)) & 255;
      expect(['none', 'bad-format', 'unsupported', 'truncated', 'not-finite', 'bad-option']).toContain(
        codeOf(() => parseKaldiNnet3(file)),
      );
    }
  });

  it('refuses what is no bytes', () => {
    expect(errorOf(() => parseKaldiNnet3('final.raw' as never)).message).toBe(
      'parseKaldiNnet3: bytes expected a Uint8Array, got "final.raw"',
    );
  });
});
