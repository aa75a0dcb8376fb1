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
  /** By a clip's id the beginning of a SHA-256 of its label, speaker and file, to name those that differ. */
  readonly each: Readonly<Record<string, string>>;
}

const EACH_DIGITS = 8;
/** How many clips are named of each kind of difference. */
const NAMED = 3;

/** The fingerprint of clips that lie below a folder. */
export async function fingerprintOf(
  dir: string,
  clips: readonly LabelledClip[],
  signal: AbortSignal,
): Promise<CorpusFingerprint> {
  const files = openDirectory(dir);
  const labels = createHash('sha256');
  const recordings = createHash('sha256');
  const each: [string, string][] = [];
  for (const clip of clips) {
    if (signal.aborted) throw new SerKitError('aborted', 'aborted while reading clips; there is nothing to keep');
    labels.update(`${JSON.stringify([clip.id, clip.label, clip.speakerId])}\n`);
    const own = createHash('sha256').update(`${JSON.stringify([clip.label, clip.speakerId])}\n`);
    if ('path' in clip && typeof clip.path === 'string') {
      const bytes = await files.read(clip.path);
      recordings.update(`${bytes.length}\n`).update(bytes);
      own.update(bytes);
    }
    each.push([clip.id, own.digest('hex').slice(0, EACH_DIGITS)]);
  }
  return {
    clips: clips.length,
    labels: labels.digest('hex'),
    recordings: recordings.digest('hex'),
    each: Object.fromEntries(each),
  };
}

/** What differs between the corpus that a training began with and the one that is there now; undefined for nothing. */
export function corpusDifference(before: CorpusFingerprint, now: CorpusFingerprint): string | undefined {
  const which = whichDiffer(before.each, now.each);
  if (before.clips !== now.clips) return `${plural(now.clips, 'clip')} where there were ${before.clips}${which}`;
  if (before.labels !== now.labels) return `clips of other names, labels or speakers${which}`;
  if (before.recordings !== now.recordings) return `recordings that were changed${which}`;
  return undefined;
}

/** ` (missing: a, b; new: c; changed: d, e, f and 9 more)`; nothing where no clip differs. */
function whichDiffer(before: CorpusFingerprint['each'], now: CorpusFingerprint['each']): string {
  const [was, is] = [new Map(Object.entries(before)), new Map(Object.entries(now))];
  const kinds = [
    ['missing', [...was.keys()].filter((id) => !is.has(id))],
    ['new', [...is.keys()].filter((id) => !was.has(id))],
    ['changed', [...is.keys()].filter((id) => was.has(id) && was.get(id) !== is.get(id))],
  ] as const;
  const parts = kinds.flatMap(([kind, ids]) => {
    const more = ids.length > NAMED ? ` and ${ids.length - NAMED} more` : '';
    return ids.length === 0 ? [] : [`${kind}: ${ids.slice(0, NAMED).join(', ')}${more}`];
  });
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}
