import { realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { WrongUse } from './failure.ts';

/**
 * Keeps a run's files out of the recordings, which they would become a part of or overwrite.
 *
 * @throws WrongUse where `out` is `dir` or lies in it, links followed
 */
export async function refuseInside(out: string, dir: string): Promise<void> {
  const way = relative(await realOf(resolve(dir)), await realOf(resolve(out)));
  if (way === '..' || way.startsWith(`..${sep}`) || resolve(way) === way) return;
  throw new WrongUse(`--out ${out} expected a folder outside the recordings, got one in ${dir}; choose another --out`);
}

/** The path without links, as far as it exists. */
async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(await realOf(above), basename(path));
  }
}
