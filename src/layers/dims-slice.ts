import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { quote, SerKitError } from '../core/errors.ts';
import type { LayerArgs } from './layer-args.ts';
import { first } from './time-mask.ts';

export interface DimsSliceConfig extends LayerArgs {
  /** The first dimension that is kept. */
  readonly begin: number;
  /** How many are. */
  readonly size: number;
}

/** Some neighbouring dimensions of each frame, [batch, frames, dims] -> [batch, frames, size]; which frames are padding stays known. */
export class DimsSlice extends tfl.layers.Layer {
  static readonly className = 'SerKitDimsSlice';
  private readonly begin: number;
  private readonly size: number;

  constructor(config: DimsSliceConfig) {
    super(config as LayerArgs);
    this.begin = config.begin;
    this.size = config.size;
    this.supportsMasking = true;
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const [batch, frames, dims] = inputShape as tfl.Shape;
    const { begin, size } = this;
    const isWithin = Number.isInteger(begin) && Number.isInteger(size) && begin >= 0 && size > 0;
    if (!isWithin || begin + size > dims!) {
      throw new SerKitError(
        'bad-input',
        `${this.name}: begin and size expected dimensions among ${dims}, got ${quote(begin)} and ${quote(size)}`,
      );
    }
    return [batch!, frames!, this.size];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.slice(first(inputs), [0, 0, this.begin], [-1, -1, this.size]);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), begin: this.begin, size: this.size };
  }
}
