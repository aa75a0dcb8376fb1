import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import * as z from 'zod/mini';
import { count, parseOptions, seedNumber } from '../core/options.ts';
import { createGlorotUniform } from './initializers.ts';
import { type LayerArgs, layerFields } from './layer-args.ts';
import { maskedSoftmax } from './masked-softmax.ts';
import { DEVIATION_FLOOR } from './masked-statistics.ts';
import { registerLayer } from './register-layer.ts';
import { first, timeMask } from './time-mask.ts';
import { weightedMeanAndDeviation, weightedSum } from './weighted-statistics.ts';
import { withBackend } from './with-backend.ts';

export interface AttentionPoolingOptions extends LayerArgs {
  /** Fixes the initial weights. */
  readonly seed: number;
  /** How many sets of attention weights look at the clip, each for itself. @default 1 */
  readonly heads?: number | undefined;
  /** Width of the layer that the scores come from. @default 64 */
  readonly hiddenUnits?: number | undefined;
  /** True adds the weighted standard deviations to the weighted means. @default false */
  readonly statistics?: boolean | undefined;
}

/**
 * Attentive pooling: the mean of a clip's frames under weights that the network learns,
 * softmax over time of `tanh(x kernel + bias) score_kernel`, one set a head (Lin et al. 2017); with `statistics` the
 * standard deviation under those weights, too (Okabe et al. 2018). [batch, frames, dims] -> [batch, heads dims], or
 * [batch, 2 heads dims]: the heads' means one after another, then their deviations (biased, at least 1e-5).
 *
 * Padded frames have weight 0 exactly, and may hold any numbers with finite squares (NaN or an infinity there makes the
 * clip's result NaN); a clip without any other gives zeros (and the least deviation). Weights: kernel
 * [dims, hiddenUnits], bias [hiddenUnits], score_kernel [hiddenUnits, heads]; the scores have no bias, as a softmax does
 * not see one.
 */
export class MaskedAttention extends tfl.layers.Layer {
  static readonly className = 'SerKitMaskedAttention';
  private readonly config: { seed: number; heads: number; hiddenUnits: number; statistics: boolean };
  private kernel: tfl.LayerVariable | undefined;
  private bias: tfl.LayerVariable | undefined;
  private scoreKernel: tfl.LayerVariable | undefined;

  constructor(config: AttentionPoolingOptions) {
    super(config as LayerArgs);
    const { seed, heads = 1, hiddenUnits = 64, statistics = false } = config;
    this.config = { seed, heads, hiddenUnits, statistics };
    this.supportsMasking = true;
  }

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    const dims = (inputShape as number[])[2]!;
    const { seed, heads, hiddenUnits } = this.config;
    withBackend(this.name, () => {
      this.kernel = this.addWeight('kernel', [dims, hiddenUnits], 'float32', createGlorotUniform(seed));
      this.bias = this.addWeight('bias', [hiddenUnits], 'float32', tfl.initializers.zeros());
      this.scoreKernel = this.addWeight('score_kernel', [hiddenUnits, heads], 'float32', createGlorotUniform(seed + 1));
    });
    this.built = true;
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const [batch, , dims] = inputShape as number[];
    return [batch!, this.config.heads * dims! * (this.config.statistics ? 2 : 1)];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      const x = first(inputs) as tf.Tensor3D;
      const weights = this.weigh(x, timeMask(kwargs));
      const pooled = this.config.statistics
        ? weightedMeanAndDeviation(x, weights, DEVIATION_FLOOR, true)
        : weightedSum(x, weights);
      return tf.reshape(pooled, [x.shape[0], pooled.shape[1] * pooled.shape[2]]);
    });
  }

  /**
   * How much each frame counts, [batch, heads, frames]: at least 0, 1 in sum over a clip's own frames, exactly 0 for padded
   * ones. The layer must have been built; the caller disposes of the tensor.
   *
   * @param x     what the layer is given, [batch, frames, dims]
   * @param mask  [batch, frames], true or 1 where there is sound; without one every frame is taken for sound
   */
  weightsOf(x: tf.Tensor3D, mask?: tf.Tensor): tf.Tensor3D {
    return tf.tidy(() => this.weigh(x, timeMask({ mask })));
  }

  private weigh(x: tf.Tensor3D, mask: tf.Tensor3D | undefined): tf.Tensor3D {
    const [batch, frames, dims] = x.shape;
    const { heads } = this.config;
    const rows = tf.reshape(x, [batch * frames, dims]) as tf.Tensor2D;
    const before = tf.add(tf.matMul(rows, this.kernel!.read() as tf.Tensor2D), this.bias!.read());
    const hidden = tf.tanh(before) as tf.Tensor2D;
    const scores = tf.reshape(tf.matMul(hidden, this.scoreKernel!.read() as tf.Tensor2D), [batch, frames, heads]);
    const perHead = heads === 1 ? tf.reshape(scores, [batch, 1, frames]) : tf.transpose(scores, [0, 2, 1]);
    return maskedSoftmax(
      perHead as tf.Tensor3D,
      mask === undefined ? undefined : (tf.reshape(mask, [batch, 1, frames]) as tf.Tensor3D),
    );
  }

  override computeMask(): tf.Tensor {
    return null as unknown as tf.Tensor;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.config };
  }
}

const schema = /* @__PURE__ */ z.strictObject({
  ...layerFields,
  seed: seedNumber,
  heads: /* @__PURE__ */ z.optional(count),
  hiddenUnits: /* @__PURE__ */ z.optional(count),
  statistics: /* @__PURE__ */ z.optional(/* @__PURE__ */ z.boolean()),
});

/**
 * A layer that averages a clip's frames under weights that it learns, [batch, frames, dims] -> [batch, heads dims], twice
 * that with `statistics`; see MaskedAttention.
 *
 * @throws SerKitError 'bad-option', when it is built 'no-backend'
 * @example
 * model.add(attentionPooling({ seed: 1, heads: 2 }));
 */
export function attentionPooling(options: AttentionPoolingOptions): MaskedAttention {
  registerLayer(MaskedAttention);
  return new MaskedAttention(parseOptions('attentionPooling', schema, options));
}
