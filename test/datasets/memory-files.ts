import { encodeWav } from '../../src/audio/wav-writer.ts';
import { SerKitError } from '../../src/core/errors.ts';
import type { FileSource } from '../../src/core/file-source.ts';

/** A FileSource over a plain object, which keeps a list of what was read. */
export function memoryFiles(files: Record<string, Uint8Array | string>): FileSource & { reads: string[] } {
  const reads: string[] = [];
  return {
    reads,
    list: async () => Object.keys(files),
    async read(path) {
      reads.push(path);
      const file = Object.hasOwn(files, path) ? files[path] : undefined;
      if (file === undefined) throw new SerKitError('not-found', `${path}: no such file`);
      return typeof file === 'string' ? new TextEncoder().encode(file) : file;
    },
  };
}

/** A WAV file of a short tone; each frequency gives other bytes. */
export function tone(hz: number, amplitude = 0.1): Uint8Array {
  const samples = Float32Array.from({ length: 800 }, (_, i) => amplitude * Math.sin((2 * Math.PI * hz * i) / 8000));
  return encodeWav({ samples, sampleRate: 8000 });
}

/** The text that Git LFS leaves in place of a file. */
export const LFS_POINTER =
  'version https://git-lfs.github.com/spec/v1\n' +
  'oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 63642\n';
