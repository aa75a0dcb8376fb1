import type * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { SerKitError } from '../core/errors.ts';
import { createRandom, deriveSeed } from '../core/random.ts';
import { batchesOfLikeLength } from './batches.ts';
import { breathe } from './breathe.ts';
import type { EpochFeed } from './epoch-features.ts';
import type { Example } from './examples.ts';
import { learningRateAt } from './learning-rate.ts';
import { clipScale } from './optimizer.ts';
import { type BatchOptions, prepareBatch } from './train-batch.ts';
import type { Settings } from './train-options.ts';
import { Gradient } from './train-step.ts';
import type { TrainingEvent } from './training-events.ts';
import type { TrainingState } from './training-state.ts';

/** What the epochs of a run have in common. */
export interface EpochContext {
  readonly model: tfl.LayersModel;
  readonly variables: readonly tf.Variable[];
  readonly train: readonly Example[];
  readonly settings: Settings;
  readonly batchOptions: BatchOptions;
  readonly state: TrainingState;
  /** Where features come from that are made anew for each epoch; undefined: the examples' own. */
  readonly feed: EpochFeed | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onEvent: (event: TrainingEvent) => void;
}

/** The clips of each batch of an epoch: a function of seed and epoch. */
export function batchesOfEpoch(train: readonly Example[], settings: Settings, epoch: number): number[][] {
  const frames = train.map(({ features }) => features.frames);
  return batchesOfLikeLength(frames, settings.batchSize, createRandom(deriveSeed(settings.seed, 'order', epoch)));
}

/**
 * Trains on every example once.
 *
 * @returns the mean loss over the examples; undefined when the signal fires before all are done
 * @throws SerKitError 'diverged'
 */
export async function trainEpoch(epoch: number, context: EpochContext): Promise<number | undefined> {
  const { model, variables, train, settings, batchOptions, state, feed, signal, onEvent } = context;
  const { seed, accumulate, clipNorm } = settings;
  const batches = batchesOfEpoch(train, settings, epoch);
  feed?.begin(epoch, batches);
  const gradient = new Gradient(model, variables);
  let lossSum = 0;
  try {
    for (let begin = 0; begin < batches.length; begin += accumulate) {
      const end = Math.min(begin + accumulate, batches.length);
      const learningRate = rateOf(epoch - 1 + begin / batches.length, context);
      const clips = batches.slice(begin, end).reduce((sum, batch) => sum + batch.length, 0);
      for (let i = begin; i < end; i++) {
        if (signal?.aborted === true) return undefined;
        const batch = batches[i]!;
        const matrices = await feed?.next(batch.length, `epoch ${epoch}, batch ${i + 1}`);
        if (feed !== undefined && matrices === undefined) return undefined;
        const examples = batch.map((index, row) => {
          const example = train[index]!;
          return matrices === undefined ? example : { ...example, features: matrices[row]! };
        });
        const prepared = prepareBatch(examples, batchOptions, deriveSeed(seed, 'batch', epoch, i));
        const { loss, norm } = await gradient.add(prepared, clips);
        await checkFinite(loss, norm, gradient, `epoch ${epoch}, batch ${i + 1}`, settings);
        if (i === end - 1) {
          state.step(gradient.vector, learningRate, clipScale(norm, clipNorm));
          gradient.clear();
        }
        lossSum += loss * batch.length;
        onEvent({ type: 'batch', epoch, batch: i + 1, batches: batches.length, loss, learningRate });
        await breathe();
      }
    }
  } finally {
    gradient.clear();
  }
  return lossSum / train.length;
}

/** @param done  epochs that are done, with the share of the one in hand */
function rateOf(done: number, { settings, state }: EpochContext): number {
  const { schedule, learningRate, epochs } = settings;
  return schedule === 'plateau' ? state.plateau.rate : learningRateAt(schedule, learningRate, done / epochs);
}

async function checkFinite(
  loss: number,
  norm: number,
  gradient: Gradient,
  place: string,
  { learningRate }: Settings,
): Promise<void> {
  if (Number.isFinite(loss) && Number.isFinite(norm)) return;
  const remedy = `a lower learningRate (now ${learningRate}) usually mends it`;
  if (!Number.isFinite(loss)) {
    const text = `trainModel: loss expected a finite number, got ${loss} in ${place}; ${remedy}`;
    throw new SerKitError('diverged', text);
  }
  // Where every number is finite, it is their squares' sum that is not.
  const of = (await gradient.notFinite()) ?? 'all weights together';
  throw new SerKitError(
    'diverged',
    `trainModel: gradient of ${of} expected finite numbers, got ${norm} in ${place}; ${remedy}`,
  );
}
