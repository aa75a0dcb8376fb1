import { createFrontEnd, type FrontEndOptions } from '../clips/front-end.ts';
import { WrongUse, withoutFunction } from './failure.ts';
import { readFrontEnd } from './read-front-end.ts';

/** What --front-end and --features ask for, checked; undefined for the default. */
export async function chosenFrontEnd(
  path: string | undefined,
  featureSet: string | undefined,
): Promise<FrontEndOptions | undefined> {
  const inFile = path === undefined ? undefined : await readFrontEnd(path);
  if (featureSet === undefined) return inFile;
  if (inFile?.features !== undefined) {
    throw new WrongUse(`--features expected a --front-end without features of its own, got ${path}`);
  }
  const chosen = { ...inFile, features: featureSet };
  try {
    createFrontEnd(chosen);
  } catch (cause) {
    throw new WrongUse(`--features: ${withoutFunction((cause as Error).message)}`, { cause });
  }
  return chosen;
}
