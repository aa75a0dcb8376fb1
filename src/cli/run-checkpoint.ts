import { isSerKitError, SerKitError } from '../core/errors.ts';
import { type CheckpointSummary, describeCheckpoint } from '../models/checkpoint.ts';
import { CHECKPOINT_FILE, type RunFolder } from './run-folder.ts';

/** A checkpoint that lies in a run's folder. */
export interface Checkpoint extends CheckpointSummary {
  readonly bytes: Uint8Array;
}

/**
 * The checkpoint to go on from, if a training came to one.
 *
 * @throws SerKitError for one that is damaged, with what to do
 */
export function checkpointOf(folder: RunFolder): Checkpoint | undefined {
  const bytes = folder.checkpoint();
  if (bytes === undefined) return undefined;
  try {
    const checkpoint = { ...describeCheckpoint(bytes), bytes };
    folder.savedEpoch = checkpoint.epoch;
    return checkpoint;
  } catch (cause) {
    if (!isSerKitError(cause)) throw cause;
    const path = folder.at(CHECKPOINT_FILE);
    const found = cause.message.replace(/^describeCheckpoint: /, '');
    const remedy =
      cause.code === 'newer-version'
        ? 'it was written by a newer ser-kit: update this one'
        : 'put a copy of it in its place, or remove it, and --resume trains from the first epoch on';
    throw new SerKitError(cause.code, `${path}: ${found}; ${remedy}`, { cause });
  }
}
