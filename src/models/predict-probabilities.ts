import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { checkFeatureMatrix, type FeatureMatrix } from '../core/feature-matrix.ts';
import { count, parseOptions } from '../core/options.ts';
import { batchesByLength, padTogether } from './batches.ts';
import { breathe } from './breathe.ts';

const schema = z.strictObject({
  batchSize: z.optional(count),
  signal: z.optional(z.custom<AbortSignal>((value) => value instanceof AbortSignal, 'an AbortSignal')),
});

/**
 * Each clip's class probabilities, in the order of the clips, with dropout off. A clip's numbers do not depend on which
 * others it is predicted with, up to float32 rounding. No clips give an empty list.
 *
 * @param model  [batch, any frames, dims] -> [batch, classes]
 * @param matrices  [frames, dims] each, at least one frame
 * @param options.batchSize  @default 64
 * @throws SerKitError 'bad-option', 'bad-input' or 'not-finite' (with the clip's place), 'empty' when a clip has no frames,
 * 'aborted', 'diverged' when the network gives NaN
 */
export async function predictProbabilities(
  model: tfl.LayersModel,
  matrices: readonly FeatureMatrix[],
  options: { readonly batchSize?: number; readonly signal?: AbortSignal } = {},
): Promise<Float32Array[]> {
  const { batchSize = 64, signal } = parseOptions('predictProbabilities', schema, options);
  const { dims } = modelShape('predictProbabilities', model);
  matrices.forEach((matrix, i) => {
    const name = `predictProbabilities: matrices[${i}]`;
    checkFeatureMatrix(name, matrix);
    if (matrix.dims !== dims) throw new SerKitError('bad-input', `${name} expected ${dims} dims, got ${matrix.dims}`);
    if (matrix.frames === 0) throw new SerKitError('empty', `${name} expected frames, got none`);
  });
  const out = await predictBatches(model, matrices, batchSize, signal);
  if (out === undefined) throw new SerKitError('aborted', 'predictProbabilities: aborted');
  return out;
}

/** The same without the checks; undefined when the signal fires before all is done. */
export async function predictBatches(
  model: tfl.LayersModel,
  matrices: readonly FeatureMatrix[],
  batchSize: number,
  signal: AbortSignal | undefined,
): Promise<Float32Array[] | undefined> {
  const out = new Array<Float32Array>(matrices.length);
  const lengths = matrices.map((m) => m.frames);
  for (const batch of batchesByLength(lengths, batchSize)) {
    if (signal?.aborted === true) return undefined;
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
  }
  return out;
}

/** What a network takes and gives, of the shape that this room trains. */
export function modelShape(who: string, model: tfl.LayersModel): { dims: number; classes: number } {
  const input = model.inputs[0]?.shape;
  const output = model.outputs[0]?.shape;
  const [dims, classes] = [input?.[2], output?.[1]];
  if (input?.length !== 3 || output?.length !== 2 || typeof dims !== 'number' || typeof classes !== 'number') {
    throw new SerKitError(
      'bad-input',
      `${who}: model expected [batch, frames, dims] -> [batch, classes], got ${quote(input)} -> ${quote(output)}`,
    );
  }
  return { dims, classes };
}
