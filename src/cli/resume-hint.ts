import { join } from 'node:path';
import { isSerKitError } from '../core/errors.ts';
import { EXIT, failureOf, ToldFailure } from './failure.ts';
import { CHECKPOINT_FILE, type RunFolder, resumeCommand } from './run-folder.ts';

export interface Kept extends Pick<RunFolder, 'path' | 'savedEpoch' | 'isKept'> {
  /** What goes on with it. @default `train --resume` of the folder */
  readonly command?: string;
  /** @default checkpoint.bin in the folder */
  readonly checkpointFile?: string;
}

/** How to go on with a training, for the end of a message. */
export function goOn({ path, savedEpoch, command = resumeCommand(path) }: Kept): string {
  if (savedEpoch === 0) return `begin its first epoch again with: ${command}`;
  return `the checkpoint of epoch ${savedEpoch} is kept, go on from it with: ${command}`;
}

/** Whether the same training ends in this error whenever it is gone on with. */
export function isOfItsOptions(error: unknown): boolean {
  const { message, status } = failureOf(error);
  const isDiverged = isSerKitError(error) && error.code === 'diverged';
  return isDiverged || status === EXIT.wrongUse || message.startsWith('out of memory');
}

/** The error, and behind it what is kept of the training and how to go on; as it is where nothing is kept. */
export function withResume(error: unknown, kept: Kept): unknown {
  const { message, status } = failureOf(error);
  if (error instanceof ToldFailure || status === EXIT.wrongUse || !kept.isKept) return error;
  const code = isSerKitError(error) ? error.code : undefined;
  let text = `${message}; ${goOn(kept)}`;
  if (code === 'diverged') {
    text = `${message}; the checkpoint of epoch ${kept.savedEpoch} is kept, but going on from it ends here again: begin again with --force`;
  } else if (code === 'mismatch' && message.includes('resumeFrom')) {
    text = `${message}; ${kept.checkpointFile ?? join(kept.path, CHECKPOINT_FILE)} is of another training: remove it, and --resume trains from the first epoch on`;
  } else if (message.startsWith('out of memory')) {
    text = `${message}, and begin again with --force; or free memory: ${goOn(kept)}`;
  }
  return new ToldFailure(text, status, { cause: error });
}

/** The error of recordings that are not where the training found them, and behind it how to say where they are. */
export function withMovedRecordings(error: unknown, kept: Kept): unknown {
  const { message, status } = failureOf(error);
  if (status !== EXIT.failed) return error;
  return new ToldFailure(`${message}; ${elsewhere(kept)}`, status, { cause: error });
}

/** How to go on with recordings that have moved. */
export function elsewhere({ path }: Kept): string {
  return `where they are in another folder now, name it: ${resumeCommand(path, 'NEWDIR')}`;
}
