import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SerKitError } from '../core/errors.ts';
import { HOST, isRunning, temporaryName } from '../node/atomic-file.ts';

export const LOCK_FILE = '.lock';

const HEARTBEAT_MS = 30_000;
const DEAD_MS = 300_000;

/**
 * Keeps other processes from training in the same folder. What a killed process leaves does not count: on this machine
 * its process is gone; from another one (or another container) its lock has not been touched for five minutes.
 *
 * @returns what takes the lock away
 * @throws SerKitError 'exists' where another process trains there, or where what bears the lock's name cannot be read
 */
export function lockRun(run: string): () => void {
  const path = join(run, LOCK_FILE);
  const mine = JSON.stringify({ host: HOST, pid: process.pid, started: startOf(process.pid) });
  while (!placed(path, mine)) {
    const found = lockText(path);
    if (found === undefined) continue;
    if (isAlive(found, path)) {
      const { host, pid } = parsed(found);
      throw new SerKitError(
        'exists',
        `${run}: expected a folder in which nothing else trains, got one that process ${pid} on ${host} is working in; end that one first (or remove ${path} if there is no such process)`,
      );
    }
    takeAway(path, found);
  }
  const heart = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {
      // The folder is gone: whatever is written next says so.
    }
  }, HEARTBEAT_MS);
  heart.unref();
  return () => {
    clearInterval(heart);
    if (textOf(path) === mine) rmSync(path, { force: true });
  };
}

/** Makes the lock with its text in it at once; false where there is one. */
function placed(path: string, text: string): boolean {
  const own = join(dirname(path), temporaryName());
  try {
    writeFileSync(own, text);
    linkSync(own, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
  } finally {
    rmSync(own, { force: true });
  }
  // A file system without links.
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a dead lock, and no other that came in its place meanwhile. */
function takeAway(path: string, dead: string): void {
  const aside = join(dirname(path), temporaryName());
  try {
    renameSync(path, aside);
    if (textOf(aside) !== dead) linkSync(aside, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function isAlive(text: string, path: string): boolean {
  const { host, pid, started } = parsed(text);
  if (host === HOST) {
    if (pid === process.pid || !isRunning(pid)) return false;
    // Another process may have got the number of a dead one.
    const now = startOf(pid);
    return now === undefined || started === undefined || now === started;
  }
  try {
    return host !== undefined && Date.now() - statSync(path).mtimeMs < DEAD_MS;
  } catch {
    return false;
  }
}

function parsed(text: string): { host?: string; pid: number; started?: string } {
  try {
    const found = JSON.parse(text) as { host?: unknown; pid?: unknown; started?: unknown };
    if (typeof found.host === 'string' && typeof found.pid === 'number') {
      return {
        host: found.host,
        pid: found.pid,
        ...(typeof found.started === 'string' ? { started: found.started } : {}),
      };
    }
  } catch {
    // Cut short: whoever wrote it is dead.
  }
  return { pid: -1 };
}

/** The text of a lock; undefined where it is gone by now. What cannot be read would be found again for ever. */
function lockText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    const message = `${path}: expected the lock of a training, got what cannot be read (${code}); remove it if nothing trains there`;
    throw new SerKitError('exists', message, { cause });
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** When a process began, as far as the system tells (Linux): in ticks since the start of the system that it names. */
function startOf(pid: number): string | undefined {
  const boot = textOf('/proc/sys/kernel/random/boot_id')?.trim();
  // The name of the program, in parentheses, may hold anything; the 20th word behind it is the time.
  const stat = textOf(`/proc/${pid}/stat`);
  const ticks = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return boot === undefined || ticks === undefined ? undefined : `${boot} ${ticks}`;
}
