import { isSerKitError, SerKitError } from '../core/errors.ts';
import { parseXvector } from '../xvector/parse-xvector.ts';
import type { XvectorWeights } from '../xvector/weights.ts';
import { withoutFunction } from './failure.ts';
import { readFileOf } from './read-file.ts';

/** The word for the network that comes with ser-kit, where a file could stand; ./compact is a file of that name. */
export const COMPACT = 'compact';

/** An x-vector network from disk, in any format that is read, or the one that comes with ser-kit; every error names the file. */
export async function readXvector(path: string): Promise<XvectorWeights> {
  if (path === COMPACT) {
    const { compactXvector } = await import('../xvector/compact/compact-xvector.ts');
    return compactXvector();
  }
  const bytes = await readFileOf(path, 'the weights of an x-vector network');
  try {
    return parseXvector(bytes);
  } catch (error) {
    if (!isSerKitError(error)) throw error;
    throw new SerKitError(error.code, `${path}: ${withoutFunction(error.message)}`, { cause: error });
  }
}
