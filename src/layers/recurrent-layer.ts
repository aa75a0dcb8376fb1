import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { createGlorotUniform, createOrthogonal } from './initializers.ts';
import { first, timeMask } from './time-mask.ts';

export interface RecurrentConfig {
  readonly units: number;
  /** True: the state after every frame, [batch, frames, units]; false: after the last one, [batch, units]. */
  readonly returnSequences: boolean;
  readonly seed: number;
  readonly name?: string;
}

/** Kernel [dims, gates * units], recurrent kernel [units, gates * units], bias [gates * units]: tfjs's own layout. */
export interface RecurrentWeights {
  readonly kernel: tf.Tensor2D;
  readonly recurrent: tf.Tensor2D;
  readonly bias: tf.Tensor1D;
}

/**
 * What SimpleRNN and LSTM share: weights named, shaped and ordered as in tfjs's layers, masks, and one product of the
 * inputs with the kernel for all frames. A masked frame leaves the state as it was, as in Keras.
 */
export abstract class RecurrentLayer extends tfl.layers.Layer {
  protected readonly config: RecurrentConfig;
  private kernel: tfl.LayerVariable | undefined;
  private recurrent: tfl.LayerVariable | undefined;
  private bias: tfl.LayerVariable | undefined;

  constructor(config: RecurrentConfig) {
    super(config as unknown as ConstructorParameters<typeof tfl.layers.Layer>[0]);
    const { units, returnSequences, seed } = config;
    this.config = { units, returnSequences, seed };
    this.supportsMasking = true;
  }

  protected abstract readonly gates: number;

  /** The bias at the start, `gates * units` numbers. */
  protected abstract initialBias(): Float32Array;

  /** The states after each frame (time-major list) or only the last, with the gradient written out. */
  protected abstract run(x: tf.Tensor3D, weights: RecurrentWeights, mask: tf.Tensor3D | undefined): tf.Tensor;

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    const dims = (inputShape as number[])[2]!;
    const { units, seed } = this.config;
    const width = this.gates * units;
    const bias = this.initialBias();
    const constant = { apply: (shape: number[]) => tf.tensor(bias, shape), getConfig: () => ({}) };
    this.kernel = this.addWeight('kernel', [dims, width], 'float32', createGlorotUniform(seed));
    this.recurrent = this.addWeight('recurrent_kernel', [units, width], 'float32', createOrthogonal(seed + 1));
    type Initializer = ReturnType<typeof tfl.initializers.zeros>;
    this.bias = this.addWeight('bias', [width], 'float32', constant as unknown as Initializer);
    this.built = true;
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const [batch, frames] = inputShape as number[];
    const { units, returnSequences } = this.config;
    return returnSequences ? [batch!, frames!, units] : [batch!, units];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      const weights = {
        kernel: this.kernel!.read() as tf.Tensor2D,
        recurrent: this.recurrent!.read() as tf.Tensor2D,
        bias: this.bias!.read() as tf.Tensor1D,
      };
      return this.run(first(inputs) as tf.Tensor3D, weights, timeMask(kwargs));
    });
  }

  override computeMask(_inputs: tf.Tensor | tf.Tensor[], mask?: tf.Tensor | tf.Tensor[]): tf.Tensor {
    if (!this.config.returnSequences) return null as unknown as tf.Tensor;
    return (Array.isArray(mask) ? mask[0] : mask) as tf.Tensor;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.config };
  }
}

// The pieces of a recurrence over [batch, frames, ...], shared by the layers' forward and backward passes.

/** [batch, frames, dims] as [frames * batch, dims], so that one frame's rows lie together. */
export function timeMajorRows(x: tf.Tensor3D): tf.Tensor2D {
  const [batch, frames, dims] = x.shape;
  return tf.reshape(tf.transpose(x, [1, 0, 2]), [frames * batch, dims]) as tf.Tensor2D;
}

/** The rows of one frame. */
export function frameOf(rows: tf.Tensor2D, frame: number, batch: number): tf.Tensor2D {
  return tf.slice(rows, [frame * batch, 0], [batch, rows.shape[1]]);
}

/** Per-frame [batch, units] tensors as [batch, frames, units]. */
export function fromTimeMajor(steps: readonly tf.Tensor2D[], batch: number): tf.Tensor3D {
  const units = steps[0]!.shape[1];
  const stacked = tf.reshape(tf.concat(steps as tf.Tensor2D[], 0), [steps.length, batch, units]) as tf.Tensor3D;
  return tf.transpose(stacked, [1, 0, 2]);
}

/** `before + mask (after - before)`: the new state where the frame is real, the old one where it is padding. */
export function blend(before: tf.Tensor2D, after: tf.Tensor2D, mask: tf.Tensor2D | undefined): tf.Tensor2D {
  return mask === undefined ? after : tf.add(before, tf.mul(mask, tf.sub(after, before)));
}

/** The gradients of x, kernel, recurrent kernel and bias from those of every frame's pre-activations. */
export function weightGradients(
  dSteps: readonly tf.Tensor2D[],
  states: readonly tf.Tensor2D[],
  rows: tf.Tensor2D,
  kernel: tf.Tensor2D,
  batch: number,
): [tf.Tensor3D, tf.Tensor2D, tf.Tensor2D, tf.Tensor1D] {
  const frames = dSteps.length;
  const dAll = tf.concat(dSteps as tf.Tensor2D[], 0);
  const before = tf.concat(states as tf.Tensor2D[], 0);
  const dx = tf.reshape(tf.matMul(dAll, kernel, false, true), [frames, batch, kernel.shape[0]]) as tf.Tensor3D;
  return [
    tf.transpose(dx, [1, 0, 2]),
    tf.matMul(rows, dAll, true, false),
    tf.matMul(before, dAll, true, false),
    tf.sum(dAll, 0) as tf.Tensor1D,
  ];
}

/** Runs a forward pass whose gradient is given; the tuple's order is x, kernel, recurrent, bias. */
export function withGradient(
  x: tf.Tensor3D,
  weights: RecurrentWeights,
  forward: (save: tf.GradSaveFunc) => {
    value: tf.Tensor;
    gradient: (dy: tf.Tensor, saved: readonly tf.Tensor[]) => tf.Tensor[];
  },
): tf.Tensor {
  const operation = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const { value, gradient } = forward(args[4] as tf.GradSaveFunc);
    return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.tidy(() => gradient(dy, saved)) };
  });
  return operation(x, weights.kernel, weights.recurrent, weights.bias);
}
