import { createFrontEnd } from '../clips/front-end.ts';
import { isSerKitError, quote, SerKitError } from '../core/errors.ts';
import type { FileSource } from '../core/file-source.ts';
import { parsePca } from '../features/pca.ts';
import { parseStandardizer } from '../features/standardize.ts';
import { importModel } from '../models/artifact.ts';
import { createXvector } from '../xvector/create-xvector.ts';
import { embeddingDims } from '../xvector/weights.ts';
import { MANIFEST_FILE, type RecognizerDescription, readManifest, type SavedFile } from './manifest.ts';
import { assembleRecognizer, type Recognizer } from './recognizer.ts';
import { reducedWidth } from './reduction.ts';
import { sha256 } from './sha256.ts';
import { decodeXvectorFile } from './xvector-file.ts';
import { embeddingWidth, type XvectorPart } from './xvector-part.ts';

/**
 * A saved recognizer, ready on the current tfjs backend. The checksums tell damage, not who made the files; nothing in
 * them is executed.
 *
 * @param from  a folder (`openDirectory` of ser-kit/node) or any FileSource, or the URL of the folder
 * @throws SerKitError 'bad-input' for no such argument; 'not-found' where a file is missing; 'truncated', 'altered', 'newer-version' or 'bad-format' where one
 * is not what was saved
 */
export async function loadRecognizer(from: FileSource | URL): Promise<Recognizer> {
  if (!(from instanceof URL) && typeof from?.read !== 'function') {
    throw new SerKitError(
      'bad-input',
      `loadRecognizer: expected a FileSource or the URL of a folder, got ${quote(from)}`,
    );
  }
  const read = from instanceof URL ? readerOf(from) : (path: string) => from.read(path);
  const saved = await readManifest(await readFile(read, MANIFEST_FILE), MANIFEST_FILE);
  const bytes = await readSaved(read, saved.weightsFile);
  const xvectorBytes = saved.xvector && (await readSaved(read, saved.xvector.file));
  try {
    return await assemble(saved, bytes, xvectorBytes);
  } catch (error) {
    // Whatever its parts are refused for, it is this file that is wrong and not the caller's options.
    const why = error instanceof Error ? error.message : String(error);
    const code = isSerKitError(error) && error.code !== 'bad-option' ? error.code : 'bad-format';
    throw new SerKitError(code, why.startsWith(MANIFEST_FILE) ? why : `${MANIFEST_FILE}: ${why}`, { cause: error });
  }
}

async function assemble(
  saved: RecognizerDescription,
  bytes: Uint8Array,
  xvectorBytes: Uint8Array | undefined,
): Promise<Recognizer> {
  const { labels, provenance } = saved;
  const frontEnd = createFrontEnd(saved.frontEnd);
  const standardizer = parseStandardizer(saved.standardizer);
  const pca = saved.pca === undefined ? undefined : parsePca(saved.pca);
  checkDims(frontEnd.names.length, { standardizer, pca });
  const xvector = saved.xvector && xvectorBytes && assembleXvector(saved.xvector, xvectorBytes);
  const width = reducedWidth({ standardizer, pca }) + (xvector === undefined ? 0 : embeddingWidth(xvector));
  try {
    const model = await importModel({ ...saved.model, bytes });
    const input = model.inputs[0]!.shape;
    const output = model.outputs[0]!.shape;
    const ends = model.inputs.length === 1 && model.outputs.length === 1 && input.length === 3 && output.length === 2;
    if (!ends || input[2] !== width || output[1] !== labels.length) {
      model.dispose();
      throw new SerKitError(
        'bad-format',
        `network expected [batch, frames, ${width}] -> [batch, ${labels.length}], got [${input}] -> [${output}]`,
      );
    }
    return assembleRecognizer({ labels, frontEnd, standardizer, pca, xvector, model, provenance });
  } catch (error) {
    xvector?.embedder.dispose();
    throw error;
  }
}

function assembleXvector(saved: NonNullable<RecognizerDescription['xvector']>, bytes: Uint8Array): XvectorPart {
  const { join } = saved;
  const standardizer = parseStandardizer(saved.standardizer);
  const pca = saved.pca === undefined ? undefined : parsePca(saved.pca);
  const weights = decodeXvectorFile(bytes);
  checkDims(embeddingDims(weights), { 'xvector.standardizer': standardizer, 'xvector.pca': pca });
  return { join, standardizer, pca, embedder: createXvector(weights) };
}

/** @throws SerKitError 'bad-format' for a part that takes frames of other dimensions */
function checkDims(dims: number, parts: Readonly<Record<string, { readonly dims: number } | undefined>>): void {
  for (const [name, part] of Object.entries(parts)) {
    if (part === undefined || part.dims === dims) continue;
    throw new SerKitError('bad-format', `${name} expected ${dims} dims, got ${part.dims}`);
  }
}

/** A file's bytes, all of them and no others. @throws SerKitError 'not-found', 'truncated', 'altered' */
async function readSaved(
  read: (path: string) => Promise<Uint8Array>,
  { path, bytes: size, sha256: expected }: SavedFile,
): Promise<Uint8Array> {
  const bytes = await readFile(read, path);
  if (bytes.length < size) {
    throw new SerKitError('truncated', `${path}: expected ${size} bytes, got ${bytes.length}; the file breaks off`);
  }
  const found = await sha256(bytes);
  if (bytes.length !== size || found !== expected) {
    throw new SerKitError(
      'altered',
      `${path}: expected ${size} bytes with SHA-256 ${expected.slice(0, 12)}..., got ${bytes.length} with ${found.slice(0, 12)}...`,
    );
  }
  return bytes;
}

async function readFile(read: (path: string) => Promise<Uint8Array>, path: string): Promise<Uint8Array> {
  try {
    return await read(path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SerKitError(
      'not-found',
      `loadRecognizer: expected ${path} among the saved recognizer's files, got: ${why}`,
      { cause },
    );
  }
}

function readerOf(url: URL): (path: string) => Promise<Uint8Array> {
  const folder = new URL(url);
  if (!folder.pathname.endsWith('/')) folder.pathname += '/';
  return async (path) => {
    const file = new URL(path, folder);
    file.search = url.search; // where access goes by a token in the query
    const response = await fetch(file).catch((error: Error) => {
      // fetch() itself says no more than 'fetch failed'.
      const reason = error.cause instanceof Error ? error.cause.message || error.message : error.message;
      throw new Error(`no answer from ${file.origin} (${reason})`, { cause: error });
    });
    if (!response.ok) throw new Error(`HTTP status ${response.status} for ${path}`);
    return new Uint8Array(await response.arrayBuffer());
  };
}
