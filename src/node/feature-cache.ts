import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SerKitError } from '../core/errors.ts';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import { removeLeftovers, writeAtomically } from './atomic-file.ts';
import type { CorpusPlan } from './cache-key.ts';
import { decodeFeatures, encodeFeatures } from './feature-file.ts';
import { makeFolder } from './make-folder.ts';
import { writeReasonOf } from './paths.ts';

// DIR/KEY/manifest.json    what the numbers are
// DIR/KEY/ab/abcd....f32   one clip, named by the SHA-256 of its samples (feature-file.ts)

/** Where a clip's entry lies below the folder of its key. */
export function entryPath(hash: string): string {
  return join(hash.slice(0, 2), `${hash}.f32`);
}

/** What a part of a cache is of; `frontEnd` is what its manifest says computed the numbers. */
export type CachedPlan = Omit<CorpusPlan, 'frontEnd'> & { readonly frontEnd: unknown };

/** One plan's part of a cache on disk. Any number of processes may use it at once. */
export class FeatureCache {
  private readonly folder: string;
  private readonly fingerprint: string;

  constructor(
    private readonly dir: string,
    plan: Pick<CorpusPlan, 'key' | 'fingerprint'>,
    /** Begins the messages. */
    private readonly who = 'extractCorpus',
  ) {
    this.folder = join(dir, plan.key);
    this.fingerprint = plan.fingerprint;
  }

  /**
   * Makes the folder and its manifest, and clears away what killed processes left half written.
   *
   * @throws SerKitError 'not-writable'; 'newer-version' where a newer ser-kit made them
   */
  prepare(plan: CachedPlan): void {
    const manifest = manifestBytes(plan);
    refuseNewer(this.who, join(this.folder, MANIFEST));
    this.writing(() => {
      makeFolder(this.folder);
      removeLeftovers(this.folder);
      const path = join(this.folder, MANIFEST);
      if (!readIfThere(path)?.equals(manifest)) writeAtomically(path, manifest, this.folder);
    });
  }

  /** The clip's features; undefined where there is no entry, or none that is whole and unaltered. */
  read(hash: string): FeatureMatrix | undefined {
    const bytes = readIfThere(join(this.folder, entryPath(hash)));
    return bytes === undefined ? undefined : decodeFeatures(bytes, placeOf(this.fingerprint, hash));
  }

  /** @throws SerKitError 'not-writable' */
  write(hash: string, matrix: FeatureMatrix): void {
    const bytes = encodeFeatures(matrix, placeOf(this.fingerprint, hash));
    this.writing(() => writeAtomically(join(this.folder, entryPath(hash)), bytes, this.folder));
  }

  private writing(work: () => void): void {
    try {
      work();
    } catch (cause) {
      const why = writeReasonOf(cause);
      throw new SerKitError('not-writable', `${this.who}: ${this.dir}: the cache cannot be written: ${why}`, {
        cause,
      });
    }
  }
}

export const MANIFEST = 'manifest.json';
export const FORMAT = 'ser-kit feature cache';
export const VERSION = 1;

/** What a cache says of a key, for people and other programs. */
export interface CacheManifest {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  /** The plan's; part of every entry's checksum. */
  readonly fingerprint: string;
  readonly frontEnd: unknown;
  readonly dims: number;
  readonly names: readonly string[];
}

/** @throws SerKitError 'newer-version' where a newer ser-kit wrote the manifest: written over, its entries would be lost */
function refuseNewer(who: string, path: string): void {
  let found: unknown;
  try {
    found = JSON.parse(readIfThere(path)?.toString('utf8') ?? 'null');
  } catch {
    return; // no manifest at all: it is written anew
  }
  const { format, version } = (found ?? {}) as Partial<Record<keyof CacheManifest, unknown>>;
  if (format !== FORMAT || typeof version !== 'number' || version <= VERSION) return;
  throw new SerKitError('newer-version', `${who}: ${path}: ${newerManifest(version)}`);
}

/** What is said of a manifest that a newer ser-kit wrote. */
export function newerManifest(version: number): string {
  return `expected the manifest of a cache of features, got one of version ${version}, and this ser-kit reads version ${VERSION}: update it`;
}

function manifestBytes({ fingerprint, frontEnd, names }: CachedPlan): Buffer {
  const manifest: CacheManifest = {
    ...{ format: FORMAT, version: VERSION, fingerprint, frontEnd },
    ...{ dims: names.length, names },
  };
  return Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
}

/** What an entry's checksum binds it to. */
export function placeOf(fingerprint: string, hash: string): string {
  return `${fingerprint} ${hash}`;
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
