import { isSerKitError, SerKitError } from '../core/errors.ts';
import type { FileSource } from '../core/file-source.ts';
import { checkCorpus } from '../datasets/check-corpus.ts';
import { type Corpus, type CorpusProblem, plural } from '../datasets/corpus.ts';
import { openCremad } from '../datasets/cremad/open-cremad.ts';
import { openFolder } from '../datasets/folder.ts';
import { openDirectory } from '../node/open-directory.ts';
import type { CorpusLayout } from '../recognizer/provenance.ts';
import { withoutFunction } from './failure.ts';
import { Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';
import { problemLines } from './text.ts';

export const FORMATS = ['auto', 'cremad', 'folder'] as const;

export interface CorpusChoice {
  readonly format: (typeof FORMATS)[number];
  /** The CSV of a folder corpus. */
  readonly csv?: string;
}

/** A corpus, and how its folder was read. */
export interface OpenedCorpus extends Corpus {
  readonly layout: CorpusLayout;
}

const CREMAD_NAME = /(^|\/)\d{4}_[A-Z]{3}_[A-Z]{3}_[A-Z]{1,2}\.wav$/i;

/** The CSVs that openFolder goes by where nothing else is said. */
const CSV_NAMES = ['labels.csv', 'metadata.csv'];

/**
 * CREMA-D, or folders of labels, or a CSV; which of them, where nobody said, is told with its reason: a CSV that someone
 * wrote says more than file names do.
 */
export async function openCorpus(
  dir: string,
  { format, csv }: CorpusChoice,
  terminal: Terminal,
): Promise<OpenedCorpus> {
  const files = openDirectory(dir);
  try {
    const corpus = await openAs();
    return { ...corpus, problems: corpus.problems.map(forTheCommandLine) };
  } catch (error) {
    if (isSerKitError(error) && !error.message.includes(dir)) {
      throw new SerKitError(error.code, `${dir}: ${withoutFunction(error.message)}`, { cause: error });
    }
    throw error;
  }

  async function asCremad(): Promise<OpenedCorpus> {
    return { ...(await openCremad(files)), layout: { format: 'cremad' } };
  }

  async function asFolder(table?: string): Promise<OpenedCorpus> {
    const named = table === undefined ? {} : { csv: table };
    return { ...(await openFolder(files, named)), layout: { format: 'folder', ...named } };
  }

  async function openAs(): Promise<OpenedCorpus> {
    if (format === 'folder' || csv !== undefined) return await asFolder(csv);
    if (format === 'cremad') return await asCremad();
    const paths = await files.list();
    const wavs = paths.filter((path) => /\.wav$/i.test(path));
    const named = wavs.filter((path) => CREMAD_NAME.test(path)).length;
    const share = `${named} of ${plural(wavs.length, 'WAV file')}`;
    const say = (layout: string, reason: string, other: string): void =>
      terminal.err(`taken for ${layout}: ${reason} (--format ${other} takes it otherwise)\n`);
    const table = await csvAtTop(files, paths);
    if (table !== undefined) {
      say('a folder of recordings', `${table} has a path and a label column`, 'cremad');
      return await asFolder(table);
    }
    if (named * 2 > wavs.length) {
      say('CREMA-D', `${share} ${named === 1 ? 'is' : 'are'} named as it names them`, 'folder');
      return await asCremad();
    }
    if (wavs.length > 0) {
      const few = named === 0 ? 'no name is' : `only ${share} ${named === 1 ? 'is' : 'are'} named`;
      say('a folder a label', `no CSV of path and label, and ${few} as in CREMA-D`, 'cremad');
    }
    return await asFolder();
  }
}

/** The CSV at the top that says path and label of recordings, if there is one. */
async function csvAtTop(files: FileSource, paths: readonly string[]): Promise<string | undefined> {
  for (const name of CSV_NAMES.filter((each) => paths.includes(each))) {
    const text = new TextDecoder().decode(await files.read(name));
    const header = (text.split(/\r?\n/, 1)[0] ?? '')
      .split(/[,;\t]/)
      .map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
    const columns = header.map((cell) => cell.toLowerCase());
    if (columns.includes('path') && columns.includes('label')) return name;
  }
  return undefined;
}

/** A problem without the remedy that only a program has. */
function forTheCommandLine(problem: CorpusProblem): CorpusProblem {
  const message = problem.message.replace(', add a speaker column, or tell by speakerOf', ', or name them in a CSV');
  return { ...problem, message };
}

/**
 * The corpus without the clips that are of no use, those counted and listed on the terminal. Training and evaluation
 * both go through here, so that they speak of the same clips. `pick` leaves some out before they are read.
 */
export async function openCheckedCorpus(
  dir: string,
  choice: CorpusChoice,
  terminal: Terminal,
  signal: AbortSignal,
  pick: (clips: Corpus['clips']) => Corpus['clips'] = (clips) => clips,
): Promise<OpenedCorpus> {
  const corpus = await openCorpus(dir, choice, terminal);
  const progress = new Progress(terminal, 'reading clips');
  const picked = { ...corpus, clips: pick(corpus.clips) };
  const { clips, problems, skipped } = await checkCorpus(picked, {
    onProgress: (done, total) => progress.update(done, total),
    signal,
  }).finally(() => progress.close());
  terminal.err(`${corpus.name}: ${clips.length} clips${skipped > 0 ? `, ${skipped} more that cannot be used` : ''}\n`);
  if (problems.length > 0) terminal.err(`${problemLines(problems).join('\n')}\n`);
  if (clips.length === 0) throw new SerKitError('empty', `${dir}: expected recordings that can be used, got none`);
  return { ...corpus, clips, problems };
}
