import { readFile } from 'node:fs/promises';
import { decodeWav } from '../audio/wav-reader.ts';
import { isSerKitError, SerKitError } from '../core/errors.ts';
import type { Waveform } from '../core/waveform.ts';

/** A recording from disk; every error names the file. */
export async function readRecording(path: string): Promise<Waveform> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : String(code ?? cause);
    throw new SerKitError('not-found', `${path}: expected a WAV file, and ${why}`, { cause });
  }
  try {
    return decodeWav(bytes);
  } catch (error) {
    if (!isSerKitError(error)) throw error;
    throw new SerKitError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}
