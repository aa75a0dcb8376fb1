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
  return parsedXvector(path, await xvectorBytes(path), parseXvector, 'ser-kit xvector convert has');
}

/** The bytes of a file of weights. @throws SerKitError 'not-found' */
export function xvectorBytes(path: string): Promise<Uint8Array> {
  return readFileOf(path, 'the weights of an x-vector network');
}

/** The command line's words for what a reader can be told. */
const OPTIONS = { dilations: '--dilations', embeddingNode: '--embedding-node', frontEnd: '--front-end' } as const;

/** What `parse` reads of the bytes; errors name the file and, where something has to be chosen, the option that does. */
export function parsedXvector(
  path: string,
  bytes: Uint8Array,
  parse: (bytes: Uint8Array) => XvectorWeights,
  has: string,
): XvectorWeights {
  try {
    return parse(bytes);
  } catch (error) {
    if (!isSerKitError(error)) throw error;
    const [, name] =
      (error.code === 'bad-option' && /\b(dilations|embeddingNode|frontEnd)\b/.exec(error.message)) || [];
    const option = name === undefined ? '' : `; ${has} ${OPTIONS[name as keyof typeof OPTIONS]} for it`;
    throw new SerKitError(error.code, `${path}: ${withoutFunction(error.message)}${option}`, { cause: error });
  }
}
