import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { first, timeMask } from './time-mask.ts';

/** The mean over a clip's own frames, [batch, frames, dims] -> [batch, dims]; padded frames do not count. */
export class MaskedAverage extends tfl.layers.Layer {
  static readonly className = 'SerKitMaskedAverage';

  constructor(config: { readonly name?: string } = {}) {
    super(config as unknown as ConstructorParameters<typeof tfl.layers.Layer>[0]);
    this.supportsMasking = true;
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const [batch, , dims] = inputShape as number[];
    return [batch!, dims!];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      const x = first(inputs);
      const mask = timeMask(kwargs);
      if (mask === undefined) return tf.mean(x, 1);
      return tf.div(tf.sum(tf.mul(x, mask), 1), tf.maximum(tf.sum(mask, 1), 1));
    });
  }

  override computeMask(): tf.Tensor {
    return null as unknown as tf.Tensor;
  }
}
