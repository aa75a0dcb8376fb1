import { createHash } from 'node:crypto';
import { SerKitError } from '../core/errors.ts';
import type { LabelledClip } from '../core/labelled-clip.ts';
import { plural } from '../datasets/corpus.ts';
import { openDirectory } from '../node/open-directory.ts';

/** What a training learns from, so that whoever goes on with it can tell whether it still is the same. */
export interface CorpusFingerprint {
  readonly clips: number;
  /** SHA-256 of the clips' ids, labels and speakers, in their order. */
  readonly labels: string;
  /** SHA-256 of the bytes of their files. */
  readonly recordings: string;
}

/** The fingerprint of clips that lie below a folder. */
export async function fingerprintOf(
  dir: string,
  clips: readonly LabelledClip[],
  signal: AbortSignal,
): Promise<CorpusFingerprint> {
  const files = openDirectory(dir);
  const labels = createHash('sha256');
  const recordings = createHash('sha256');
  for (const clip of clips) {
    if (signal.aborted) throw new SerKitError('aborted', 'aborted while reading clips; there is nothing to keep');
    labels.update(`${JSON.stringify([clip.id, clip.label, clip.speakerId])}\n`);
    if (!('path' in clip) || typeof clip.path !== 'string') continue;
    const bytes = await files.read(clip.path);
    recordings.update(`${bytes.length}\n`).update(bytes);
  }
  return { clips: clips.length, labels: labels.digest('hex'), recordings: recordings.digest('hex') };
}

/** What differs between the corpus that a training began with and the one that is there now; undefined for nothing. */
export function corpusDifference(before: CorpusFingerprint, now: CorpusFingerprint): string | undefined {
  if (before.clips !== now.clips) return `${plural(now.clips, 'clip')} where there were ${before.clips}`;
  if (before.labels !== now.labels) return 'clips of other names, labels or speakers';
  if (before.recordings !== now.recordings) return 'recordings that were changed';
  return undefined;
}
