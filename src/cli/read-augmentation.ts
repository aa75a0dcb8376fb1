import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Augmentation } from '../augment/augmentation.ts';
import { parseAugmentation } from '../augment/parse-augmentation.ts';
import { isSerKitError, SerKitError } from '../core/errors.ts';
import type { Waveform } from '../core/waveform.ts';
import { openDirectory } from '../node/open-directory.ts';
import { WrongUse } from './failure.ts';
import { placeInText } from './place-in-text.ts';
import { readRecording } from './read-recording.ts';

/** An augmentation from a file: `parseAugmentation(json, { recordings })` makes the same one anywhere. */
export interface ReadAugmentation {
  readonly augmentation: Augmentation;
  /** What the file says, with every folder of recordings written out. */
  readonly json: unknown;
  /** The recordings that it names, by the names that `json` has for them. */
  readonly recordings: Readonly<Record<string, Waveform>>;
  /** What of the folders of recordings was left out, for people. */
  readonly leftOut: readonly string[];
}

/** Options whose value is a file, a folder, or a list of them. */
const NAMES_FILES: readonly string[] = ['recordings', 'responses'];

/**
 * The augmentation in a JSON file, checked, with the recordings that it names. Their paths are relative to the file's
 * own folder; a folder stands for all WAV files in it, in the order of their paths, but for those that cannot be read.
 *
 * @throws WrongUse naming the place in the JSON; SerKitError for a file that cannot be read
 */
export async function readAugmentation(path: string): Promise<ReadAugmentation> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'EISDIR' ? 'a folder' : 'none that can be read';
    throw new SerKitError('not-found', `${path}: expected a JSON file of transforms, got ${why}`, { cause });
  }
  return await loadAugmentation(parseJson(text, path), dirname(path), path);
}

/**
 * The same of a value that has been read already.
 *
 * @param folder  what paths are relative to
 * @param who  the file's name, with which a message begins
 */
export async function loadAugmentation(json: unknown, folder: string, who: string): Promise<ReadAugmentation> {
  const recordings: Record<string, Waveform> = Object.create(null);
  const leftOut = new Set<string>();
  const load = async (name: string): Promise<readonly string[]> => {
    const found = await stat(resolve(folder, name)).catch(() => undefined);
    if (found?.isDirectory()) return await loadFolder(folder, name, recordings, leftOut);
    recordings[name] ??= await readRecording(resolve(folder, name));
    return [name];
  };
  const written = await withFolders(json, load, '', who);
  try {
    return {
      augmentation: parseAugmentation(written, { recordings }),
      json: written,
      recordings,
      leftOut: [...leftOut],
    };
  } catch (cause) {
    if (!isSerKitError(cause)) throw cause;
    const why = cause.message.replace(/^(?:parseTransform|parseAugmentation|createAugmentation): /, '');
    throw new WrongUse(`${who}: ${why}; see docs/augmentation.md`, { cause });
  }
}

/** The value as it is, but for the lists of recordings: what they name is loaded, and folders are written out. */
async function withFolders(
  value: unknown,
  load: (name: string) => Promise<readonly string[]>,
  place: string,
  who: string,
): Promise<unknown> {
  if (Array.isArray(value)) {
    const out: unknown[] = [];
    for (const [i, each] of value.entries()) out.push(await withFolders(each, load, `${place}[${i}]`, who));
    return out;
  }
  if (value === null || typeof value !== 'object') return value;
  const out: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(value)) {
    const at = place === '' ? key : `${place}.${key}`;
    const names = typeof each === 'string' ? [each] : each;
    if (!NAMES_FILES.includes(key) || !isListOfText(names)) {
      out[key] = await withFolders(each, load, at, who);
      continue;
    }
    try {
      const loaded: string[] = [];
      for (const name of names) loaded.push(...(await load(name)));
      out[key] = loaded;
    } catch (cause) {
      if (!isSerKitError(cause)) throw cause;
      throw new SerKitError(cause.code, `${who}: ${at}: ${cause.message}`, { cause });
    }
  }
  return out;
}

function isListOfText(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** Audio that is not read here. */
const OTHER_AUDIO = /\.(?:aac|aif|aiff|amr|au|caf|flac|m4a|mp3|mp4|oga|ogg|opus|webm|wma)$/i;

/**
 * Loads the WAV files of a folder, each as `name/...`, but for those that cannot be used.
 *
 * @param leftOut  gets a sentence on each that was left out, and one on audio of other formats
 * @throws SerKitError 'empty' where none is left
 */
async function loadFolder(
  folder: string,
  name: string,
  recordings: Record<string, Waveform>,
  leftOut: Set<string>,
): Promise<readonly string[]> {
  const path = resolve(folder, name);
  const files = await openDirectory(path).list();
  const others = files.filter((file) => OTHER_AUDIO.test(file)).length;
  const convert = `${others} of other audio; only WAV files are read (ffmpeg -i IN out.wav makes one)`;
  const sounds = files.filter((file) => /\.wav$/i.test(file)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const names: string[] = [];
  let bad = '';
  for (const file of sounds) {
    const each = `${name.replace(/\/+$/, '')}/${file}`;
    try {
      recordings[each] ??= await readRecording(resolve(folder, each));
      names.push(each);
    } catch (error) {
      if (!isSerKitError(error)) throw error;
      bad = error.message;
      leftOut.add(`left out: ${bad}`);
    }
  }
  if (names.length === 0) {
    const what =
      sounds.length === 0
        ? `one without any${others === 0 ? '' : `, and ${convert}`}`
        : `none that can be used of ${sounds.length}: ${bad}`;
    throw new SerKitError('empty', `${path}: expected a folder with WAV files, got ${what}`);
  }
  if (others > 0) leftOut.add(`left out: ${path}: ${convert}`);
  return names;
}

/** @throws WrongUse with the line and column */
export function parseJson(text: string, who: string): unknown {
  if (text.trim() === '') throw new WrongUse(`${who}: expected JSON, got an empty file; see docs/augmentation.md`);
  const json = text.replace(/^\ufeff/, '');
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new WrongUse(`${who}: expected JSON (${placeInText(json, (cause as Error).message)})`, { cause });
  }
}
