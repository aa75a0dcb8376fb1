import { decodeWav } from '../audio/wav-reader.ts';
import { isSerKitError, SerKitError, type SerKitErrorCode } from '../core/errors.ts';
import type { Waveform } from '../core/waveform.ts';
import { withoutFunction } from './failure.ts';
import { readFileOf } from './read-file.ts';

/** What to do about a file, where its error does not say so itself. */
const REMEDIES: Readonly<Partial<Record<SerKitErrorCode, string>>> = {
  'bad-format': 'name a recording; ffmpeg -i RECORDING out.wav makes a WAV file of nearly any',
  empty: 'copy or download it again',
  truncated: 'copy or download it again',
  'not-finite': 'export it again, for example as 16-bit PCM',
  unsupported: 'convert it, for example with ffmpeg -i IN out.wav',
};

/** The message, and what to do about it where it does not say so. */
export function withRemedy(code: SerKitErrorCode, message: string): string {
  const remedy = message.includes(';') ? undefined : REMEDIES[code];
  return remedy === undefined ? message : `${message}; ${remedy}`;
}

/** A recording from disk; every error names the file and what to do. */
export async function readRecording(path: string): Promise<Waveform> {
  const bytes = await readFileOf(path, 'a WAV file');
  try {
    return decodeWav(bytes);
  } catch (error) {
    if (!isSerKitError(error)) throw error;
    const found = withRemedy(error.code, withoutFunction(error.message));
    throw new SerKitError(error.code, `${path}: ${found}`, { cause: error });
  }
}
