import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isSerKitError, SerKitError } from '../core/errors.ts';
import { removeLeftovers, type StagedFile, stageFile, syncFolder, writeAtomically } from '../node/atomic-file.ts';
import { reasonOf, writeReasonOf } from '../node/paths.ts';
import { XVECTOR_FILE } from '../recognizer/manifest.ts';
import { type DrawsLine, DrawsLog } from './draws-log.ts';
import { openOut } from './open-out.ts';
import { LOCK_FILE, lockRun } from './run-lock.ts';
import { shellWord } from './text.ts';
import { TRAINING_FILE, type Training, trainingBytes } from './training-file.ts';
import { type EpochLine, type LogLine, TrainingLog } from './training-log.ts';

export const CHECKPOINT_FILE = 'checkpoint.bin';
const LOG_FILE = 'log.jsonl';
export const DRAWS_FILE = 'augmentation.jsonl';
export const CURVE_FILE = 'learning-curve.svg';

/** The files of a run that is complete; the manifest is the last to get its name. */
const RESULTS = ['weights.bin', 'confusion-matrix.svg', CURVE_FILE, 'report.txt', 'manifest.json'] as const;

/** The command that goes on with a run, its recordings in another folder than before where one is given. */
export function resumeCommand(run: string, dir?: string): string {
  return `npx ser-kit train ${dir === undefined ? '' : `${shellWord(dir)} `}--resume ${shellWord(run)}`;
}

/**
 * The folder of a training, from before its first epoch until its recognizer lies there. Killed at any moment, it holds a
 * training.json and a checkpoint that belong together, or none. It is for one process at a time.
 */
export class RunFolder {
  /** The last epoch whose checkpoint is on the disk; 0 where none is. */
  savedEpoch = 0;
  private readonly log: TrainingLog;
  private readonly draws: DrawsLog;
  private readonly written = new Set<string>();
  /** Whether begin() was called here and nothing of what came before is left. */
  private isFresh = false;
  private isDropped = false;
  private isBegun = false;
  /** What begins a new training here, for as long as an earlier run has not made way for it. */
  private takeOver: (() => void) | undefined;

  private constructor(
    readonly path: string,
    private readonly unlock: () => void,
    private readonly removeFolder: () => void,
    /** Temporary files of killed processes that were removed. */
    readonly leftovers: number,
  ) {
    this.log = new TrainingLog(this.at(LOG_FILE));
    this.draws = new DrawsLog(this.at(DRAWS_FILE));
  }

  /**
   * Makes the folder where it is missing and locks it.
   *
   * @param into  see openOut()
   * @throws SerKitError 'exists', 'not-writable'
   */
  static async open(path: string, into: Parameters<typeof openOut>[1]): Promise<RunFolder> {
    const removeFolder = await openOut(path, into);
    let unlock: (() => void) | undefined;
    try {
      return writing(join(path, LOCK_FILE), () => {
        unlock = lockRun(path);
        return new RunFolder(path, unlock, removeFolder, removeLeftovers(path));
      });
    } catch (error) {
      unlock?.();
      removeFolder();
      throw error;
    }
  }

  /** Whether --resume has something to go on with: a checkpoint, or the options of a training that came to none. */
  get isKept(): boolean {
    return this.savedEpoch > 0 || (this.isBegun && !this.isDropped && existsSync(this.at(TRAINING_FILE)));
  }

  at(name: string): string {
    return join(this.path, name);
  }

  /** Whether a recognizer lies here whole, with nothing to go on with. */
  isComplete(training: Training): boolean {
    const files = [...RESULTS, ...(training.xvector === undefined ? [] : [XVECTOR_FILE])];
    return training.complete && files.every((name) => existsSync(this.at(name)));
  }

  /** The checkpoint of a training that was begun here; undefined where it did not come to one. */
  checkpoint(): Uint8Array | undefined {
    const path = this.at(CHECKPOINT_FILE);
    try {
      return new Uint8Array(readFileSync(path));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new SerKitError('not-found', `${path}: ${reasonOf(cause)}`, { cause });
    }
  }

