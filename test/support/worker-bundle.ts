import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'tsup';
import { afterAll, beforeAll } from 'vitest';
import { workerFile } from '../../src/node/worker-file.ts';

/** Entries as .mjs files in a folder within node_modules, so that they find the packages they need. */
export async function bundle(entry: Record<string, string>): Promise<string> {
  const folder = mkdtempSync(resolve('node_modules', '.ser-kit-test-'));
  await build({
    entry,
    outDir: folder,
    outExtension: () => ({ js: '.mjs' }),
    format: 'esm',
    platform: 'node',
    target: 'node20',
    splitting: false,
    config: false,
    silent: true,
    dts: false,
    clean: false,
  });
  return folder;
}

/** Lets the file's tests have worker threads: threads of Node 20 cannot load TypeScript. */
export function useWorkers(): void {
  let folder: string | undefined;
  beforeAll(async () => {
    folder = await bundle({ 'feature-worker': 'src/node/feature-worker.ts' });
    workerFile.url = pathToFileURL(join(folder, 'feature-worker.mjs'));
  });
  afterAll(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });
}
