import { isSerKitError, SerKitError } from '../../core/errors.ts';
import type { FileSource } from '../../core/file-source.ts';
import { findLfsPointers, isLfsPointer, lfsProblem, loadClipAudio } from '../clip-audio.ts';
import { type Corpus, type CorpusProblem, compareText, type FileClip } from '../corpus.ts';
import { baseName, endingOf, endingsText, isHidden } from '../file-names.ts';
import { SYNTHETIC_ATTRIBUTION, SYNTHETIC_FIRST_ACTOR } from '../synthetic/mark.ts';
import { findKnownDefects } from './known-defects.ts';
import {
  type CremadActor,
  type CremadVotesByModality,
  parseDemographics,
  parseSentenceFilenames,
  parseVotes,
} from './label-files.ts';
import {
  type ClipName,
  CREMAD_EMOTIONS,
  type CremadEmotion,
  type CremadIntensity,
  MISSPELT_NAMES,
  parseClipName,
} from './names.ts';

/** A recording of CREMA-D: id `1001_DFA_ANG_XX`, speakerId `1001`. */
export interface CremadClip extends FileClip<CremadEmotion> {
  readonly sentence: { readonly code: string; readonly text: string };
  readonly intensity: CremadIntensity;
  /** Missing without VideoDemographics.csv. */
  readonly actor?: CremadActor;
  /** Empty without processedResults/tabulatedVotes.csv. */
  readonly votes: CremadVotesByModality;
}

/** CREMA-D as it was found. */
export interface CremadCorpus extends Corpus<CremadClip> {
  /** How many clips the label files name that have no audio here; normal for a part of the corpus. */
  readonly withoutAudio: number;
}

const ATTRIBUTION =
  'CREMA-D: Cao, Cooper, Keutmann, Gur, Nenkova and Verma, "CREMA-D: Crowd-sourced Emotional Multimodal Actors ' +
  'Dataset", IEEE Transactions on Affective Computing 5(4), 2014. Made available under the Open Database License 1.0; ' +
  'its contents under the Database Contents License 1.0.';

/**
 * CREMA-D's recordings, each with label, actor, sentence, intensity and crowd votes. Audio is read when a clip is
 * loaded. Takes the official layout (`AudioWAV/`, `processedResults/`, ...), also below a parent folder, and a flat
 * folder of WAV files; the label files are optional. Videos are passed over.
 *
 * What is wrong is listed in `problems` and never fatal: names that are not CREMA-D's, Git LFS pointers in place of
 * audio, label files that cannot be read, and the corpus's known defects (`1040_ITH_SAD_X`, used as
 * `1040_ITH_SAD_XX`; `1076_MTI_SAD_XX`, near-silent; three pairs of the same audio under two labels).
 *
 * @throws SerKitError 'empty' where no file is named as CREMA-D names its clips
 * @example
 * const corpus = await openCremad(openDirectory('CREMA-D'));
 * const waveform = await corpus.clips[0].load();
 */
export async function openCremad(files: FileSource): Promise<CremadCorpus> {
  const paths = (await files.list()).filter((path) => !isHidden(path));
  const problems: CorpusProblem[] = [];
  const found = findClips(paths, problems);
  if (found.size === 0) {
    throw new SerKitError(
      'empty',
      'openCremad: expected WAV files named like 1001_DFA_ANG_XX.wav (in AudioWAV/ or at the top), ' +
        `got ${endingsText(paths)}; for other recordings use openFolder`,
    );
  }
  const read = <T>(name: string, parse: (path: string, text: string) => T): Promise<T | undefined> =>
    readLabelFile(files, paths, name, parse, problems);
  const actors = await read('VideoDemographics.csv', parseDemographics);
  const votes = await read('tabulatedVotes.csv', parseVotes);
  const named = await read('SentenceFilenames.csv', parseSentenceFilenames);

  const clips = [...found.values()]
    .sort((a, b) => compareText(a.name.id, b.name.id))
    .map(({ name, path }) => makeClip(files, path, name, actors?.get(name.actor), votes?.get(name.id)));
  const pathOf = new Map(clips.map((clip) => [clip.id, clip.path]));
  problems.push(...(await findKnownDefects(files, pathOf)));
  const pointers = await findLfsPointers(
    files,
    clips.map((clip) => clip.path),
  );
  if (pointers.length > 0) problems.push(lfsProblem(pointers, clips.length));

  const listed = new Set([...(named ?? []), ...(votes?.keys() ?? [])]);
  const withoutAudio = [...listed].filter((id) => !found.has(id)).length;
  return { clips, problems, labels: CREMAD_EMOTIONS, withoutAudio, ...nameOf(clips) };
}

