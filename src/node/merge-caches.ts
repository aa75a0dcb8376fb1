import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { quote, SerKitError } from '../core/errors.ts';
import { removeLeftovers, writeAtomically } from './atomic-file.ts';
import { type CacheManifest, entryPath, MANIFEST, placeOf } from './feature-cache.ts';
import { decodeFeatures } from './feature-file.ts';
import { writeReasonOf } from './paths.ts';

/** What merging did, in entries. */
export interface MergedCaches {
  readonly copied: number;
  /** Those that `out` had already. */
  readonly already: number;
  /** Those that were cut short or altered, and were not copied. */
  readonly damaged: number;
}

/**
 * Brings caches of extractCorpus() together in `out`, which may be one of them or hold entries already: those of shards
 * computed on several machines, or of several feature sets. Every entry's checksum is verified; a damaged one is counted
 * and left out, and the next extractCorpus() computes it.
 *
 * @throws SerKitError 'not-found' for a folder that is no cache; 'bad-input' where two caches mean different numbers by
 *   one name (made by different versions); 'not-writable'
 * @example
 * await mergeCaches(['cache-1', 'cache-2'], 'cache');
 */
export async function mergeCaches(dirs: readonly string[], out: string): Promise<MergedCaches> {
  const who = 'mergeCaches';
  if (!Array.isArray(dirs) || dirs.length === 0) {
    throw new SerKitError('bad-input', `${who}: dirs expected at least one folder, got ${quote(dirs)}`);
  }
  const caches = dirs.flatMap((dir) => keysOf(who, dir));
  const count = { copied: 0, already: 0, damaged: 0 };
  const writing = (work: () => void): void => {
    try {
      work();
    } catch (cause) {
      throw new SerKitError('not-writable', `${who}: ${out}: cannot be written: ${writeReasonOf(cause)}`, { cause });
    }
  };
  for (const { dir, key, bytes, manifest } of caches) {
    const to = join(out, key);
    const present = manifestAt(to);
    if (present !== undefined && present.manifest.fingerprint !== manifest.fingerprint) {
      throw new SerKitError(
        'bad-input',
        `${who}: ${join(dir, key)}: expected the features that ${to} holds, got others of the same name; they were made by different versions of ser-kit`,
      );
    }
    writing(() => {
      mkdirSync(to, { recursive: true });
      removeLeftovers(to);
      if (present === undefined) writeAtomically(join(to, MANIFEST), bytes, to);
    });
    for (const hash of hashesOf(join(dir, key))) {
      const place = placeOf(manifest.fingerprint, hash);
      const target = join(to, entryPath(hash));
      if (wholeEntry(target, place) !== undefined) {
        count.already++;
        continue;
      }
      const entry = wholeEntry(join(dir, key, entryPath(hash)), place);
      if (entry === undefined) count.damaged++;
      else {
        writing(() => writeAtomically(target, entry, to));
        count.copied++;
      }
    }
  }
  return count;
}

interface FoundManifest {
  readonly bytes: Uint8Array;
  readonly manifest: CacheManifest;
}

function manifestAt(folder: string): FoundManifest | undefined {
  try {
    const bytes = readFileSync(join(folder, MANIFEST));
    const manifest = JSON.parse(bytes.toString('utf8')) as CacheManifest;
    return manifest.format === 'ser-kit feature cache' && manifest.version === 1 ? { bytes, manifest } : undefined;
  } catch {
    return undefined;
  }
}

/** The keys that a cache holds, each with its manifest. */
function keysOf(who: string, dir: string): ({ readonly dir: string; readonly key: string } & FoundManifest)[] {
  const isFolder = existsSync(dir) && statSync(dir).isDirectory();
  const keys = isFolder ? readdirSync(dir).sort() : [];
  const found = keys.flatMap((key) => {
    const manifest = manifestAt(join(dir, key));
    return manifest === undefined ? [] : [{ dir, key, ...manifest }];
  });
  if (found.length === 0) {
    throw new SerKitError(
      'not-found',
      `${who}: ${dir}: expected a cache of features, got ${isFolder ? 'a folder without one' : 'no such folder'}`,
    );
  }
  return found;
}

function hashesOf(folder: string): string[] {
  const below = readdirSync(folder).filter((name) => /^[0-9a-f]{2}$/.test(name));
  return below.flatMap((name) =>
    readdirSync(join(folder, name))
      .filter((file) => /^[0-9a-f]{64}\.f32$/.test(file) && file.startsWith(name))
      .map((file) => file.slice(0, 64)),
  );
}

/** The bytes of an entry that is there and whole. */
function wholeEntry(path: string, place: string): Uint8Array | undefined {
  try {
    const bytes = readFileSync(path);
    return decodeFeatures(bytes, place) === undefined ? undefined : bytes;
  } catch {
    return undefined;
  }
}
