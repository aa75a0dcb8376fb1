import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import * as z from 'zod/mini';
import { count, parseOptions, seedNumber } from '../core/options.ts';
import { createGlorotUniform } from './initializers.ts';
import { type LayerArgs, layerFields } from './layer-args.ts';
import { registerLayer } from './register-layer.ts';
import { first, timeMask } from './time-mask.ts';
import { withBackend } from './with-backend.ts';

export interface MaskedConv1dConfig extends LayerArgs {
  readonly filters: number;
  /** Frames under a filter. */
  readonly kernelSize: number;
  /** Frames from one under the filter to the next. @default 1 */
  readonly dilation?: number | undefined;
  /** @default true */
  readonly useBias?: boolean | undefined;
  /** Fixes the initial weights. */
  readonly seed: number;
}

/**
 * Convolution over time, [batch, frames, dims] -> [batch, frames, filters], "same" padding, stride 1, and where asked for with
 * `dilation - 1` frames between those under a filter. Padded frames count
 * as zeros on the way in and come out as zeros, so that they never leak into the clip. Weights: kernel
 * [kernelSize, dims, filters] and, with `useBias`, bias [filters], as tfjs's Conv1D has them.
 */
export class MaskedConv1d extends tfl.layers.Layer {
  static readonly className = 'SerKitMaskedConv1d';
  private readonly config: { filters: number; kernelSize: number; useBias: boolean; seed: number };
  private readonly dilation: number;
  private kernel: tfl.LayerVariable | undefined;
  private bias: tfl.LayerVariable | undefined;

  constructor(config: MaskedConv1dConfig) {
    super(config as LayerArgs);
    const { filters, kernelSize, useBias = true, seed } = config;
    this.config = { filters, kernelSize, useBias, seed };
    this.dilation = config.dilation ?? 1;
    this.supportsMasking = true;
  }

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    const dims = (inputShape as number[])[2]!;
    const { filters, kernelSize, useBias, seed } = this.config;
    withBackend(this.name, () => {
      this.kernel = this.addWeight('kernel', [kernelSize, dims, filters], 'float32', createGlorotUniform(seed));
      if (useBias) this.bias = this.addWeight('bias', [filters], 'float32', tfl.initializers.zeros());
    });
    this.built = true;
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const [batch, frames] = inputShape as number[];
    return [batch!, frames!, this.config.filters];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      const mask = timeMask(kwargs);
      let x = first(inputs) as tf.Tensor3D;
      if (mask !== undefined) x = tf.mul(x, mask);
      const kernel = this.kernel!.read() as tf.Tensor3D;
      let y: tf.Tensor = this.dilation === 1 ? tf.conv1d(x, kernel, 1, 'same') : dilated(x, kernel, this.dilation);
      if (this.bias !== undefined) y = tf.add(y, this.bias.read());
      return mask === undefined ? y : tf.mul(y, mask);
    });
  }

  override computeMask(_inputs: tf.Tensor | tf.Tensor[], mask?: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return (Array.isArray(mask) ? mask[0] : mask) as tf.Tensor;
  }

  override getConfig(): tf.serialization.ConfigDict {
    // Where there is none it is not said, so that networks without are written as they always were.
    return { ...super.getConfig(), ...this.config, ...(this.dilation > 1 && { dilation: this.dilation }) };
  }
}

/** Frames side by side, then a product: tfjs has no gradient of a convolution with dilation. */
function dilated(x: tf.Tensor3D, kernel: tf.Tensor3D, dilation: number): tf.Tensor {
  const [batch, frames, dims] = x.shape;
  const [taps, , filters] = kernel.shape;
  const total = (taps - 1) * dilation;
  const before = Math.floor(total / 2);
  const padded = tf.pad(x, [
    [0, 0],
    [before, total - before],
    [0, 0],
  ]);
  const sides = Array.from({ length: taps }, (_, k) => tf.slice(padded, [0, k * dilation, 0], [batch, frames, dims]));
  const rows = tf.reshape(tf.concat(sides, 2), [batch * frames, taps * dims]) as tf.Tensor2D;
  const product = tf.matMul(rows, tf.reshape(kernel, [taps * dims, filters]) as tf.Tensor2D);
  return tf.reshape(product, [batch, frames, filters]);
}

const schema = /* @__PURE__ */ z.strictObject({
  ...layerFields,
  filters: count,
  kernelSize: count,
  dilation: /* @__PURE__ */ z.optional(count),
  useBias: /* @__PURE__ */ z.optional(/* @__PURE__ */ z.boolean()),
  seed: seedNumber,
});

/**
 * A convolution over time that does not see padded frames, [batch, frames, dims] -> [batch, frames, filters]; see
 * MaskedConv1d.
 *
 * @throws SerKitError 'bad-option', when it is built 'no-backend'
 * @example
 * model.add(maskedConv1d({ filters: 64, kernelSize: 5, seed: 1 }));
 */
export function maskedConv1d(options: MaskedConv1dConfig): MaskedConv1d {
  registerLayer(MaskedConv1d);
  return new MaskedConv1d(parseOptions('maskedConv1d', schema, options));
}
