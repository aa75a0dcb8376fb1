import { quote, SerKitError } from '../core/errors.ts';
import { weightsFileKind, wrongKindError } from './file-kind.ts';
import { parseHeaderJson } from './header-json.ts';
import { type ArrayPlace, arrayAt, arrayPlaces, checkNetworkJson, networkJson, networkOf } from './network-json.ts';
import { readSafetensors, type SafetensorsFile, writeSafetensors } from './safetensors-file.ts';
import { checkBytes, parseSpeechBrainOptions, type SpeechBrainOptions, speechBrainWeights } from './speechbrain.ts';
import { checkXvectorWeights, type XvectorWeights } from './weights.ts';

// Tensors are named as the arrays lie in XvectorWeights: 'frameLayers.0.kernel'. The rest is JSON, a text in the metadata.

const FORMAT = 'ser-kit-xvector';
const VERSION = 1;

/**
 * An x-vector network from a safetensors file: one that {@link encodeXvectorSafetensors} wrote, to the bit, or SpeechBrain's state dict
 * under its own names (`blocks.0.conv.weight`), in float32, float16, bfloat16 or float64.
 *
 * @param options  for files with SpeechBrain's names
 * @throws SerKitError 'bad-format', 'truncated', 'unsupported', 'newer-version', 'not-finite', 'empty', 'bad-option'
 *
 * @example
 * const weights = parseXvectorSafetensors(encodeXvectorSafetensors(trained));
 */
export function parseXvectorSafetensors(bytes: Uint8Array, options: SpeechBrainOptions = {}): XvectorWeights {
  const who = 'parseXvectorSafetensors';
  const { dilations } = parseSpeechBrainOptions(who, options);
  checkBytes(who, bytes);
  // A length that cannot be, and a file too short for one, are told in the reader's words.
  const kind = weightsFileKind(bytes);
  const looksRight = kind === 'safetensors' || (bytes.length > 8 && bytes[8] === 0x7b && kind === 'other');
  if (!looksRight) throw wrongKindError(who, bytes, 'safetensors');
  const file = readSafetensors(who, bytes);
  return file.metadata.get('format') === FORMAT
    ? ownWeights(who, file)
    : speechBrainWeights(who, file.tensors, dilations);
}

/** True for a safetensors file that {@link encodeXvectorSafetensors} wrote. @throws SerKitError as readSafetensors() */
export function isOwnSafetensors(bytes: Uint8Array): boolean {
  return readSafetensors('parseXvectorSafetensors', bytes).metadata.get('format') === FORMAT;
}

function ownWeights(who: string, { tensors, metadata }: SafetensorsFile): XvectorWeights {
  const version = Number(metadata.get('version'));
  if (version > VERSION) {
    throw new SerKitError(
      'newer-version',
      `${who}: version expected at most ${VERSION}, got ${version}; a newer ser-kit wrote it, so read it with that`,
    );
  }
  if (version !== VERSION) {
    throw new SerKitError('bad-format', `${who}: version expected ${VERSION}, got ${quote(metadata.get('version'))}`);
  }
  const text = metadata.get('network') ?? '';
  const network = checkNetworkJson(who, parseHeaderJson(`${who}: network`, new TextEncoder().encode(text)));
  const unread = new Set(tensors.keys());
  const weights = networkOf(network, (place) => {
    const name = nameOf(place);
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new SerKitError('bad-format', `${who}: expected a tensor ${quote(name)}, got none`);
    if (tensor.shape.length !== place.shape.length || tensor.shape.some((size, d) => size !== place.shape[d])) {
      throw new SerKitError(
        'bad-format',
        `${who}: ${name} expected shape ${quote(place.shape)}, got ${quote(tensor.shape)}`,
      );
    }
    unread.delete(name);
    const values = tensor.read();
    return values instanceof Float32Array ? values : Float32Array.from(values);
  });
  const [extra] = unread;
  if (extra !== undefined) {
    throw new SerKitError(
      'bad-format',
      `${who}: expected the tensors of its layers alone, got ${quote(extra)} as well`,
    );
  }
  checkXvectorWeights(who, weights);
  return weights;
}

/**
 * An x-vector network as a safetensors file of float32 tensors, which Python's `safetensors` reads as well. Each tensor is named as it
 * lies in {@link XvectorWeights} (`frameLayers.0.kernel`, [offsets, inputs, outputs]); front end, layers and card are JSON in the
 * metadata's `network`. The format has no checksum: where bytes may change on their way, {@link encodeXvector} is safer.
 *
 * @throws SerKitError 'bad-input', 'not-finite'
 *
 * @example
 * const bytes = encodeXvectorSafetensors(weights);
 */
export function encodeXvectorSafetensors(weights: XvectorWeights): Uint8Array<ArrayBuffer> {
  const who = 'encodeXvectorSafetensors';
  checkXvectorWeights(who, weights);
  const network = networkJson(who, weights);
  const tensors = arrayPlaces(network).map((place) => ({
    name: nameOf(place),
    shape: place.shape,
    values: arrayAt(weights, place),
  }));
  return writeSafetensors(tensors, { format: FORMAT, version: `${VERSION}`, network: JSON.stringify(network) });
}

function nameOf({ layer, array }: ArrayPlace): string {
  return `${layer}.${array}`;
}
