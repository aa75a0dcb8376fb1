import { readFile } from 'node:fs/promises';
import { SerKitError } from '../core/errors.ts';
import { reasonOf } from '../node/paths.ts';
import { WrongUse } from './failure.ts';
import type { OpenedCorpus } from './open-corpus.ts';
import { shellWord } from './text.ts';

export type PickClips = (clips: OpenedCorpus['clips']) => OpenedCorpus['clips'];

/** Files that name speakers, one a line: names may hold spaces and commas. */
interface SpeakerFiles {
  readonly onlySpeakers?: string;
  readonly withoutSpeakers?: string;
}

/**
 * Leaves out the clips of other speakers than those that were chosen.
 *
 * @throws SerKitError 'not-found'; what is returned throws WrongUse for a name that no speaker has
 */
export async function speakersPicked({ onlySpeakers, withoutSpeakers }: SpeakerFiles): Promise<PickClips> {
  const path = onlySpeakers ?? withoutSpeakers;
  if (path === undefined) return (clips) => clips;
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new SerKitError('not-found', `${path}: ${reasonOf(cause)}`, { cause });
  }
  // trim() takes a byte order mark, too.
  const lines = text.split(/[\r\n]+/).map((line) => line.trim());
  return pickSpeakers(
    `${path}: expected speakers of the recordings, one a line,`,
    lines.filter((line) => line !== ''),
    onlySpeakers !== undefined,
  );
}

/** @param expected  begins the message about names that no speaker has */
export function pickSpeakers(expected: string, names: readonly string[], wanted: boolean): PickClips {
  const named = new Set(names);
  return (clips) => {
    const there = new Set(clips.map((clip) => clip.speakerId));
    const missing = names.filter((id) => !there.has(id));
    if (named.size === 0 || missing.length > 0) {
      const some = missing.slice(0, 5).map(shellWord).join(', ');
      const more = missing.length > 5 ? ` and ${missing.length - 5} more` : '';
      throw new WrongUse(`${expected} got ${named.size === 0 ? 'none' : `${some}${more}`}`);
    }
    return clips.filter((clip) => named.has(clip.speakerId) === wanted);
  };
}
