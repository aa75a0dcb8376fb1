import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseXvector } from '../../src/xvector/parse-xvector.ts';

// Bundled by hostile.test.ts: reads one hostile file after another, NAME.bin in a folder, and writes what became of each, and of
// the process's memory. It makes none of them itself: that takes more memory than reading them.

const [folder, answer, warm] = process.argv.slice(2) as [string, string, string];
const peak = (): number => process.resourceUsage().maxRSS * 1024;

parseXvector(readFileSync(warm));
const before = Object.getOwnPropertyNames(Object.prototype).length;
const results: Record<string, object> = {};
for (const name of readdirSync(folder)) {
  const bytes = readFileSync(join(folder, name));
  const peakBefore = peak();
  const start = performance.now();
  let error: { name?: string; code?: string; message?: string } = {};
  try {
    parseXvector(bytes);
  } catch (thrown) {
    error = thrown as Error;
  }
  const ms = performance.now() - start;
  results[name] = { kind: error.name, code: error.code, message: error.message, ms, grown: peak() - peakBefore };
}
const polluted = Object.getOwnPropertyNames(Object.prototype).length !== before || 'polluted' in {};
writeFileSync(answer, JSON.stringify({ results, polluted }));
