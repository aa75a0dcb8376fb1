import * as tf from '@tensorflow/tfjs-core';

// How padding is told from sound. Clips of a batch are padded at the end with frames of zeros; a layer at the front of
// every network (tfjs's Masking) turns those into a mask [batch, frames], and each layer after it honours that mask, so
// that a clip's result does not depend on how long its batch was.

/** The mask among a layer's call arguments, as float32 [batch, frames, 1] of 0 and 1; undefined where there is none. */
export function timeMask(kwargs: Record<string, unknown>): tf.Tensor3D | undefined {
  const given = kwargs.mask as tf.Tensor | readonly tf.Tensor[] | null | undefined;
  const mask = Array.isArray(given) ? (given[0] as tf.Tensor | undefined) : (given as tf.Tensor | null | undefined);
  if (mask === null || mask === undefined) return undefined;
  return tf.expandDims(tf.cast(mask, 'float32'), -1) as tf.Tensor3D;
}

export function first(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
  return Array.isArray(inputs) ? inputs[0]! : inputs;
}
