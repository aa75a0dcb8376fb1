import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The folder of real corpora that SER_KIT_CORPORA names (it holds `cremad/AudioWAV/...`), or undefined. Tests that
 * need one skip without it, and say so.
 */
export function corporaFolder(): string | undefined {
  const folder = process.env.SER_KIT_CORPORA;
  if (folder === undefined || folder === '') {
    console.log('skipped: tests on real corpora need SER_KIT_CORPORA=<folder that holds cremad/AudioWAV>');
    return undefined;
  }
  if (!existsSync(join(folder, 'cremad', 'AudioWAV'))) {
    throw new Error(`SER_KIT_CORPORA expected a folder that holds cremad/AudioWAV, got ${folder}`);
  }
  return folder;
}
