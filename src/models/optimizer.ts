import * as tf from '@tensorflow/tfjs-core';
import { flatten, unflatten } from './flat.ts';

export interface AdamOptions {
  /** What the running means keep of themselves each step: of the gradients, and of their squares. */
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly weightDecay: number;
  /** True for AdamW, which takes the decay off the weights; false where it is added to the gradients. */
  readonly decoupled: boolean;
}

/**
 * Adam (Kingma & Ba 2015) and AdamW (Loshchilov & Hutter 2019), with PyTorch's numbers. Its state is two vectors and a
 * count, so that a checkpoint can keep it; tfjs's own keeps a product of powers in float32 that nobody can put back. Weight
 * decay is of matrices and filters only.
 */
export class Adam {
  /** Steps made so far. */
  steps = 0;
  private mean: tf.Tensor1D;
  private meanSquare: tf.Tensor1D;
  /** 1 for each number that decays, 0 for each that does not; undefined without decay. */
  private readonly decays: tf.Tensor1D | undefined;

  constructor(
    private readonly variables: readonly tf.Variable[],
    private readonly options: AdamOptions,
  ) {
    const size = variables.reduce((sum, variable) => sum + variable.size, 0);
    this.mean = tf.zeros([size]);
    this.meanSquare = tf.zeros([size]);
    if (options.weightDecay > 0) {
      this.decays = tf.tidy(() => flatten(variables.map(({ shape, rank }) => tf.fill(shape, Number(rank > 1)))));
    }
  }

  /**
   * Moves the weights against a gradient.
   *
   * @param gradient  of all variables, one after another
   * @param rate  the step size
   * @param scale  what the gradient is multiplied by first
   */
  step(gradient: tf.Tensor1D, rate: number, scale = 1): void {
    const { betas, epsilon, weightDecay, decoupled } = this.options;
    this.steps++;
    // In float64, as PyTorch does: float32 powers are off by 1e-4 of the first steps' corrections.
    const toMean = 1 - betas[0] ** this.steps;
    const toMeanSquare = Math.sqrt(1 - betas[1] ** this.steps);
    const [mean, meanSquare] = tf.tidy(() => {
      const weights = flatten(this.variables);
      const decay = this.decays === undefined ? undefined : tf.mul(tf.mul(weights, this.decays), weightDecay);
      const clipped = scale === 1 ? gradient : tf.mul(gradient, scale);
      const g = decay === undefined || decoupled ? clipped : tf.add(clipped, decay);
      const m = tf.add(tf.mul(this.mean, betas[0]), tf.mul(g, 1 - betas[0]));
      const v = tf.add(tf.mul(this.meanSquare, betas[1]), tf.mul(tf.square(g), 1 - betas[1]));
      const update = tf.div(m, tf.add(tf.mul(tf.sqrt(v), 1 / toMeanSquare), epsilon));
      const kept = decay === undefined || !decoupled ? weights : tf.sub(weights, tf.mul(decay, rate));
      const next = tf.sub(kept, tf.mul(update, rate / toMean)) as tf.Tensor1D;
      const parts = unflatten(
        next,
        this.variables.map(({ shape }) => shape),
      );
      this.variables.forEach((variable, i) => {
        variable.assign(parts[i]!);
      });
      return [m, v] as [tf.Tensor1D, tf.Tensor1D];
    });
    this.replace(mean, meanSquare);
  }

  /** The running means of gradients and of their squares, each as long as all variables together. */
  async state(): Promise<{ mean: Float32Array; meanSquare: Float32Array }> {
    return {
      mean: (await this.mean.data()) as Float32Array,
      meanSquare: (await this.meanSquare.data()) as Float32Array,
    };
  }

  /** Goes on from a state after so many steps. */
  restore(steps: number, mean: Float32Array, meanSquare: Float32Array): void {
    this.steps = steps;
    this.replace(tf.tensor1d(mean), tf.tensor1d(meanSquare));
  }

  dispose(): void {
    tf.dispose([this.mean, this.meanSquare]);
    this.decays?.dispose();
  }

  private replace(mean: tf.Tensor1D, meanSquare: tf.Tensor1D): void {
    tf.dispose([this.mean, this.meanSquare]);
    this.mean = mean;
    this.meanSquare = meanSquare;
  }
}

/**
 * What gradients of this length are multiplied by so that they are not longer than `most` (Pascanu et al. 2013); the
 * formula is PyTorch's clip_grad_norm_.
 */
export function clipScale(norm: number, most: number): number {
  return Math.min(1, most / (norm + 1e-6));
}
