import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { flatten, unflatten } from './flat.ts';

/**
 * An exponential moving average of a network's weights (Polyak & Juditsky 1992; as in Tarvainen & Valpola 2017), batch norm's
 * statistics among them. It is corrected for its start from nothing as Adam's means are: after one step it is the weights.
 */
export class WeightAverage {
  private steps = 0;
  private sum: tf.Tensor1D;
  private readonly shapes: readonly number[][];

  constructor(
    private readonly model: tfl.LayersModel,
    private readonly decay: number,
  ) {
    this.shapes = model.getWeights().map(({ shape }) => shape);
    this.sum = tf.zeros([this.shapes.reduce((sum, shape) => sum + tf.util.sizeFromShape(shape), 0)]);
  }

  /** Takes in the weights as they are now. */
  update(): void {
    this.steps++;
    const next = tf.tidy(() =>
      tf.add(tf.mul(this.sum, this.decay), tf.mul(flatten(this.model.getWeights()), 1 - this.decay)),
    );
    this.sum.dispose();
    this.sum = next as tf.Tensor1D;
  }

  /** The averaged weights, in the order of `model.getWeights()`. The caller disposes them. */
  weights(): tf.Tensor[] {
    return tf.tidy(() => unflatten(tf.div(this.sum, 1 - this.decay ** this.steps) as tf.Tensor1D, this.shapes));
  }

  async state(): Promise<Float32Array> {
    return (await this.sum.data()) as Float32Array;
  }

  restore(steps: number, sum: Float32Array): void {
    this.steps = steps;
    this.sum.dispose();
    this.sum = tf.tensor1d(sum);
  }

  dispose(): void {
    this.sum.dispose();
  }
}
