import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import * as z from 'zod/mini';
import { parseOptions } from '../core/options.ts';
import { type LayerArgs, layerFields } from './layer-args.ts';
import { registerLayer } from './register-layer.ts';
import { first, timeMask } from './time-mask.ts';
import { evenWeights, weightedSum } from './weighted-statistics.ts';

/**
 * The mean over a clip's own frames, [batch, frames, dims] -> [batch, dims]. Padded frames count 0 times, so they may hold
 * any finite numbers; NaN or an infinity there makes the clip's result NaN.
 */
export class MaskedAverage extends tfl.layers.Layer {
  static readonly className = 'SerKitMaskedAverage';

  constructor(config: LayerArgs = {}) {
    super(config as LayerArgs);
    this.supportsMasking = true;
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const [batch, , dims] = inputShape as number[];
    return [batch!, dims!];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      const x = first(inputs) as tf.Tensor3D;
      return tf.squeeze(weightedSum(x, evenWeights(x, timeMask(kwargs))), [1]);
    });
  }

  override computeMask(): tf.Tensor {
    return null as unknown as tf.Tensor;
  }
}

const schema = /* @__PURE__ */ z.strictObject(layerFields);

/**
 * A layer that gives the mean over a clip's own frames, [batch, frames, dims] -> [batch, dims]; see MaskedAverage.
 *
 * @throws SerKitError 'bad-option'
 * @example
 * model.add(averagePooling());
 */
export function averagePooling(options: LayerArgs = {}): MaskedAverage {
  registerLayer(MaskedAverage);
  return new MaskedAverage(parseOptions('averagePooling', schema, options));
}
