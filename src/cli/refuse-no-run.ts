import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SerKitError } from '../core/errors.ts';
import { WrongUse } from './failure.ts';
import { OF_THE_DEAD } from './open-out.ts';
import { CHECKPOINT_FILE, resumeCommand } from './run-folder.ts';
import { shellWord } from './text.ts';
import { TRAINING_FILE } from './training-file.ts';

/**
 * Looks at a folder without a training.json in which --resume is to go on: an empty one is fine, for a training that
 * begins there. --force is named only where the files in it are those of a run.
 *
 * @param dir  the recordings, where they were given
 * @throws SerKitError 'not-found', 'exists'; WrongUse where `dir` is the run
 */
export async function refuseNoRun(out: string, dir: string | undefined): Promise<void> {
  if (dir !== undefined && existsSync(join(dir, TRAINING_FILE))) {
    throw new WrongUse(
      `${out}: expected a run of \`ser-kit train\`, got a folder without ${TRAINING_FILE}; ${dir} is a run: ${resumeCommand(dir, out)}`,
    );
  }
  const names = (await readdir(out).catch(() => [])).filter((name) => !OF_THE_DEAD.test(name));
  const again = `npx ser-kit train ${dir === undefined ? 'DIR' : shellWord(dir)} --out ${shellWord(out)} --force`;
  const left = [CHECKPOINT_FILE, 'manifest.json'].find((name) => names.includes(name));
  if (left !== undefined) {
    throw new SerKitError(
      'not-found',
      `${join(out, TRAINING_FILE)}: no such file, and without it nothing goes on from ${left}; put a copy of it back, or begin again with: ${again}`,
    );
  }
  if (names.length > 0) {
    throw new SerKitError(
      'exists',
      `${out}: expected a run of \`ser-kit train\`, or a new folder, got one with other files and no ${TRAINING_FILE}; name the run's folder behind --resume`,
    );
  }
  if (dir === undefined) {
    throw new SerKitError(
      'not-found',
      `${out}: expected a folder in which \`ser-kit train\` began, got none with a ${TRAINING_FILE}; give the folder of recordings too, to begin there`,
    );
  }
}
