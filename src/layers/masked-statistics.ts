import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import * as z from 'zod/mini';
import { parseOptions, positive } from '../core/options.ts';
import { type LayerArgs, layerFields } from './layer-args.ts';
import { registerLayer } from './register-layer.ts';
import { first, timeMask } from './time-mask.ts';
import { evenWeights, weightedMeanAndDeviation } from './weighted-statistics.ts';

export interface StatisticsPoolingOptions extends LayerArgs {
  /** The least standard deviation that comes out. @default 1e-5 */
  readonly floor?: number | undefined;
}

export const DEVIATION_FLOOR = 1e-5;

/**
 * Statistics pooling (Snyder et al. 2018): the mean and the standard deviation of each dimension over a clip's own frames,
 * [batch, frames, dims] -> [batch, 2 dims], the means and then the deviations. The deviation is the biased one, divided by
 * the number of frames, and never below `floor`: a clip of one frame has the floor, a clip of none zeros and the floor.
 *
 * Padded frames may hold any numbers with finite squares; NaN or an infinity there makes the clip's result NaN.
 */
export class MaskedStatistics extends tfl.layers.Layer {
  static readonly className = 'SerKitMaskedStatistics';
  private readonly floor: number;

  constructor(config: StatisticsPoolingOptions = {}) {
    super(config as LayerArgs);
    this.floor = config.floor ?? DEVIATION_FLOOR;
    this.supportsMasking = true;
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const [batch, , dims] = inputShape as number[];
    return [batch!, 2 * dims!];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      const x = first(inputs) as tf.Tensor3D;
      const weights = evenWeights(x, timeMask(kwargs));
      return tf.reshape(weightedMeanAndDeviation(x, weights, this.floor, false), [x.shape[0], 2 * x.shape[2]]);
    });
  }

  override computeMask(): tf.Tensor {
    return null as unknown as tf.Tensor;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), floor: this.floor };
  }
}

const schema = /* @__PURE__ */ z.strictObject({ ...layerFields, floor: /* @__PURE__ */ z.optional(positive) });

/**
 * A layer that gives the mean and the standard deviation over a clip's own frames, [batch, frames, dims] ->
 * [batch, 2 dims]; see MaskedStatistics.
 *
 * @throws SerKitError 'bad-option'
 * @example
 * model.add(statisticsPooling());
 */
export function statisticsPooling(options: StatisticsPoolingOptions = {}): MaskedStatistics {
  registerLayer(MaskedStatistics);
  return new MaskedStatistics(parseOptions('statisticsPooling', schema, options));
}
