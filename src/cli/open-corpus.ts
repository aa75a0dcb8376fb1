import { SerKitError } from '../core/errors.ts';
import type { Corpus } from '../datasets/corpus.ts';
import { CREMAD_EMOTIONS } from '../datasets/cremad/names.ts';
import { openCremad } from '../datasets/cremad/open-cremad.ts';
import { openFolder } from '../datasets/folder.ts';
import { openDirectory } from '../node/open-directory.ts';

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
    if (format === 'folder' || csv !== undefined) return await asFolder();
    if (format === 'cremad') return await asCremad();
    const paths = await files.list();
    const cremadNames = paths.filter((path) => /(^|\/)\d{4}_[A-Z]{3}_[A-Z]{3}_[A-Z]{1,2}\.wav$/i.test(path));
    return cremadNames.length > 0 ? await asCremad() : await asFolder();
  } catch (error) {
    if (error instanceof SerKitError && !error.message.includes(dir)) {
      throw new SerKitError(error.code, `${dir}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
