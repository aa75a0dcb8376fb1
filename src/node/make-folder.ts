import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder where it is missing, and those above it. Step by step: Node's own recursive mkdir never ends where a
 * folder that is there answers that it is not, as those of /proc do.
 *
 * @throws what the file system says, and an Error of its own where it says nothing of use
 */
export function makeFolder(path: string): void {
  const folder = resolve(path);
  if (isFolder(folder)) return;
  try {
    mkdirSync(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      const above = dirname(folder);
      if (isFolder(above)) throw new Error(`no folder can be made in ${above}`, { cause });
      makeFolder(above);
      makeIn(folder);
    } else if (!isFolder(folder)) throw cause; // else another process made it meanwhile
  }
}

/** Makes a folder whose parent was just made. */
function makeIn(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (cause) {
    if (!isFolder(folder)) throw cause;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
