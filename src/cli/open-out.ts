import { rmdirSync } from 'node:fs';
import { access, constants, readdir, stat } from 'node:fs/promises';
import { SerKitError } from '../core/errors.ts';
import { makeFolder } from '../node/make-folder.ts';
import { TRAINING_FILE } from './training-file.ts';

/** A lock, and temporary files: what a process leaves that was killed before it began. */
export const OF_THE_DEAD = /^\.(lock|.*\.tmp)$/;

/**
 * Makes the folder that a run is to be saved in, at once: an hour of training should not end in a folder that cannot be
 * written.
 *
 * @param into  'new': a folder without files; 'any': one whose files may be overwritten; 'begun': one with a run to go on with
 * @returns what takes the folder away again, if it was made here and is empty
 * @throws SerKitError 'exists', or 'not-writable' where no folder can be made or none of its files
 */
export async function openOut(out: string, into: 'new' | 'any' | 'begun'): Promise<() => void> {
  const found = await stat(out).catch(() => undefined);
  if (found !== undefined && !found.isDirectory()) {
    throw new SerKitError('exists', `${out}: expected a folder for the run, got a file; choose another --out`);
  }
  const names = found === undefined ? [] : await readdir(out);
  if (into === 'new' && names.some((name) => !OF_THE_DEAD.test(name))) {
    throw new SerKitError(
      'exists',
      `${out}: expected a new folder for the run, got one with files in it; --force overwrites it${names.includes(TRAINING_FILE) ? ', --resume goes on with what was begun there' : ''}`,
    );
  }
  const remedy = into === 'begun' ? 'make it writable, or go on in a copy of it' : 'choose another --out';
  try {
    makeFolder(out);
    await access(out, constants.W_OK);
  } catch (cause) {
    throw new SerKitError(
      'not-writable',
      `${out}: expected a folder that can be written: ${(cause as Error).message}; ${remedy}`,
      { cause },
    );
  }
  return () => {
    if (found !== undefined) return;
    try {
      rmdirSync(out);
    } catch {
      // It has files in it by now, or is gone: either way it is not ours to remove.
    }
  };
}
