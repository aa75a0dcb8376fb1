import { join } from 'node:path';
import { isSerKitError } from '../core/errors.ts';
import { EXIT, failureOf, ToldFailure } from './failure.ts';
import { CHECKPOINT_FILE, type RunFolder, resumeCommand } from './run-folder.ts';

type Kept = Pick<RunFolder, 'path' | 'savedEpoch'>;

/** How to go on with a training, for the end of a message. */
export function goOn({ path, savedEpoch }: Kept): string {
  return `the checkpoint of epoch ${savedEpoch} is kept, go on from it with: ${resumeCommand(path)}`;
}

/** The error, and behind it what is kept of the training and how to go on; as it is where nothing is kept. */
export function withResume(error: unknown, kept: Kept): unknown {
  const { message, status } = failureOf(error);
  if (status === EXIT.wrongUse || kept.savedEpoch === 0) return error;
  const code = isSerKitError(error) ? error.code : undefined;
  let text = `${message}; ${goOn(kept)}`;
  if (code === 'diverged') {
    text = `${message}; the checkpoint of epoch ${kept.savedEpoch} is kept, but going on from it ends here again: begin again with --force`;
  } else if (code === 'mismatch' && message.includes('resumeFrom')) {
    text = `${message}; ${join(kept.path, CHECKPOINT_FILE)} is of another training: remove it, and --resume trains from the first epoch on`;
  } else if (message.startsWith('out of memory')) {
    text = `${message}, and begin again with --force; or free memory: ${goOn(kept)}`;
  }
  return new ToldFailure(text, status, { cause: error });
}
