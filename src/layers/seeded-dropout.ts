import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { createRandom, deriveSeed } from '../core/random.ts';
import type { Drawing } from './drawing.ts';

export interface SeededDropoutConfig {
  /** The share of values set to 0 in training, in [0, 1). The others are scaled by 1 / (1 - rate). */
  readonly rate: number;
  readonly seed: number;
  readonly name?: string;
}

/**
 * Dropout (Srivastava et al. 2014) whose masks are a function of (seed, step), and whose step moves on at every
 * training call. tfjs's own layer draws the same mask for ever once it is seeded, and cannot be repeated when it is not.
 */
export class SeededDropout extends tfl.layers.Layer implements Drawing {
  static readonly className = 'SerKitSeededDropout';
  readonly rate: number;
  private seed: number;
  drawn = 0;

  constructor(config: SeededDropoutConfig) {
    super(config as unknown as ConstructorParameters<typeof tfl.layers.Layer>[0]);
    this.rate = config.rate;
    this.seed = config.seed;
    this.supportsMasking = true;
  }

  get draws(): boolean {
    return this.rate > 0;
  }

  /** Starts the stream of masks again, from a new seed. */
  reseed(seed: number): void {
    this.seed = seed;
    this.drawn = 0;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    if (kwargs.training !== true || this.rate === 0) return x;
    const random = createRandom(deriveSeed(this.seed, this.drawn++));
    const keep = new Float32Array(x.size);
    const scale = 1 / (1 - this.rate);
    for (let i = 0; i < keep.length; i++) keep[i] = random() < this.rate ? 0 : scale;
    return tf.tidy(() => tf.mul(x, tf.tensor(keep, x.shape)));
  }

  override computeMask(_inputs: tf.Tensor | tf.Tensor[], mask?: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return (Array.isArray(mask) ? mask[0] : mask) as tf.Tensor;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.rate, seed: this.seed };
  }
}
