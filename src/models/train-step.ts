import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { flatten } from './flat.ts';
import type { TrainBatch } from './train-batch.ts';

/** The gradients of the batches of one step of the optimizer, added up. */
export class Gradient {
  private sum: tf.Tensor1D | undefined;

  constructor(
    private readonly model: tfl.LayersModel,
    private readonly variables: readonly tf.Variable[],
  ) {}

  /** All variables' gradients one after another, [sum of their sizes]. */
  get vector(): tf.Tensor1D {
    return this.sum!;
  }

  /**
   * Adds a batch's.
   *
   * @param clips  what the batch's summed loss is divided by: the clips of all batches of the step
   * @returns the batch's mean loss, and how long the gradient is now
   */
  async add({ values, targets, shape }: TrainBatch, clips: number): Promise<{ loss: number; norm: number }> {
    const [batch] = shape;
    const [sum, numbers] = withTapeDisposed(() =>
      tf.tidy(() => {
        const x = tf.tensor3d(values, [...shape]);
        const y = tf.tensor2d(targets, [batch, targets.length / batch]);
        const crossEntropy = (): tf.Scalar => {
          const probabilities = this.model.apply(x, { training: true }) as tf.Tensor2D;
          const logs = tf.log(tf.add(probabilities, 1e-7));
          return tf.neg(tf.div(tf.sum(tf.mul(y, logs)), clips)) as tf.Scalar;
        };
        const { value, grads } = tf.variableGrads(crossEntropy, [...this.variables]);
        const own = flatten(this.variables.map((variable) => grads[variable.name] ?? tf.zerosLike(variable)));
        const all = this.sum === undefined ? own : (tf.add(this.sum, own) as tf.Tensor1D);
        return [all, tf.stack([value, tf.sqrt(tf.sum(tf.square(all)))])];
      }),
    );
    this.clear();
    this.sum = sum as tf.Tensor1D;
    const [loss, norm] = (await numbers!.data()) as Float32Array;
    numbers!.dispose();
    return { loss: (loss! * clips) / batch, norm: norm! };
  }

  /** The first weights whose gradient is not finite, by their layers' names; undefined where all are. */
  async notFinite(): Promise<string | undefined> {
    const values = (await this.vector.data()) as Float32Array;
    let end = 0;
    const place = values.findIndex((value) => !Number.isFinite(value));
    const variable = this.variables.find(({ size }) => {
      end += size;
      return place < end;
    });
    return place < 0 ? undefined : variable?.name;
  }

  clear(): void {
    this.sum?.dispose();
    this.sum = undefined;
  }
}

/**
 * Runs something that computes gradients. tfjs holds what they need until they are there, and for ever where something
 * fails before: after 'out of memory' that would be most of the memory.
 */
function withTapeDisposed<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    const { state } = tf.engine();
    for (const { saved } of state.activeTape ?? []) tf.dispose(saved);
    throw error;
  }
}
