import { SerKitError } from '../core/errors.ts';
import type { FileSource } from '../core/file-source.ts';
import { parseStandardizer } from '../features/standardize.ts';
import { importModel } from '../models/artifact.ts';
import { createFrontEnd } from './front-end.ts';
import { MANIFEST_FILE, readManifest } from './manifest.ts';
import { assembleRecognizer, type Recognizer } from './recognizer.ts';
import { sha256 } from './sha256.ts';

/**
 * A saved recognizer, ready on the current tfjs backend.
 *
 * @param from  a folder (`openDirectory` of ser-kit/node) or any FileSource, or the URL of the folder
 * @throws SerKitError 'not-found' where a file is missing; 'truncated', 'altered', 'newer-version' or 'bad-format' where one
 * is not what was saved
 */
export async function loadRecognizer(from: FileSource | URL): Promise<Recognizer> {
  const read = from instanceof URL ? readerOf(from) : (path: string) => from.read(path);
  const saved = await readManifest(await readFile(read, MANIFEST_FILE), MANIFEST_FILE);
  const { path, bytes: size, sha256: expected } = saved.weightsFile;
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
  const frontEnd = createFrontEnd(saved.frontEnd);
  const standardizer = parseStandardizer(saved.standardizer);
  const model = await importModel({ ...saved.model, bytes });
  const dims = model.inputs[0]!.shape[2];
  const classes = model.outputs[0]!.shape[1];
  if (dims !== frontEnd.names.length || classes !== saved.labels.length) {
    model.dispose();
    throw new SerKitError(
      'bad-format',
      `${MANIFEST_FILE}: network expected ${frontEnd.names.length} dims and ${saved.labels.length} labels, got ${dims} and ${classes}`,
    );
  }
  return assembleRecognizer({ labels: saved.labels, frontEnd, standardizer, model, provenance: saved.provenance });
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
  const folder = url.href.endsWith('/') ? url.href : `${url.href}/`;
  return async (path) => {
    const response = await fetch(new URL(path, folder));
    if (!response.ok) throw new Error(`HTTP status ${response.status} for ${path}`);
    return new Uint8Array(await response.arrayBuffer());
  };
}
