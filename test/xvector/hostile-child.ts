import { rmSync, writeFileSync } from 'node:fs';
import { parseXvector } from '../../src/xvector/parse-xvector.ts';
import { hostileFiles } from './hostile-files.ts';
import { checkpoint } from './hostile-support.ts';

// Bundled by hostile.test.ts: reads one hostile file after another and writes what became of each, and of the process's memory.

const [answer, sentinel] = process.argv.slice(2) as [string, string];
rmSync(sentinel, { force: true });
const peak = (): number => process.resourceUsage().maxRSS * 1024;

const files = hostileFiles(sentinel);
parseXvector(checkpoint()); // what this does not refuse, it reads; and the code is compiled
const before = Object.getOwnPropertyNames(Object.prototype).length;
const results = files.map(({ name, bytes }) => {
  const peakBefore = peak();
  const start = performance.now();
  let error: { name?: string; code?: string; message?: string } = {};
  try {
    parseXvector(bytes);
  } catch (thrown) {
    error = thrown as Error;
  }
  const { name: kind, code, message } = error;
  return { name, kind, code, message, ms: performance.now() - start, grown: peak() - peakBefore };
});
const polluted = Object.getOwnPropertyNames(Object.prototype).length !== before || 'polluted' in {};
writeFileSync(answer, JSON.stringify({ results, polluted }));
