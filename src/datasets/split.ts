import { SerKitError } from '../core/errors.ts';
import { type LabelledClip, refuseCopy } from '../core/labelled-clip.ts';
import { compareText, plural } from './corpus.ts';

/** Clips in three parts: to learn from, to choose by while learning, and to judge by at the end. Each sorted by id. */
export interface Split<C extends LabelledClip = LabelledClip> {
  readonly train: readonly C[];
  readonly validation: readonly C[];
  readonly test: readonly C[];
  /**
   * Known speakers with clips in more than one part, sorted. Empty means that the test asks about unheard voices, but
   * only where `unknownSpeakers` is 0.
   */
  readonly overlappingSpeakers: readonly string[];
  /** How many clips, of all parts, nobody knows the speaker of (`speakerKnown: false`): any two may be one voice. */
  readonly unknownSpeakers: number;
}

/** A split of these parts; the overlap is counted from the clips themselves, whoever parted them. */
export function makeSplit<C extends LabelledClip>(
  train: readonly C[],
  validation: readonly C[],
  test: readonly C[],
): Split<C> {
  const seen = new Map<string, number>();
  const overlapping = new Set<string>();
  let unknownSpeakers = 0;
  [train, validation, test].forEach((part, index) => {
    for (const { speakerId, speakerKnown } of part) {
      if (speakerKnown === false) {
        unknownSpeakers++;
        continue;
      }
      const before = seen.get(speakerId);
      if (before === undefined) seen.set(speakerId, index);
      else if (before !== index) overlapping.add(speakerId);
    }
  });
  return {
    train: sortById(train),
    validation: sortById(validation),
    test: sortById(test),
    overlappingSpeakers: [...overlapping].sort(compareText),
    unknownSpeakers,
  };
}

/** A copy, sorted by id: what is drawn from it then does not depend on the order in which files were listed. */
function sortById<C extends LabelledClip>(clips: readonly C[]): C[] {
  return clips.slice().sort((a, b) => compareText(a.id, b.id));
}

/**
 * Checks what a split is made of, and sorts it by id.
 *
 * @throws SerKitError 'empty' without clips; 'bad-input' where two clips have one id
 */
export function checkedClips<C extends LabelledClip>(who: string, clips: readonly C[]): C[] {
  if (!Array.isArray(clips)) throw new SerKitError('bad-input', `${who}: clips expected an array of clips`);
  if (clips.length === 0) throw new SerKitError('empty', `${who}: clips expected at least one clip, got none`);
  for (const clip of clips) refuseCopy(`${who}: clips`, clip);
  const sorted = sortById(clips);
  for (let i = 1; i < sorted.length; i++) {
    if (sorted[i]!.id === sorted[i - 1]!.id) {
      throw new SerKitError('bad-input', `${who}: clips expected one clip an id, got ${sorted[i]!.id} twice`);
    }
  }
  return sorted;
}

/**
 * What a split holds, as lines of text: clips by label and speakers for each part (`?` where none of them is known), and
 * whether voices overlap.
 *
 * @example
 * console.log(describeSplit(splitBySpeaker(corpus.clips, { seed: 1 })));
 */
export function describeSplit(split: Split): string {
  const parts = { train: split.train, validation: split.validation, test: split.test };
  const labels = [...new Set(Object.values(parts).flatMap((part) => part.map((clip) => clip.label)))].sort(compareText);
  const rows = [['', 'clips', 'speakers', ...labels]];
  for (const [name, part] of Object.entries(parts)) {
    const counts = labels.map((label) => part.filter((clip) => clip.label === label).length);
    rows.push([name, String(part.length), speakersText(part), ...counts.map(String)]);
  }
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
  );
  return [...lines.map((line) => line.trimEnd()), ...overlapSentences(split)].join('\n');
}

/** How many speakers a part has: `12`, `12 + 3 unknown` where 3 clips have no known speaker, `?` where none has. */
function speakersText(part: readonly LabelledClip[]): string {
  const known = part.filter((clip) => clip.speakerKnown !== false);
  const count = new Set(known.map((clip) => clip.speakerId)).size;
  const unknown = part.length - known.length;
  return unknown === 0 ? String(count) : count === 0 ? '?' : `${count} + ${unknown} unknown`;
}

function overlapSentences({ overlappingSpeakers: speakers, unknownSpeakers }: Split): string[] {
  const sentences: string[] = [];
  if (speakers.length > 0) {
    const some = speakers.slice(0, 8).join(', ') + (speakers.length > 8 ? ', ...' : '');
    sentences.push(
      `speakers overlap: ${plural(speakers.length, 'speaker')} (${some}) in more than one part, ` +
        'so the test asks about voices that were heard in training',
    );
  }
  if (unknownSpeakers > 0) {
    sentences.push(
      `who speaks is not known for ${plural(unknownSpeakers, 'clip')}: voices may be in two parts, ` +
        'and the test may ask about voices that were heard',
    );
  }
  return sentences.length > 0 ? sentences : ['no speaker is in two parts'];
}
