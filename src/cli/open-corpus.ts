import { isSerKitError, SerKitError } from '../core/errors.ts';
import { checkCorpus } from '../datasets/check-corpus.ts';
import type { Corpus, CorpusProblem } from '../datasets/corpus.ts';
import { CREMAD_EMOTIONS } from '../datasets/cremad/names.ts';
import { openCremad } from '../datasets/cremad/open-cremad.ts';
import { openFolder } from '../datasets/folder.ts';
import { openDirectory } from '../node/open-directory.ts';
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

/** A corpus with the order of labels that a recognizer trained on it keeps, where the corpus has one. */
export interface OpenedCorpus extends Corpus {
  readonly labels?: readonly string[];
}

/** CREMA-D by its file names; anything else as folders of labels or a CSV. */
export async function openCorpus(dir: string, { format, csv }: CorpusChoice): Promise<OpenedCorpus> {
  const files = openDirectory(dir);
  const asFolder = (): Promise<Corpus> => openFolder(files, csv === undefined ? {} : { csv });
  const asCremad = async (): Promise<OpenedCorpus> => ({ ...(await openCremad(files)), labels: CREMAD_EMOTIONS });
  try {
    const corpus = await openAs();
    return { ...corpus, problems: corpus.problems.map(forTheCommandLine) };
  } catch (error) {
    if (isSerKitError(error) && !error.message.includes(dir)) {
      throw new SerKitError(error.code, `${dir}: ${withoutFunction(error.message)}`, { cause: error });
    }
    throw error;
  }

  async function openAs(): Promise<OpenedCorpus> {
    if (format === 'folder' || csv !== undefined) return await asFolder();
    if (format === 'cremad') return await asCremad();
    const paths = await files.list();
    const cremadNames = paths.filter((path) => /(^|\/)\d{4}_[A-Z]{3}_[A-Z]{3}_[A-Z]{1,2}\.wav$/i.test(path));
    return cremadNames.length > 0 ? await asCremad() : await asFolder();
  }
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
  const corpus = await openCorpus(dir, choice);
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
