import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { quote, SerKitError } from '../core/errors.ts';
import { makeFolder } from './make-folder.ts';
import { requireInside, writeReasonOf } from './paths.ts';

/**
 * Writes files into a folder, which is made where it is missing. Each file is written under a temporary name beside its
 * own first, and renamed once all are written: whoever reads the folder finds a whole file or none, and a failure while
 * writing leaves what was there. Files of the same name are replaced, others stay.
 *
 * @param files  bytes by path, relative to the folder, with '/'
 * @throws SerKitError 'bad-input' for a path that leads out of the folder; 'not-writable' where writing is not possible
 *   (no permission, a full disk, a file where a folder has to be)
 * @example
 * await writeDirectory('runs/a', await saveRecognizer(recognizer));
 */
export async function writeDirectory(dir: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const who = 'writeDirectory';
  if (typeof dir !== 'string' || dir === '') {
    throw new SerKitError('bad-input', `${who}: dir expected the path of a folder, got ${quote(dir)}`);
  }
  for (const path of files.keys()) requireInside(who, path);
  const written: { temporary: string; final: string }[] = [];
  const ending = `.${randomUUID()}.tmp`;
  try {
    makeFolder(dir);
    for (const [path, bytes] of files) {
      const final = join(dir, path);
      // The dot keeps a name that a killed process leaves behind out of openDirectory's list.
      const temporary = join(dirname(final), `.${path.slice(path.lastIndexOf('/') + 1)}${ending}`);
      makeFolder(dirname(final));
      written.push({ temporary, final });
      await writeFile(temporary, bytes);
    }
    for (const { temporary, final } of written) await rename(temporary, final);
  } catch (error) {
    await Promise.allSettled(written.map(({ temporary }) => rm(temporary, { force: true })));
    throw new SerKitError('not-writable', `${who}: ${dir}: cannot be written: ${writeReasonOf(error)}`, {
      cause: error,
    });
  }
}
