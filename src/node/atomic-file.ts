import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';

// Synchronous, since it runs in worker threads that have nothing else to do meanwhile.

/** The name of this machine as it may stand between dots in a file's name. */
const HOST = hostname().replace(/[^\w-]/g, '_');
const TEMPORARY = /^\.([\w-]+)\.(\d+)\.[0-9a-f-]{36}\.tmp$/;
const HOUR_MS = 3_600_000;

/**
 * Writes a file under a temporary name in `workDir` first and renames it then: whoever reads finds the whole file or none.
 * Folders are made where they are missing.
 */
export function writeAtomically(path: string, bytes: Uint8Array, workDir: string): void {
  const temporary = join(workDir, `.${HOST}.${process.pid}.${randomUUID()}.tmp`);
  try {
    writeFileSync(temporary, bytes);
    try {
      renameSync(temporary, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      mkdirSync(dirname(path), { recursive: true });
      // Where containers share a folder and a host's name, another one may not see this process, and have tidied up.
      if (!existsSync(temporary)) writeFileSync(temporary, bytes);
      renameSync(temporary, path);
    }
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Removes the temporary files that killed processes left in a folder: those of this machine whose process is gone, and
 * any that is an hour old. Files that another process is just writing stay.
 */
export function removeLeftovers(workDir: string): void {
  for (const name of readdirSync(workDir)) {
    const [, host, pid] = TEMPORARY.exec(name) ?? [];
    if (host === undefined) continue;
    const path = join(workDir, name);
    try {
      const isGone = host === HOST && !isRunning(Number(pid));
      if (isGone || Date.now() - statSync(path).mtimeMs > HOUR_MS) rmSync(path, { force: true });
    } catch {
      // Renamed or removed meanwhile by whoever it belongs to.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
