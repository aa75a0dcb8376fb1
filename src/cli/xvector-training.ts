import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import type { FrontEndOptions } from '../clips/front-end.ts';
import { isSerKitError, SerKitError } from '../core/errors.ts';
import { describeCheckpoint } from '../models/checkpoint.ts';
import { writeAtomically } from '../node/atomic-file.ts';
import { reasonOf, writeReasonOf } from '../node/paths.ts';
import { chosenFrontEnd } from './chosen-front-end.ts';
import { augmentationOfRun, type ChosenAugmentation, chosenAugmentation } from './kept-augmentation.ts';
import type { Kept } from './resume-hint.ts';
import { optionsOfRun } from './resume-options.ts';
import type { Checkpoint } from './run-checkpoint.ts';
import { shellWord } from './text.ts';
import { readTraining, type Training, trainingBytes } from './training-file.ts';
import type { XvectorTrainCommandOptions } from './xvector-train-options.ts';

/** What is to be done, from the command line and from the training that is gone on with. */
export interface XvectorJob {
  readonly options: XvectorTrainCommandOptions;
  readonly frontEnd: FrontEndOptions | undefined;
  readonly augment: ChosenAugmentation | undefined;
}

/**
 * A training under way of the network in one file: while it is not done there lie beside FILE its FILE.checkpoint and FILE.training.json, with
 * which options it was begun.
 */
export class XvectorTraining implements Kept {
  readonly checkpointFile: string;
  readonly file: string;
  readonly command: string;
  /** The last epoch whose checkpoint is on the disk; 0 where none is. */
  savedEpoch = 0;

  constructor(
    readonly path: string,
    dir: string,
  ) {
    this.checkpointFile = `${path}.checkpoint`;
    this.file = `${path}.training.json`;
    this.command = `npx ser-kit xvector train ${shellWord(dir)} --out ${shellWord(path)} --resume`;
  }

  get isKept(): boolean {
    return this.savedEpoch > 0;
  }

  /** Whether --resume would have nothing to go on with. */
  get isComplete(): boolean {
    return existsSync(this.path) && !existsSync(this.checkpointFile);
  }

  /** @throws SerKitError 'exists' where something is there that --force would overwrite */
  refuseToOverwrite(): void {
    if (existsSync(this.checkpointFile)) {
      const text = `${this.checkpointFile}: expected no training that was begun, got one; --resume goes on with it, --force begins again`;
      throw new SerKitError('exists', text);
    }
    if (existsSync(this.path)) {
      throw new SerKitError('exists', `${this.path}: expected no file of that name, got one; --force overwrites it`);
    }
  }

  /** The checkpoint to go on from, if a training came to one. @throws SerKitError for one that is damaged, with what to do */
  read(): Checkpoint | undefined {
    let bytes: Uint8Array;
    try {
      bytes = new Uint8Array(readFileSync(this.checkpointFile));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new SerKitError('not-found', `${this.checkpointFile}: ${reasonOf(cause)}`, { cause });
    }
    try {
      const found = { ...describeCheckpoint(bytes), bytes };
      this.savedEpoch = found.epoch;
      return found;
    } catch (cause) {
      if (!isSerKitError(cause)) throw cause;
      const found = cause.message.replace(/^describeCheckpoint: /, '');
      const remedy = 'put a copy of it in its place, or remove it, and --resume trains from the first epoch on';
      throw new SerKitError(cause.code, `${this.checkpointFile}: ${found}; ${remedy}`, { cause });
    }
  }

  /**
   * What is to be done: with a checkpoint, by the options that it was begun with.
   *
   * @throws WrongUse where another value was given of an option that counts
   */
  async jobOf(given: XvectorTrainCommandOptions, command: Command, isBegun: boolean): Promise<XvectorJob> {
    const frontEnd = await chosenFrontEnd(given.frontEnd, undefined);
    const augment = await chosenAugmentation(given.augment);
    const begun = isBegun ? readTraining(this.file) : undefined;
    if (begun === undefined) return { options: given, frontEnd, augment };
    return {
      options: optionsOfRun(this.path, begun, given, frontEnd, command, this.file),
      frontEnd: begun.frontEnd ?? undefined,
      augment: await augmentationOfRun(this.path, begun.augment, augment, this.file),
    };
  }

  /** The options before the checkpoint, so that there is none without. */
  save(epoch: number, bytes: Uint8Array, training: Training): void {
    if (this.savedEpoch === 0) writeFile(this.file, trainingBytes(training));
    writeFile(this.checkpointFile, bytes);
    this.savedEpoch = epoch;
  }

  /** Nothing is left to go on with. */
  complete(): void {
    for (const path of [this.checkpointFile, this.file]) rmSync(path, { force: true });
    this.savedEpoch = 0;
  }
}

/** @throws SerKitError 'not-writable' */
export function writeFile(path: string, bytes: Uint8Array): void {
  const folder = dirname(resolve(path));
  try {
    mkdirSync(folder, { recursive: true });
    writeAtomically(path, bytes, folder);
  } catch (cause) {
    throw new SerKitError('not-writable', `${path}: ${writeReasonOf(cause)}`, { cause });
  }
}
