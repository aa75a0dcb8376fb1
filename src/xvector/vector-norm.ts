import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { MaskedBatchNorm } from '../layers/masked-batch-norm.ts';
import { first } from '../layers/time-mask.ts';

/** Batch norm of vectors, [batch, dims] -> the same: MaskedBatchNorm of one frame each, none of them masked. */
export class VectorNorm extends MaskedBatchNorm {
  static override readonly className: string = 'SerKitVectorNorm';

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    const [batch, dims] = inputShape as number[];
    super.build([batch!, 1, dims!]);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    // tfjs still hands over the mask of the frames that were pooled.
    const { training } = kwargs;
    return tf.tidy(() => tf.squeeze(super.call(tf.expandDims(first(inputs), 1), { training }), [1]));
  }

  override computeMask(): tf.Tensor {
    return null as unknown as tf.Tensor;
  }
}
