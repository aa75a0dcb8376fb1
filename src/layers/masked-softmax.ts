import * as tf from '@tensorflow/tfjs-core';

/** Below every score there is, and still a number in half precision, which some graphics cards compute in. */
const BELOW_EVERY_SCORE = -3e4;

/**
 * Softmax over the last axis in which masked places get exactly 0; all 0 where a row has no other.
 *
 * @param scores  [batch, rows, frames]
 * @param mask    [batch, 1, frames] of 0 and 1
 */
export function maskedSoftmax(scores: tf.Tensor3D, mask: tf.Tensor3D | undefined): tf.Tensor3D {
  const operation = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const given = args[0] as tf.Tensor3D;
    const heard = mask === undefined ? given : tf.add(tf.mul(given, mask), tf.mul(tf.sub(1, mask), BELOW_EVERY_SCORE));
    let powers = tf.exp(tf.sub(heard, tf.max(heard, -1, true)));
    if (mask !== undefined) powers = tf.mul(powers, mask);
    // The largest power is 1, so that less than a half is a row without frames.
    const value = tf.div(powers, tf.maximum(tf.sum(powers, -1, true), 0.5));
    (args[1] as tf.GradSaveFunc)([value]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor =>
      tf.tidy(() => {
        const p = saved[0]!;
        return tf.mul(p, tf.sub(dy, tf.sum(tf.mul(p, dy), -1, true)));
      });
    return { value, gradFunc };
  });
  return operation(scores) as tf.Tensor3D;
}
