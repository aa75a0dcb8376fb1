import { isSerKitError, SerKitError } from '../core/errors.ts';
import { openDirectory } from '../node/open-directory.ts';
import type { Recognizer } from '../recognizer/recognizer.ts';
import { startBackend } from './backend.ts';

/** A saved recognizer on a started backend; errors name the run's folder. */
export async function openRun(run: string, backend: string): Promise<Recognizer> {
  const files = openDirectory(run);
  await files.list();
  await startBackend(backend);
  const { loadRecognizer } = await import('../recognizer/load-recognizer.ts');
  try {
    return await loadRecognizer(files);
  } catch (error) {
    if (!isSerKitError(error) || error.message.includes(run)) throw error;
    throw new SerKitError(error.code, `${run}: ${error.message}`, { cause: error });
  }
}
