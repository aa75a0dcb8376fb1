import type * as tf from '@tensorflow/tfjs-core';
import type { WasmBackend } from './backend.ts';
import { type Address, addressOf, nativeOf } from './native/engine.ts';

/** Rows of fewer numbers are written out several times: an inner loop should not be over at once. */
const SHORTEST = 32;

/** How long a row of `columns` numbers becomes when it is repeated to at least 32, and to a multiple of 4. */
export function wideLength(columns: number): number {
  let length = columns;
  while (length % 4 !== 0 || length < SHORTEST) length += columns;
  return length;
}

/** The address of a row of that length: the tensor's own memory where it is long enough, or else copies in `scratch`. */
export function widened(backend: WasmBackend, row: tf.TensorInfo, columns: number, scratch: Address): Address {
  const from = addressOf(backend, row);
  const length = wideLength(columns);
  if (length === columns) return from;
  nativeOf(backend).repeatBlocks(1, 4 * columns, length / columns, from, scratch);
  return scratch;
}
