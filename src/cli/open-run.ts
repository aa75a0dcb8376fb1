import { join } from 'node:path';
import { isSerKitError, SerKitError } from '../core/errors.ts';
import { openDirectory } from '../node/open-directory.ts';
import type { Recognizer } from '../recognizer/recognizer.ts';
import { startBackend } from './backend.ts';
import { withoutFunction } from './failure.ts';
import { resumeCommand } from './run-folder.ts';
import { TRAINING_FILE } from './training-file.ts';

/** A saved recognizer on a started backend; errors name the run's file and what to do. */
export async function openRun(run: string, backend: string): Promise<Recognizer> {
  const files = openDirectory(run);
  const names = await files.list();
  if (!names.includes('manifest.json')) {
    if (names.includes(TRAINING_FILE)) {
      throw new SerKitError('not-found', `${run}: its training is not done; go on with it: ${resumeCommand(run)}`);
    }
    throw new SerKitError('not-found', `${run}: expected a folder that \`ser-kit train\` saved, got no manifest.json`);
  }
  await startBackend(backend);
  const { loadRecognizer } = await import('../recognizer/load-recognizer.ts');
  try {
    return await loadRecognizer(files);
  } catch (error) {
    if (!isSerKitError(error)) throw error;
    const found = withoutFunction(error.message);
    const message = /^[\w.-]+: /.test(found) ? join(run, found) : `${run}: ${found}`;
    const isDamaged = ['not-found', 'truncated', 'altered', 'bad-format'].includes(error.code);
    const remedy = isDamaged ? '; copy the whole folder anew, or train again' : '';
    throw new SerKitError(error.code, `${message}${remedy}`, { cause: error });
  }
}
