import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { quote, SerKitError, type SerKitErrorCode } from '../core/errors.ts';
import { removeLeftovers, writeAtomically } from './atomic-file.ts';
import { type CacheManifest, entryPath, FORMAT, MANIFEST, newerManifest, placeOf, VERSION } from './feature-cache.ts';
import { decodeFeatures } from './feature-file.ts';
import { makeFolder } from './make-folder.ts';
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
 * and left out, and the next extractCorpus() computes it. Where it cannot be done, nothing is copied.
 *
 * @throws SerKitError 'bad-option' for `out`; 'not-found' for a folder that is no cache; 'bad-format' or 'newer-version'
 *   for a manifest that cannot be read; 'bad-input' where two caches mean different numbers by one name (made by
 *   different versions); 'not-writable'
 * @example
 * await mergeCaches(['cache-1', 'cache-2'], 'cache');
 */
export async function mergeCaches(dirs: readonly string[], out: string): Promise<MergedCaches> {
  const who = 'mergeCaches';
  if (!Array.isArray(dirs) || dirs.length === 0) {
    throw new SerKitError('bad-input', `${who}: dirs expected at least one folder, got ${quote(dirs)}`);
  }
  if (typeof out !== 'string' || out === '') {
    throw new SerKitError('bad-option', `${who}: out expected the path of a folder, got ${quote(out)}`);
  }
  const caches = dirs.flatMap((dir) => keysOf(who, dir));
  const present = new Map(keysBelow(out).map((key) => [key, manifestAt(who, join(out, key))]));
  checkFingerprints(who, caches, present, out);
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
    writing(() => {
      makeFolder(to);
      removeLeftovers(to);
      if (!existsSync(join(to, MANIFEST))) writeAtomically(join(to, MANIFEST), bytes, to);
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

interface FoundKey extends FoundManifest {
  readonly dir: string;
  readonly key: string;
}

/** @throws SerKitError 'bad-input' where caches, or one and what lies in `out`, hold other features under one name */
function checkFingerprints(
  who: string,
  caches: readonly FoundKey[],
  present: ReadonlyMap<string, FoundManifest | undefined>,
  out: string,
): void {
  const first = new Map<string, { readonly folder: string; readonly fingerprint: string }>();
  for (const [key, found] of present) {
    if (found !== undefined) first.set(key, { folder: join(out, key), fingerprint: found.manifest.fingerprint });
  }
  for (const { dir, key, manifest } of caches) {
    const before = first.get(key);
    if (before === undefined) first.set(key, { folder: join(dir, key), fingerprint: manifest.fingerprint });
    else if (before.fingerprint !== manifest.fingerprint) {
      throw new SerKitError(
        'bad-input',
        `${who}: ${join(dir, key)}: expected the features that ${before.folder} holds, got others of the same name; they were made by different versions of ser-kit`,
      );
    }
  }
}

/**
 * The manifest of a key; undefined for a folder that is none.
 *
 * @throws SerKitError for a manifest that cannot be read, and for entries without one: leaving them out would be silent
 */
function manifestAt(who: string, folder: string): FoundManifest | undefined {
  const path = join(folder, MANIFEST);
  const refuse = (code: SerKitErrorCode, got: string): never => {
    throw new SerKitError(code, `${who}: ${path}: expected the manifest of a cache of features, got ${got}`);
  };
  const remedy = 'computing those features of one clip into that cache writes it anew';
  if (!existsSync(path)) {
    return hashesOf(folder).length > 0 ? refuse('bad-format', `entries without one; ${remedy}`) : undefined;
  }
  const bytes = readFileSync(path);
  let manifest: CacheManifest;
  try {
    manifest = JSON.parse(bytes.toString('utf8')) as CacheManifest;
  } catch {
    return refuse('bad-format', `no JSON; ${remedy}`);
  }
  const { format, version, fingerprint } = (manifest ?? {}) as Partial<Record<keyof CacheManifest, unknown>>;
  if (format !== FORMAT) {
    return hashesOf(folder).length > 0 ? refuse('bad-format', `another file; ${remedy}`) : undefined;
  }
  if (typeof version === 'number' && version > VERSION) {
    throw new SerKitError('newer-version', `${who}: ${path}: ${newerManifest(version)}`);
  }
  if (version !== VERSION || typeof fingerprint !== 'string') refuse('bad-format', `one that is damaged; ${remedy}`);
  return { bytes, manifest };
}

/** The folders below a folder, by name; none where there is no folder. */
function keysBelow(dir: string): string[] {
  if (!existsSync(dir) || !statSync(dir).isDirectory()) return [];
  const below = readdirSync(dir).sort();
  return below.filter((name) => statSync(join(dir, name), { throwIfNoEntry: false })?.isDirectory());
}

/** The keys that a cache holds, each with its manifest. */
function keysOf(who: string, dir: string): FoundKey[] {
  const isFolder = existsSync(dir) && statSync(dir).isDirectory();
  const found = keysBelow(dir).flatMap((key) => {
    const manifest = manifestAt(who, join(dir, key));
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
  const below = keysBelow(folder).filter((name) => /^[0-9a-f]{2}$/.test(name));
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
