import { exportModel } from '../models/artifact.ts';
import { MANIFEST_FILE, WEIGHTS_FILE, writeManifest } from './manifest.ts';
import { type Recognizer, recognizerParts } from './recognizer.ts';
import { sha256 } from './sha256.ts';

/**
 * A recognizer as files by path: manifest.json (front end, standardization, principal
 * components, labels, network, provenance) and weights.bin
 * (little-endian float32, in the manifest's order). The same recognizer gives the same bytes.
 *
 * @example
 * await writeDirectory('runs/a', await saveRecognizer(recognizer)); // writeDirectory is in ser-kit/node
 */
export async function saveRecognizer(recognizer: Recognizer): Promise<ReadonlyMap<string, Uint8Array>> {
  const { labels, frontEnd, standardizer, pca, model, provenance } = recognizerParts('saveRecognizer', recognizer);
  const { topology, weights, bytes } = await exportModel(model);
  const manifest = await writeManifest({
    labels,
    frontEnd: frontEnd.config,
    standardizer: standardizer.toJSON(),
    ...(pca && { pca: pca.toJSON() }),
    model: { topology, weights },
    weightsFile: { path: WEIGHTS_FILE, bytes: bytes.length, sha256: await sha256(bytes) },
    provenance,
  });
  return new Map([
    [MANIFEST_FILE, manifest],
    [WEIGHTS_FILE, bytes],
  ]);
}
