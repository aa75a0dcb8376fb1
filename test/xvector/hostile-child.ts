import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseXvector } from '../../src/xvector/parse-xvector.ts';

// Bundled by hostile.test.ts: reads one hostile file after another, NAME.bin in a folder, and writes what became of each, and of
// the process's memory. It makes none of them itself: that takes more memory than reading them.

/** What became of a file. */
export interface Result {
  readonly kind?: string | undefined;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly ms: number;
  /** By how much the process's greatest memory grew while the file was read, in bytes. */
  readonly grown: number;
}

const [folder, answer, warm] = process.argv.slice(2) as [string, string, string];

/** Of this program's own memory, in bytes: resourceUsage() counts that of the process that started it too. */
function peak(): number {
  if (!existsSync('/proc/self/status')) return process.resourceUsage().maxRSS * 1024;
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]) * 1024;
}

parseXvector(readFileSync(warm));
const before = Object.getOwnPropertyNames(Object.prototype).length;
const results: Record<string, Result> = {};
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
