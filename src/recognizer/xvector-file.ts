import { SerKitError } from '../core/errors.ts';
import { checkXvectorWeights, type XvectorWeights } from '../xvector/weights.ts';

// TEMPORARY, until encodeXvector()/parseXvector() of src/xvector are there: JSON with arrays as lists of numbers.

export function encodeXvectorFile(weights: XvectorWeights): Uint8Array<ArrayBuffer> {
  const text = JSON.stringify(weights, (_, value) =>
    value instanceof Float32Array ? { float32: Array.from(value) } : value,
  );
  return new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
}

export function decodeXvectorFile(bytes: Uint8Array): XvectorWeights {
  try {
    const weights = JSON.parse(new TextDecoder().decode(bytes), (_, value) =>
      Array.isArray(value?.float32) ? Float32Array.from(value.float32) : value,
    ) as XvectorWeights;
    checkXvectorWeights('parseXvector', weights);
    return weights;
  } catch (cause) {
    throw new SerKitError('bad-format', `parseXvector: expected x-vector weights: ${(cause as Error).message}`, {
      cause,
    });
  }
}
