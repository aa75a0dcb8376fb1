import { exportModel } from '../models/artifact.ts';
import { MANIFEST_FILE, WEIGHTS_FILE, writeManifest, XVECTOR_FILE } from './manifest.ts';
import { type Recognizer, recognizerParts } from './recognizer.ts';
import { sha256 } from './sha256.ts';
import { encodeXvectorFile } from './xvector-file.ts';

/**
 * A recognizer as files by path: manifest.json (front end, standardization, principal
 * components, labels, network, provenance) and weights.bin
 * (little-endian float32, in the manifest's order); and xvector.bin, where it has an x-vector. The same recognizer gives the same bytes.
 *
 * @example
 * await writeDirectory('runs/a', await saveRecognizer(recognizer)); // writeDirectory is in ser-kit/node
 */
export async function saveRecognizer(recognizer: Recognizer): Promise<ReadonlyMap<string, Uint8Array>> {
  const parts = recognizerParts('saveRecognizer', recognizer);
  const { labels, frontEnd, standardizer, pca, xvector, model, provenance } = parts;
  const { topology, weights, bytes } = await exportModel(model);
  const xvectorBytes = xvector && encodeXvectorFile(xvector.embedder.weights);
  const manifest = await writeManifest({
    labels,
    frontEnd: frontEnd.config,
    standardizer: standardizer.toJSON(),
    ...(pca && { pca: pca.toJSON() }),
    ...(xvector &&
      xvectorBytes && {
        xvector: {
          join: xvector.join,
          standardizer: xvector.standardizer.toJSON(),
          ...(xvector.pca && { pca: xvector.pca.toJSON() }),
          file: { path: XVECTOR_FILE, bytes: xvectorBytes.length, sha256: await sha256(xvectorBytes) },
        },
      }),
    model: { topology, weights },
    weightsFile: { path: WEIGHTS_FILE, bytes: bytes.length, sha256: await sha256(bytes) },
    provenance,
  });
  return new Map([
    [MANIFEST_FILE, manifest],
    [WEIGHTS_FILE, bytes],
    ...(xvectorBytes === undefined ? [] : [[XVECTOR_FILE, xvectorBytes] as const]),
  ]);
}
