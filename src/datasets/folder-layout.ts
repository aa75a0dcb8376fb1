import { type CorpusProblem, plural } from './corpus.ts';
import { baseName, endingOf } from './file-names.ts';

/** A recording as a layout names it, before anything is read. */
export interface ClipEntry {
  readonly path: string;
  readonly label: string;
  /** Undefined where nobody says who speaks. */
  readonly speaker: string | undefined;
}

/** The recordings that a layout finds, with what it passed over. */
export interface FoundEntries {
  readonly entries: readonly ClipEntry[];
  readonly problems: readonly CorpusProblem[];
}

/** Endings of audio files that are not read, so that they are named and not passed over in silence. */
const OTHER_AUDIO = new Set(['mp3', 'flac', 'ogg', 'opus', 'm4a', 'mp4', 'aac', 'aiff', 'aif', 'wma', 'webm', 'amr']);

/**
 * The recordings of a folder whose first level is labels: `LABEL/x.wav`, or with speakers `LABEL/SPEAKER/x.wav`
 * (the second level; further ones are free).
 */
export function entriesOfFolders(
  paths: readonly string[],
  speakerOf: ((path: string) => string | undefined) | undefined,
): FoundEntries {
  const entries: ClipEntry[] = [];
  const problems: CorpusProblem[] = [];
  const otherAudio: string[] = [];
  for (const path of paths) {
    const ending = endingOf(path);
    if (OTHER_AUDIO.has(ending)) otherAudio.push(path);
    if (ending !== 'wav') continue;
    const parts = path.split('/');
    if (parts.length < 2) {
      const message = `${path}: lies in no label's folder (expected LABEL/${baseName(path)}); passed over`;
      problems.push({ code: 'no-label', path, message });
      continue;
    }
    const speaker = speakerOf !== undefined ? speakerOf(path) : parts.length > 2 ? parts[1] : undefined;
    entries.push({ path, label: parts[0]!, speaker: speaker === '' ? undefined : speaker });
  }
  if (otherAudio.length > 0) problems.push(otherAudioProblem(otherAudio));
  return { entries, problems };
}

function otherAudioProblem(paths: readonly string[]): CorpusProblem {
  const endings = [...new Set(paths.map((path) => `.${endingOf(path)}`))].join(', ');
  return {
    code: 'unsupported-audio',
    path: paths[0]!,
    message:
      `${plural(paths.length, 'file')} passed over (${endings}, such as ${paths[0]}): only WAV is read; ` +
      `convert, for example with \`ffmpeg -i in.${endingOf(paths[0]!)} out.wav\``,
  };
}
