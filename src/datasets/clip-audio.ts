import { decodeWav } from '../audio/wav-reader.ts';
import { isSerKitError, SerKitError } from '../core/errors.ts';
import type { FileSource } from '../core/file-source.ts';
import type { Waveform } from '../core/waveform.ts';
import { type CorpusProblem, plural } from './corpus.ts';

const LFS_POINTER_START = 'version https://git-lfs';

/** True for the small text file that Git LFS leaves where a large file has not been fetched yet. */
export function isLfsPointer(bytes: Uint8Array): boolean {
  if (bytes.length < LFS_POINTER_START.length) return false;
  for (let i = 0; i < LFS_POINTER_START.length; i++) {
    if (bytes[i] !== LFS_POINTER_START.charCodeAt(i)) return false;
  }
  return true;
}

/**
 * The waveform of a WAV file, at its own rate.
 *
 * @throws SerKitError whose message begins with the path: 'not-found', or what `decodeWav` ends in
 *   ('git-lfs-pointer', 'empty', 'truncated', 'not-finite', 'bad-format', 'unsupported')
 */
export async function loadClipAudio(files: FileSource, path: string): Promise<Waveform> {
  let bytes: Uint8Array;
  try {
    bytes = await files.read(path);
  } catch (error) {
    throw withPath(path, error, 'not-found');
  }
  try {
    return decodeWav(bytes);
  } catch (error) {
    throw withPath(path, error, 'bad-format');
  }
}

/** The error with the path in place of the function's name, and with the code that it had. */
function withPath(path: string, error: unknown, otherwise: 'bad-format' | 'not-found'): SerKitError {
  const message = (error instanceof Error ? error.message : String(error)).replace(/^(decodeWav|read): /, '');
  const text = message.startsWith(path) ? message : `${path}: ${message}`;
  return new SerKitError(isSerKitError(error) ? error.code : otherwise, text, { cause: error });
}

/** One problem that stands for all Git LFS pointers among `total` clips. */
export function lfsProblem(paths: readonly string[], total: number): CorpusProblem {
  return {
    code: 'git-lfs-pointer',
    path: paths[0] ?? '',
    message:
      `${paths.length} of ${plural(total, 'clip')} ${paths.length === 1 ? 'is a Git LFS pointer' : 'are Git LFS pointers'}` +
      `, not audio (${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ', ...' : ''}); ` +
      "fetch the audio with `git lfs pull` in the corpus's folder",
  };
}

/** How many files are looked at before it is decided that a corpus holds audio and not Git LFS pointers. */
const LFS_SAMPLE = 5;

/**
 * The paths, among those given, at which Git LFS pointers lie. A few files spread over the list are read; only where
 * one of them is a pointer are all read, so that a whole corpus costs nothing more.
 */
export async function findLfsPointers(files: FileSource, paths: readonly string[]): Promise<string[]> {
  const isPointer = async (path: string): Promise<boolean> => {
    try {
      return isLfsPointer(await files.read(path));
    } catch {
      return false; // what cannot be read is reported when the clip is loaded
    }
  };
  const sample = new Set<string>();
  for (let i = 0; i < LFS_SAMPLE && paths.length > 0; i++) {
    sample.add(paths[Math.round((i * (paths.length - 1)) / (LFS_SAMPLE - 1))]!);
  }
  let found = false;
  for (const path of sample) found ||= await isPointer(path);
  const pointers: string[] = [];
  if (found) for (const path of paths) if (await isPointer(path)) pointers.push(path);
  return pointers;
}

/** Below this RMS, in dB of full scale, a clip is called near-silent. The quietest sound clip of CREMA-D has -47. */
const NEAR_SILENT_DB = -60;

/** Root mean square of the samples, in dB of full scale; -Infinity for digital silence. */
function levelDb(waveform: Waveform): number {
  let sum = 0;
  for (const sample of waveform.samples) sum += sample * sample;
  return 10 * Math.log10(sum / waveform.samples.length);
}

/** A problem if the waveform is near-silent, else undefined. */
export function nearSilentProblem(path: string, waveform: Waveform): CorpusProblem | undefined {
  const level = levelDb(waveform);
  if (level >= NEAR_SILENT_DB) return undefined;
  const text = level === -Infinity ? 'digital silence' : `RMS ${level.toFixed(0)} dB of full scale`;
  return { code: 'near-silent', path, message: `${path}: near-silent (${text}); its label says nothing about it` };
}
