import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolder } from './make-folder.ts';

// Synchronous, since it runs in worker threads that have nothing else to do meanwhile.

/** The name of this machine as it may stand between dots in a file's name. */
export const HOST = hostname().replace(/[^\w-]/g, '_');
const TEMPORARY = /^\.([\w-]+)\.(\d+)\.[0-9a-f-]{36}\.tmp$/;
const HOUR_MS = 3_600_000;

/** A new name of the kind that removeLeftovers() knows. */
export function temporaryName(): string {
  return `.${HOST}.${process.pid}.${randomUUID()}.tmp`;
}

/** A file that is written under a temporary name and not yet under its own. */
export interface StagedFile {
  /** Gives it its name, in place of what had it. */
  commit(): void;
  /** Takes it away; of no effect after `commit`. */
  discard(): void;
}

/**
 * Writes a file under a temporary name in `workDir` first and renames it then: whoever reads finds the whole file or none.
 * Folders are made where they are missing.
 *
 * @param durable  wait until the disk has it, so that it outlasts a loss of power. @default false
 */
export function writeAtomically(path: string, bytes: Uint8Array, workDir: string, durable = false): void {
  stageFile(path, bytes, workDir, durable).commit();
}

/** The first half of writeAtomically(): for files that are to appear together once all of them are written. */
export function stageFile(path: string, bytes: Uint8Array, workDir: string, durable = false): StagedFile {
  const temporary = join(workDir, temporaryName());
  const discard = (): void => rmSync(temporary, { force: true });
  const orDiscard = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      discard();
      throw error;
    }
  };
  const write = (): void => {
    writeFileSync(temporary, bytes);
    if (durable) syncPath(temporary, 'r+');
  };
  orDiscard(write);
  const rename = (): void => {
    try {
      renameSync(temporary, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      makeFolder(dirname(path));
      // Where containers share a folder and a host's name, another one may not see this process, and have tidied up.
      if (!existsSync(temporary)) write();
      renameSync(temporary, path);
    }
    if (durable) syncFolder(dirname(path));
  };
  return { commit: () => orDiscard(rename), discard };
}

/** Waits until the disk has a folder's list of names; of no effect where a system does not open folders. */
export function syncFolder(folder: string): void {
  try {
    syncPath(folder, 'r');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP'].includes(code)) throw error;
  }
}

function syncPath(path: string, flags: 'r' | 'r+'): void {
  const file = openSync(path, flags);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * Removes the temporary files that killed processes left in a folder: those of this machine whose process is gone, and
 * any that is an hour old. Files that another process is just writing stay.
 *
 * @returns how many
 */
export function removeLeftovers(workDir: string): number {
  let removed = 0;
  for (const name of readdirSync(workDir)) {
    const [, host, pid] = TEMPORARY.exec(name) ?? [];
    if (host === undefined) continue;
    const path = join(workDir, name);
    try {
      const isGone = host === HOST && !isRunning(Number(pid));
      if (!isGone && Date.now() - statSync(path).mtimeMs <= HOUR_MS) continue;
      rmSync(path, { force: true });
      removed++;
    } catch {
      // Renamed or removed meanwhile by whoever it belongs to.
    }
  }
  return removed;
}

/** Whether there is a process of this id on this machine; another one may have it by now. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
