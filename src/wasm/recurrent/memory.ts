import type * as tf from '@tensorflow/tfjs-core';
import { sizeOf, viewAs, type WasmBackend } from '../backend.ts';
import { type Address, addressOf } from '../native/engine.ts';

/**
 * A new tensor of the backend, its numbers not set.
 *
 * @throws Error where the memory cannot grow by so much; tfjs itself would hand out address 0 and write over its own
 */
export function allocate(backend: WasmBackend, shape: readonly number[]): tf.TensorInfo {
  const out = backend.makeOutput(shape, 'float32');
  const bytes = 4 * sizeOf(shape);
  if (bytes > 0 && addressOf(backend, out) === 0) {
    backend.disposeData(out.dataId, true);
    throw new Error(`ser-kit/wasm: memory access out of bounds: no room for ${bytes} bytes`);
  }
  return out;
}

/**
 * A tensor's memory shown as empty. For every output that nothing depends on, tfjs makes a gradient of zeros as large as
 * that output is said to be: what is kept for the gradient alone would cost as much again. The numbers are found through
 * addressOf() all the same.
 */
export const hidden = (info: tf.TensorInfo): tf.TensorInfo => viewAs(info, [0]);

/** Where an optional tensor lies: 0 where there is none. */
export const addressOrZero = (backend: WasmBackend, info: tf.TensorInfo | undefined): Address =>
  info === undefined ? 0 : addressOf(backend, info);
