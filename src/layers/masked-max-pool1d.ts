import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import * as z from 'zod/mini';
import { count, parseOptions } from '../core/options.ts';
import { type LayerArgs, layerFields } from './layer-args.ts';
import { registerLayer } from './register-layer.ts';
import { first, timeMask } from './time-mask.ts';

export interface MaskedMaxPool1dConfig extends LayerArgs {
  /** Frames that become one; also the step. */
  readonly poolSize: number;
}

const BELOW_EVERYTHING = -1e9;

/**
 * The largest value of every `poolSize` frames, [batch, frames, dims] -> [batch, ceil(frames / poolSize), dims]. Groups
 * start at the clip's first frame and padded frames are left out, so a clip's values do not depend on its padding; a
 * group of padding alone gives zeros and stays masked.
 */
export class MaskedMaxPool1d extends tfl.layers.Layer {
  static readonly className = 'SerKitMaskedMaxPool1d';
  private readonly poolSize: number;

  constructor(config: MaskedMaxPool1dConfig) {
    super(config as LayerArgs);
    this.poolSize = config.poolSize;
    this.supportsMasking = true;
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const [batch, frames, dims] = inputShape as (number | null)[];
    return [batch!, frames === null ? null : Math.ceil(frames! / this.poolSize), dims!] as tfl.Shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      const mask = timeMask(kwargs);
      let x = first(inputs) as tf.Tensor3D;
      // Added, and not put in place: real frames stay as they are to the bit, and the gradient passes through at no cost.
      if (mask !== undefined) x = tf.add(x, tf.mul(tf.sub(1, mask), BELOW_EVERYTHING));
      const y = this.pool(x, BELOW_EVERYTHING);
      return mask === undefined ? y : tf.mul(y, this.pool(mask, 0));
    });
  }

  /** Max over groups, the last one filled up with `filler`. */
  private pool(x: tf.Tensor3D, filler: number): tf.Tensor3D {
    const { poolSize } = this;
    const missing = (poolSize - (x.shape[1] % poolSize)) % poolSize;
    // 'same' puts a single frame that is missing at the end, and more of them on both sides.
    const padded =
      missing <= 1
        ? x
        : (tf.pad(
            x,
            [
              [0, 0],
              [0, missing],
              [0, 0],
            ],
            filler,
          ) as tf.Tensor3D);
    const image = tf.expandDims(padded, 2) as tf.Tensor4D;
    const pooled = tf.maxPool(image, [poolSize, 1], [poolSize, 1], missing === 1 ? 'same' : 'valid');
    return tf.squeeze(pooled, [2]) as tf.Tensor3D;
  }

  override computeMask(_inputs: tf.Tensor | tf.Tensor[], mask?: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const given = timeMask({ mask });
    if (given === undefined) return null as unknown as tf.Tensor;
    return tf.tidy(() => tf.cast(tf.squeeze(this.pool(given, 0), [2]), 'bool'));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), poolSize: this.poolSize };
  }
}

const schema = /* @__PURE__ */ z.strictObject({ ...layerFields, poolSize: count });

/**
 * The largest value of every `poolSize` frames of a clip's own, [batch, frames, dims] ->
 * [batch, ceil(frames / poolSize), dims]; see MaskedMaxPool1d.
 *
 * @throws SerKitError 'bad-option'
 * @example
 * model.add(maskedMaxPool1d({ poolSize: 2 }));
 */
export function maskedMaxPool1d(options: MaskedMaxPool1dConfig): MaskedMaxPool1d {
  registerLayer(MaskedMaxPool1d);
  return new MaskedMaxPool1d(parseOptions('maskedMaxPool1d', schema, options));
}
