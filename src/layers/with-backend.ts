import * as tf from '@tensorflow/tfjs-core';
import { SerKitError } from '../core/errors.ts';

/**
 * Weights are made where a backend has been chosen; this says so where none has.
 *
 * @param who  the function's public name, or the layer's own
 * @throws SerKitError 'no-backend'
 */
export function withBackend<T>(who: string, build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (tf.getBackend() === undefined) {
      throw new SerKitError(
        'no-backend',
        `${who}: expected a tfjs backend, got none; import one (for Node: 'ser-kit/wasm') and await tf.setBackend('wasm')`,
        { cause: error },
      );
    }
    throw error;
  }
}
