import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { SerKitError } from '../core/errors.ts';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import { batchesByLength, padTogether } from './batches.ts';

/**
 * Each clip's class probabilities, in the order of the clips, with dropout off. A clip's numbers do not depend on which
 * others it is predicted with, up to float32 rounding.
 *
 * @param model  [batch, any frames, dims] -> [batch, classes]
 * @param options.batchSize  @default 64
 * @throws SerKitError 'diverged' when the network gives NaN
 */
export async function predictProbabilities(
  model: tfl.LayersModel,
  matrices: readonly FeatureMatrix[],
  options: { readonly batchSize?: number; readonly signal?: AbortSignal } = {},
): Promise<Float32Array[]> {
  const { batchSize = 64, signal } = options;
  const out = new Array<Float32Array>(matrices.length);
  const lengths = matrices.map((m) => m.frames);
  for (const batch of batchesByLength(lengths, batchSize)) {
    const { values, frames } = padTogether(batch.map((i) => matrices[i]!));
    const probabilities = tf.tidy(() => {
      const x = tf.tensor3d(values, [batch.length, frames, matrices[batch[0]!]!.dims]);
      return model.apply(x, { training: false }) as tf.Tensor2D;
    });
    const classes = probabilities.shape[1];
    const all = (await probabilities.data()) as Float32Array;
    probabilities.dispose();
    batch.forEach((clip, row) => {
      out[clip] = all.slice(row * classes, (row + 1) * classes);
    });
    if (all.some((p) => Number.isNaN(p))) {
      throw new SerKitError('diverged', 'predictProbabilities: expected probabilities, got NaN from the network');
    }
    await breathe();
    if (signal?.aborted === true) throw new SerKitError('aborted', 'predictProbabilities: aborted');
  }
  return out;
}

/** Lets timers, signals and the page have a turn: the wasm and cpu backends never do by themselves. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
