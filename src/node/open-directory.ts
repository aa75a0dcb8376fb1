import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { quote, SerKitError } from '../core/errors.ts';
import type { FileSource } from '../core/file-source.ts';
import { reasonOf, requireInside } from './paths.ts';

/**
 * A folder and all below it as a FileSource: paths are relative to it, with '/', sorted. Names that begin with a dot
 * are passed over; links are followed. Nothing is read before `list` or `read` is called.
 *
 * `list` and `read` reject with SerKitError 'not-found' where there is no such folder or file, or it cannot be opened;
 * `read` rejects with 'bad-input' for a path that leads out of the folder.
 *
 * @example
 * const corpus = await openCremad(openDirectory('CREMA-D'));
 */
export function openDirectory(dir: string): FileSource {
  const who = 'openDirectory';
  if (typeof dir !== 'string' || dir === '') {
    throw new SerKitError('bad-input', `${who}: dir expected the path of a folder, got ${quote(dir)}`);
  }
  return {
    async list() {
      await requireFolder(who, dir);
      const paths: string[] = [];
      await walk(dir, '', [], paths);
      return paths.sort();
    },
    async read(path) {
      requireInside(who, path);
      try {
        const bytes = await readFile(join(dir, path));
        return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
      } catch (error) {
        await requireFolder(who, dir);
        throw new SerKitError('not-found', `${path}: ${reasonOf(error)}`, { cause: error });
      }
    },
  };
}

/** Adds every file below `dir/prefix`; `above` are the real paths of the folders on the way, to end at a link's loop. */
async function walk(dir: string, prefix: string, above: readonly string[], paths: string[]): Promise<void> {
  const here = join(dir, prefix);
  const real = await realpath(here);
  if (above.includes(real)) return;
  for (const entry of await readdir(here, { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    // A link counts as what it leads to. One that leads nowhere is a file that reading says it of, not one less.
    const kind = entry.isSymbolicLink() ? await stat(join(dir, path)).catch(() => undefined) : entry;
    if (kind?.isDirectory()) await walk(dir, path, [...above, real], paths);
    else if (kind === undefined || kind.isFile()) paths.push(path);
  }
}

/** @throws SerKitError 'not-found' where there is no folder at this path */
async function requireFolder(who: string, dir: string): Promise<void> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(dir)).isDirectory();
  } catch (error) {
    throw new SerKitError('not-found', `${who}: ${dir}: ${reasonOf(error, 'folder')}`, { cause: error });
  }
  if (!isFolder) throw new SerKitError('not-found', `${who}: ${dir}: expected a folder, got a file`);
}
