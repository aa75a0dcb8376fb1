import { readFile } from 'node:fs/promises';
import { SerKitError } from '../core/errors.ts';

/**
 * A file's bytes.
 *
 * @param what  what was expected there, for the message: 'a WAV file'
 * @throws SerKitError 'not-found' with the file's name and why it cannot be read
 */
export async function readFileOf(path: string, what: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' || code === 'ENOTDIR'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'it is a folder'
          : code === 'EACCES'
            ? 'there is no permission to read it'
            : String(code ?? cause);
    throw new SerKitError('not-found', `${path}: expected ${what}, and ${why}`, { cause });
  }
}
