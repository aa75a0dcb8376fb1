import * as z from 'zod/mini';
import { isSerKitError, SerKitError } from '../core/errors.ts';
import type { FileSource } from '../core/file-source.ts';
import { parseOptions } from '../core/options.ts';
import { findLfsPointers, lfsProblem, loadClipAudio } from './clip-audio.ts';
import { type Corpus, type CorpusProblem, compareText, type FileClip, plural } from './corpus.ts';
import { parseCsv } from './csv.ts';
import { type CsvColumns, entriesOfCsv } from './csv-layout.ts';
import { endingsText, isHidden } from './file-names.ts';
import { entriesOfFolders, type FoundEntries } from './folder-layout.ts';

/** How one's own recordings are laid out. */
export interface OpenFolderOptions {
  /**
   * The CSV to go by; false to go by folders even where there is one.
   * @default labels.csv, or else metadata.csv, at the top, where there is one with a path and a label column
   */
  readonly csv?: string | false;
  /** Other names for the CSV's columns. */
  readonly columns?: CsvColumns;
  /**
   * Who speaks in the file at this path; undefined where that is not known. In place of the second level of folders
   * or the CSV's column.
   * @example
   * (path) => path.split('/').pop()?.split('_')[0] // angry/anna_07.wav -> anna
   */
  readonly speakerOf?: (path: string) => string | undefined;
  /**
   * What to call the corpus beside a number.
   * @default 'own recordings'
   */
  readonly name?: string;
  /** The sentence that the recordings' licence asks for. */
  readonly attribution?: string;
}

const schema = z.strictObject({
  csv: z.optional(z.union([z.string(), z.literal(false)])),
  columns: z.optional(
    z.strictObject({ path: z.optional(z.string()), label: z.optional(z.string()), speaker: z.optional(z.string()) }),
  ),
  speakerOf: z.optional(
    z.custom<(path: string) => string | undefined>((value) => typeof value === 'function', 'a function'),
  ),
  name: z.optional(z.string()),
  attribution: z.optional(z.string()),
});

/** The names under which a CSV is found by itself, at the top. */
const CSV_NAMES = ['labels.csv', 'metadata.csv'];

/** One's own recordings, opened. */
export interface FolderCorpus extends Corpus<FileClip> {
  /** How many clips have no known speaker; each of them counts as a speaker of its own. */
  readonly unknownSpeakers: number;
}

/**
 * One's own recordings, labelled by folders (`LABEL/x.wav` or `LABEL/SPEAKER/x.wav`) or by a CSV with the columns
 * path, label and speaker (in any order; `,`, `;` or tab between them). Paths are relative to the CSV's folder; an
 * absolute one, as it was on another machine, stands for the one file here whose path it ends in. A clip's id is its path.
 * Audio is read when a clip is loaded.
 *
 * Without a known speaker a clip's own id stands for one, its `speakerKnown` is false, and a problem 'no-speaker' says
 * so: a split by speaker then cannot keep voices apart.
 *
 * @throws SerKitError 'empty' where no labelled WAV file is found; 'not-found' and 'bad-format' for a named CSV
 * @example
 * const corpus = await openFolder(openDirectory('recordings'));
 */
export async function openFolder(files: FileSource, options: OpenFolderOptions = {}): Promise<FolderCorpus> {
  const who = 'openFolder';
  const { csv, columns = {}, speakerOf, name = 'own recordings', attribution } = parseOptions(who, schema, options);
  const paths = (await files.list()).filter((path) => !isHidden(path)).sort(compareText);
  const problems: CorpusProblem[] = [];
  const byCsv = csv === false ? undefined : await readCsv(files, paths, csv, columns as CsvColumns, problems);
  const found = byCsv ?? entriesOfFolders(paths, speakerOf);
  problems.push(...found.problems);
  if (found.entries.length === 0) {
    throw new SerKitError(
      'empty',
      `${who}: expected ${byCsv === undefined ? 'WAV files in a folder a label (LABEL/x.wav), or a labels.csv' : 'rows that name WAV files'}, ` +
        `got ${endingsText(paths)}${problems.length > 0 ? `; the first problem: ${problems[0]!.message}` : ''}`,
    );
  }
  const unknown: string[] = [];
  const clips = found.entries.map(({ path, label, speaker: given }): FileClip => {
    const speaker = byCsv !== undefined && speakerOf !== undefined ? speakerOf(path) : given;
    const clip = { id: path, label, path, load: () => loadClipAudio(files, path) };
    if (speaker !== undefined && speaker !== '') return { ...clip, speakerId: speaker };
    unknown.push(path);
    return { ...clip, speakerId: path, speakerKnown: false };
  });
  clips.sort((a, b) => compareText(a.id, b.id));
  if (unknown.length > 0) problems.push(noSpeakerProblem(unknown, clips.length));
  const pointers = await findLfsPointers(
    files,
    clips.map((clip) => clip.path),
  );
  if (pointers.length > 0) problems.push(lfsProblem(pointers, clips.length));
  return {
    name,
    ...(attribution === undefined ? {} : { attribution }),
    clips,
    problems,
    unknownSpeakers: unknown.length,
  };
}

/** What a CSV names, or undefined where none is named and none that fits is found. */
async function readCsv(
  files: FileSource,
  paths: readonly string[],
  named: string | undefined,
  columns: CsvColumns,
  problems: CorpusProblem[],
): Promise<FoundEntries | undefined> {
  if (named !== undefined) {
    if (!paths.includes(named)) throw new SerKitError('not-found', `openFolder: csv expected a file, got no ${named}`);
    return entriesOfCsv(named, parseCsv(named, await readText(files, named)), columns, paths);
  }
  for (const path of CSV_NAMES) {
    if (!paths.includes(path)) continue;
    try {
      return entriesOfCsv(path, parseCsv(path, await readText(files, path)), columns, paths);
    } catch (error) {
      if (!isSerKitError(error)) throw error;
      problems.push({ code: 'bad-label-file', path, message: `${error.message}; went by the folders' names` });
    }
  }
  return undefined;
}

async function readText(files: FileSource, path: string): Promise<string> {
  return new TextDecoder().decode(await files.read(path));
}

function noSpeakerProblem(paths: readonly string[], total: number): CorpusProblem {
  return {
    code: 'no-speaker',
    path: paths[0]!,
    message:
      `${paths.length} of ${plural(total, 'clip')} without a known speaker (such as ${paths[0]}), each counted as a ` +
      'speaker of its own: a split by speaker cannot keep voices apart; lay them out as LABEL/SPEAKER/x.wav, add a ' +
      'speaker column, or tell by speakerOf',
  };
}
