import * as tf from '@tensorflow/tfjs-core';

// Optimizers and averages work on all weights as one vector: a dozen operations a step, however many weights there are.

/** Tensors one after another as one vector, [sum of their sizes]. */
export function flatten(tensors: readonly tf.Tensor[]): tf.Tensor1D {
  return tf.tidy(() => tf.concat1d(tensors.map((tensor) => tf.reshape(tensor, [tensor.size]) as tf.Tensor1D)));
}

/** The tensors of these shapes again. */
export function unflatten(vector: tf.Tensor1D, shapes: readonly (readonly number[])[]): tf.Tensor[] {
  return tf.tidy(() => {
    let at = 0;
    return shapes.map((shape) => {
      const size = tf.util.sizeFromShape([...shape]);
      const part = tf.reshape(tf.slice1d(vector, at, size), [...shape]);
      at += size;
      return part;
    });
  });
}