/** The audio files by clip id, with problems for those that are passed over. */
function findClips(paths: readonly string[], problems: CorpusProblem[]): Map<string, { name: ClipName; path: string }> {
  const found = new Map<string, { name: ClipName; path: string }>();
  const wavs = paths.filter((path) => endingOf(path) === 'wav');
  // AudioWAV before copies elsewhere, then right spellings before wrong ones.
  const rank = (path: string): number =>
    (/(^|\/)AudioWAV\//i.test(path) ? 0 : 2) + (stemOf(path) in MISSPELT_NAMES ? 1 : 0);
  wavs.sort((a, b) => rank(a) - rank(b) || compareText(a, b));
  for (const path of wavs) {
    const name = parseClipName(stemOf(path));
    if (name === undefined) {
      const message = `${path}: not named like 1001_DFA_ANG_XX.wav (actor, sentence, emotion, intensity); passed over`;
      problems.push({ code: 'bad-name', path, message });
      continue;
    }
    const first = found.get(name.id);
    if (first !== undefined) {
      problems.push({
        code: 'duplicate-clip',
        path,
        message: `${path}: ${name.id} is ${first.path} already; passed over`,
      });
      continue;
    }
    if (stemOf(path) in MISSPELT_NAMES) {
      problems.push({ code: 'misspelt-name', path, message: `${path}: a known misspelling, used as ${name.id}` });
    }
    found.set(name.id, { name, path });
  }
  return found;
}

function stemOf(path: string): string {
  return baseName(path)
    .replace(/\.[^.]*$/, '')
    .toUpperCase();
}

/** What `parse` makes of the label file of this name, or undefined where there is none or it cannot be read. */
async function readLabelFile<T>(
  files: FileSource,
  paths: readonly string[],
  name: string,
  parse: (path: string, text: string) => T,
  problems: CorpusProblem[],
): Promise<T | undefined> {
  const path = paths.find((each) => baseName(each).toLowerCase() === name.toLowerCase());
  if (path === undefined) return undefined;
  try {
    const bytes = await files.read(path);
    if (isLfsPointer(bytes)) {
      throw new SerKitError('git-lfs-pointer', `${path}: a Git LFS pointer; fetch the file with \`git lfs pull\``);
    }
    return parse(path, new TextDecoder().decode(bytes));
  } catch (error) {
    const reason = isSerKitError(error) ? error.message : `${path}: ${String(error)}`;
    problems.push({ code: 'bad-label-file', path, message: `${reason}; went on without this file` });
    return undefined;
  }
}

function makeClip(
  files: FileSource,
  path: string,
  name: ClipName,
  actor: CremadActor | undefined,
  votes: CremadVotesByModality | undefined,
): CremadClip {
  return {
    id: name.id,
    speakerId: name.actor,
    label: name.emotion,
    path,
    sentence: name.sentence,
    intensity: name.intensity,
    ...(actor === undefined ? {} : { actor }),
    votes: votes ?? {},
    load: () => loadClipAudio(files, path),
  };
}

/** CREMA-D's actors are 1001 to 1091; the synthetic corpus's begin far above, so that it is never taken for people. */
function nameOf(clips: readonly CremadClip[]): { name: string; attribution: string } {
  const synthetic = clips.filter((clip) => Number(clip.speakerId) >= SYNTHETIC_FIRST_ACTOR).length;
  if (synthetic === 0) return { name: 'CREMA-D', attribution: ATTRIBUTION };
  if (synthetic === clips.length) {
    return { name: 'synthetic (CREMA-D layout)', attribution: SYNTHETIC_ATTRIBUTION };
  }
  return {
    name: `CREMA-D with ${synthetic} synthetic clips`,
    attribution: `${ATTRIBUTION} ${SYNTHETIC_ATTRIBUTION}`,
  };
}
