import * as tf from '@tensorflow/tfjs-core';

// Sums over time under weights, as products [rows, frames] x [frames, dims]: tfjs sums over a middle axis by way of a
// transposed copy of everything. Frames of weight 0 have to be finite, as 0 times NaN is NaN: to replace them first, with
// tf.where, would take several times as long as the sums themselves.

/** The weighted sum of the frames, sum over t of weights[b, r, t] x[b, t, d]: [batch, rows, dims]. */
export function weightedSum(x: tf.Tensor3D, weights: tf.Tensor3D): tf.Tensor3D {
  return tf.matMul(weights, x);
}

/** Weights [batch, 1, frames] that are alike for a clip's own frames and add up to 1; all 0 where it has none. */
export function evenWeights(x: tf.Tensor3D, mask: tf.Tensor3D | undefined): tf.Tensor3D {
  const [batch, frames] = x.shape;
  if (mask === undefined) return tf.fill([batch, 1, frames], 1 / frames);
  return tf.reshape(tf.div(mask, tf.maximum(tf.sum(mask, [1, 2], true), 1)), [batch, 1, frames]);
}

/**
 * Means and standard deviations of the frames under weights that add up to 1 in each row: [batch, 2 rows, dims], the means
 * of all rows and then their deviations. A deviation is sqrt(max(variance, floor^2)), the variance that of the weighted
 * values themselves (biased); its gradient is 0 at the floor, so that it is finite for a constant, too.
 *
 * @param x        [batch, frames, dims]
 * @param weights  [batch, rows, frames]
 * @param learnt   whether the weights are learnt, by a softmax: their gradient leaves out what is the same for all frames
 *                 of a row, which a softmax's own gradient would remove
 */
export function weightedMeanAndDeviation(
  x: tf.Tensor3D,
  weights: tf.Tensor3D,
  floor: number,
  learnt: boolean,
): tf.Tensor3D {
  const [batch, rows, frames] = weights.shape;
  const dims = x.shape[2];
  const operation = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const save = args[args.length - 1] as tf.GradSaveFunc;
    const mean = weightedSum(x, weights);
    // Centred first: the mean of squares less the square of the mean loses all digits where the mean is large.
    const centre = rows === 1 ? mean : (tf.mean(mean, 1, true) as tf.Tensor3D);
    const centred: tf.Tensor3D = tf.sub(x, centre);
    const offset: tf.Tensor3D = tf.sub(mean, centre);
    const variance: tf.Tensor3D = tf.sub(weightedSum(tf.square(centred), weights), tf.square(offset));
    const deviation = tf.sqrt(tf.maximum(variance, floor ** 2)) as tf.Tensor3D;
    save([centred, weights, offset, variance, deviation]);

    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [c, w, o, v, s] = saved as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
      const dMean = tf.slice(dy as tf.Tensor3D, [0, 0, 0], [batch, rows, dims]);
      const dDeviation = tf.slice(dy as tf.Tensor3D, [0, rows, 0], [batch, rows, dims]);
      const aboveFloor = tf.cast(tf.greater(v, floor ** 2), 'float32');
      // variance = sum w c^2 - (sum w c)^2
      const twice = tf.div(tf.mul(dDeviation, aboveFloor), s) as tf.Tensor3D;
      const dSquares = tf.mul(twice, 0.5) as tf.Tensor3D;
      const dSums: tf.Tensor3D = tf.sub(dMean, tf.mul(twice, o));
      const dx: tf.Tensor =
        rows === 1
          ? tf.mul(tf.add(tf.mul(c, twice), dSums), tf.reshape(w, [batch, frames, 1]))
          : tf.add(tf.matMul(w, dSums, true), tf.mul(c, tf.matMul(w, twice, true)));
      if (!learnt) return [dx];
      const dWeights = tf.add(tf.matMul(dSums, c, false, true), tf.matMul(dSquares, tf.square(c), false, true));
      return [dx, dWeights];
    };
    return {
      value: tf.concat([mean, deviation], 1),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.tidy(() => gradFunc(dy, saved)),
    };
  });
  return (learnt ? operation(x, weights) : operation(x)) as tf.Tensor3D;
}
