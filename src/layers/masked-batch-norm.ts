import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { first, timeMask } from './time-mask.ts';
import { withBackend } from './with-backend.ts';

export interface MaskedBatchNormConfig {
  /** How much of the running statistics each step keeps. @default 0.95 */
  readonly momentum?: number;
  /** @default 1e-3 */
  readonly epsilon?: number;
  readonly name?: string;
}

/**
 * Batch normalisation (Ioffe & Szegedy 2015) over batch and time, [batch, frames, dims] -> the same, in which padded
 * frames neither count in the statistics nor come out as anything but zeros. Its gradient is written out: the composed
 * one costs several times as much. Weights: gamma, beta, moving_mean, moving_variance, all [dims].
 */
export class MaskedBatchNorm extends tfl.layers.Layer {
  static readonly className: string = 'SerKitMaskedBatchNorm';
  private readonly momentum: number;
  private readonly epsilon: number;
  private gamma: tfl.LayerVariable | undefined;
  private beta: tfl.LayerVariable | undefined;
  private movingMean: tfl.LayerVariable | undefined;
  private movingVariance: tfl.LayerVariable | undefined;

  constructor(config: MaskedBatchNormConfig = {}) {
    super(config as unknown as ConstructorParameters<typeof tfl.layers.Layer>[0]);
    this.momentum = config.momentum ?? 0.95;
    this.epsilon = config.epsilon ?? 1e-3;
    this.supportsMasking = true;
  }

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    const dims = (inputShape as number[])[2]!;
    const { ones, zeros } = tfl.initializers;
    withBackend(this.name, () => {
      this.gamma = this.addWeight('gamma', [dims], 'float32', ones());
      this.beta = this.addWeight('beta', [dims], 'float32', zeros());
      this.movingMean = this.addWeight('moving_mean', [dims], 'float32', zeros(), undefined, false);
      this.movingVariance = this.addWeight('moving_variance', [dims], 'float32', ones(), undefined, false);
    });
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      const x = first(inputs) as tf.Tensor3D;
      const [batch, frames, dims] = x.shape;
      const mask = timeMask(kwargs);
      const rows = tf.reshape(x, [batch * frames, dims]) as tf.Tensor2D;
      const valid = mask === undefined ? undefined : tf.reshape(mask, [batch * frames, 1]);
      const gamma = this.gamma!.read();
      const beta = this.beta!.read();
      let y: tf.Tensor;
      if (kwargs.training === true) {
        y = this.normalizeByBatch(rows, gamma, beta, valid);
      } else {
        const scale = tf.mul(gamma, tf.rsqrt(tf.add(this.movingVariance!.read(), this.epsilon)));
        y = tf.add(tf.mul(rows, scale), tf.sub(beta, tf.mul(this.movingMean!.read(), scale)));
        if (valid !== undefined) y = tf.mul(y, valid);
      }
      return tf.reshape(y, [batch, frames, dims]);
    });
  }

  /**
   * Normalises by the batch's own mean and (biased) variance over the valid rows, and moves the running ones; zeros in the
   * other rows. On wasm it is one kernel of ser-kit/wasm, elsewhere tfjs's operations.
   */
  private normalizeByBatch(rows: tf.Tensor2D, gamma: tf.Tensor, beta: tf.Tensor, valid?: tf.Tensor): tf.Tensor {
    if (tf.getKernel('SerKitBatchNorm', tf.getBackend()) !== undefined) {
      const mask = valid === undefined ? {} : { mask: tf.reshape(valid, [-1]) };
      const [y, mean, variance] = tf
        .engine()
        .runKernel('SerKitBatchNorm', { x: rows, gamma, beta, ...mask }, { epsilon: this.epsilon }) as unknown as [
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
      ];
      this.moveStatistics(mean, variance);
      return y;
    }
    const count = valid === undefined ? tf.scalar(rows.shape[0]) : tf.maximum(tf.sum(valid), 1);
    const kept = (t: tf.Tensor): tf.Tensor => (valid === undefined ? t : tf.mul(t, valid));
    const mean = tf.div(tf.sum(kept(rows), 0), count);
    const centred = kept(tf.sub(rows, mean));
    const variance = tf.div(tf.sum(tf.square(centred), 0), count);
    const inverse = tf.rsqrt(tf.add(variance, this.epsilon));
    const normal = tf.mul(centred, inverse);

    this.moveStatistics(mean, variance);

    // dx = gamma / sigma (dy - mean(dy) - normal mean(dy normal)), means over the valid rows.
    const operation = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
      const [, g, b] = args as [tf.Tensor, tf.Tensor, tf.Tensor];
      (args[3] as tf.GradSaveFunc)([normal, inverse, g, count, ...(valid === undefined ? [] : [valid])]);
      return {
        value: tf.add(tf.mul(normal, g), b),
        gradFunc: (dyAll: tf.Tensor, saved: tf.Tensor[]) => {
          const [xhat, inv, scale, n, ok] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor?];
          const dy = ok === undefined ? dyAll : tf.mul(dyAll, ok);
          const dBeta = tf.sum(dy, 0);
          const dGamma = tf.sum(tf.mul(dy, xhat), 0);
          const inner = tf.sub(tf.sub(dy, tf.div(dBeta, n)), tf.mul(xhat, tf.div(dGamma, n)));
          const dx = tf.mul(inner, tf.mul(scale, inv));
          return [ok === undefined ? dx : tf.mul(dx, ok), dGamma, dBeta];
        },
      };
    });
    const y = operation(rows, gamma, beta);
    return valid === undefined ? y : tf.mul(y, valid);
  }

  private moveStatistics(mean: tf.Tensor, variance: tf.Tensor): void {
    const move = (running: tfl.LayerVariable, now: tf.Tensor): void => {
      running.write(tf.add(tf.mul(running.read(), this.momentum), tf.mul(now, 1 - this.momentum)));
    };
    move(this.movingMean!, mean);
    move(this.movingVariance!, variance);
  }

  override computeMask(_inputs: tf.Tensor | tf.Tensor[], mask?: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return (Array.isArray(mask) ? mask[0] : mask) as tf.Tensor;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), momentum: this.momentum, epsilon: this.epsilon };
  }
}
