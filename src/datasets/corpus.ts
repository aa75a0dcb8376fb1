import type { SerKitErrorCode } from '../core/errors.ts';
import type { LabelledClip } from '../core/labelled-clip.ts';

/** What is wrong with a corpus or one of its files, as a word that a program can branch on. */
export type ProblemCode =
  /** A file name that does not follow the corpus's pattern; the file is passed over. */
  | 'bad-name'
  /** A misspelt name that is known; the clip is used under its right name. */
  | 'misspelt-name'
  /** A second file for a clip that is there already; the file is passed over. */
  | 'duplicate-clip'
  /** The same audio in two or more clips. */
  | 'same-audio'
  /** So quiet that there is nothing to hear: below -60 dB of full scale (RMS). */
  | 'near-silent'
  /** A file of labels, votes or speakers that cannot be read; the corpus goes on without it. */
  | 'bad-label-file'
  /** A line of a CSV that cannot be used; it is passed over. */
  | 'bad-row'
  /** A clip without a label; it is passed over. */
  | 'no-label'
  /** Clips whose speaker is not known; each counts as a speaker of its own. */
  | 'no-speaker'
  /** A file that a CSV names and that is not there. */
  | 'missing-file'
  /** Audio of another kind than WAV; it is passed over. */
  | 'unsupported-audio'
  /** What reading a clip's audio ended in: 'git-lfs-pointer', 'bad-format', 'truncated', 'empty', 'not-finite', ... */
  | SerKitErrorCode;

/** One thing that is wrong with a corpus. Problems are reported, never thrown. */
export interface CorpusProblem {
  readonly code: ProblemCode;
  /** The file it is about; the first of them where one problem stands for many. */
  readonly path: string;
  /** For people: what was found, and the remedy where there is one. */
  readonly message: string;
}

/** Labelled clips, with what was found wrong on the way to them. */
export interface Corpus<C extends LabelledClip = LabelledClip> {
  /** What to call it beside a number: `CREMA-D`. */
  readonly name: string;
  /** Sorted by id. */
  readonly clips: readonly C[];
  readonly problems: readonly CorpusProblem[];
  /** All its labels in the order that is usual for it, where one is; a part of the corpus may lack some. */
  readonly labels?: readonly string[];
  /** The sentence that the corpus's licence asks for, where one is known. */
  readonly attribution?: string;
}

/** A clip that lies in a file. */
export interface FileClip<L extends string = string> extends LabelledClip<L> {
  /** The file's path in its FileSource. */
  readonly path: string;
}

/** Orders strings by code unit: the same on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A number of things in words: `1 clip`, `2 clips`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
