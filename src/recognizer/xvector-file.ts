import { encodeXvector, parseOwnFormat } from '../xvector/own-format.ts';
import type { XvectorLayer, XvectorWeights } from '../xvector/weights.ts';

/**
 * The x-vector as a recognizer keeps it: in ser-kit's own format, and in the smallest of its number formats that gives every weight back to
 * the bit. What was read from a file of int8, such as the compact x-vector, is a file as small again. The same weights give the same bytes.
 */
export function encodeXvectorFile(weights: XvectorWeights): Uint8Array<ArrayBuffer> {
  for (const values of ['int8', 'float16'] as const) {
    const bytes = tryEncoding(weights, values);
    if (bytes !== undefined && isSame(weights, decodeXvectorFile(bytes))) return bytes;
  }
  return encodeXvector(weights);
}

/** The same again. @throws SerKitError where the bytes are none of ser-kit's own format */
export function decodeXvectorFile(bytes: Uint8Array): XvectorWeights {
  return parseOwnFormat('parseXvector', bytes);
}

function tryEncoding(weights: XvectorWeights, values: 'int8' | 'float16'): Uint8Array<ArrayBuffer> | undefined {
  try {
    return encodeXvector(weights, { values });
  } catch {
    return undefined; // it does not hold them; what is wrong with them otherwise, float32 will say
  }
}

function isSame(a: XvectorWeights, b: XvectorWeights): boolean {
  const kernels = ({ frameLayers, segmentLayers }: XvectorWeights): Float32Array[] =>
    [...frameLayers, ...segmentLayers].map(({ kernel }: XvectorLayer) => kernel);
  const theirs = kernels(b);
  return kernels(a).every((kernel, i) => kernel.every((value, j) => value === theirs[i]![j]));
}