  /**
   * Begins a new training. An earlier run that lies here stays as it is until beforeEpoch(): of one that fails in its
   * first epoch nothing would take its place.
   *
   * @param isFresh  false where it was begun before and did not come to a checkpoint
   * @param line  the log's first
   * @param files  what the training needs beside training.json, by name
   */
  begin(training: Training, isFresh: boolean, line: LogLine, files: ReadonlyMap<string, Uint8Array> = new Map()): void {
    this.isFresh = isFresh;
    this.isBegun = !isFresh;
    this.takeOver = () => {
      // In this order, so that no kill leaves an old checkpoint or an old recognizer beside new options.
      this.remove(CHECKPOINT_FILE);
      this.remove('manifest.json');
      this.remove(LOG_FILE);
      this.remove(DRAWS_FILE);
      this.remove(XVECTOR_FILE);
      for (const [name, bytes] of files) this.write(name, bytes);
      this.write(TRAINING_FILE, trainingBytes(training));
      this.isBegun = true;
      this.written.add(LOG_FILE);
      writing(this.log.path, () => this.log.begin(line));
    };
    if (![CHECKPOINT_FILE, 'manifest.json'].some((name) => existsSync(this.at(name)))) this.beforeEpoch();
  }

  /** To be called before anything is written of an epoch: an earlier run makes way now. */
  beforeEpoch(): void {
    this.takeOver?.();
    this.takeOver = undefined;
  }

  /** Adds what was drawn in an epoch. */
  appendDraws(lines: readonly DrawsLine[]): void {
    this.written.add(DRAWS_FILE);
    writing(this.draws.path, () => this.draws.append(lines));
  }

  /** See DrawsLog.goBackTo(). */
  drawsBackTo(epoch: number): void {
    writing(this.draws.path, () => this.draws.goBackTo(epoch));
  }

  /** See TrainingLog.goBackTo(). */
  logBackTo(start: LogLine, epochs: readonly EpochLine[]): void {
    writing(this.log.path, () => this.log.goBackTo(start, epochs));
  }

  append(line: LogLine): void {
    writing(this.log.path, () => this.log.append(line));
  }

  write(name: string, bytes: Uint8Array): void {
    this.written.add(name);
    writing(this.at(name), () => {
      // A folder that somebody removed is not made again: the rest of the run would be missing in it.
      statSync(this.path);
      writeAtomically(this.at(name), bytes, this.path, true);
    });
  }

  saveCheckpoint(epoch: number, bytes: Uint8Array): void {
    this.write(CHECKPOINT_FILE, bytes);
    this.savedEpoch = epoch;
  }

  /** Writes the recognizer and its report: all of them in full first, then each gets its name. */
  writeResults(files: ReadonlyMap<string, Uint8Array>): void {
    const order = [...files].sort(([a], [b]) => RESULTS.indexOf(a as never) - RESULTS.indexOf(b as never));
    this.isFresh = false;
    const staged: { readonly name: string; readonly file: StagedFile }[] = [];
    try {
      for (const [name, bytes] of order) {
        const file = writing(this.at(name), () => stageFile(this.at(name), bytes, this.path, true));
        staged.push({ name, file });
      }
      for (const { name, file } of staged) writing(this.at(name), () => file.commit());
    } finally {
      for (const { file } of staged) file.discard();
    }
  }

  /** Notes that all is done; the checkpoint goes last. */
  complete(training: Training): void {
    this.write(TRAINING_FILE, trainingBytes({ ...training, complete: true }));
    this.remove(CHECKPOINT_FILE);
  }

  /** What was begun here is of no use when it did not come to a checkpoint: close() then leaves nothing of it. */
  drop(): void {
    this.isDropped = true;
  }

  /** Lets go of the folder. */
  close(): void {
    if ((this.isDropped || !this.isBegun) && this.isFresh && this.savedEpoch === 0) {
      for (const name of this.written) rmSync(this.at(name), { force: true });
    }
    this.unlock();
    this.removeFolder();
  }

  private remove(name: string): void {
    writing(this.at(name), () => {
      rmSync(this.at(name), { force: true });
      syncFolder(this.path);
    });
  }
}

/** Does what writes a file; its failure names the file. */
function writing<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (isSerKitError(cause)) throw cause;
    throw new SerKitError('not-writable', `${path}: cannot be written: ${writeReasonOf(cause)}`, { cause });
  }
}
