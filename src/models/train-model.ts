import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import * as z from 'zod/mini';
import { SerKitError } from '../core/errors.ts';
import { count, parseOptions, positive, seedNumber } from '../core/options.ts';
import { createRandom, deriveSeed, shuffled } from '../core/random.ts';
import { accuracy } from '../metrics/accuracy.ts';
import { unweightedAverageRecall } from '../metrics/unweighted-average-recall.ts';
import { batchesOfLikeLength, padTogether } from './batches.ts';
import { checkExamples, type Example, indexOfLargest, targetClass } from './examples.ts';
import { breathe, predictProbabilities } from './predict-probabilities.ts';
import { SeededDropout } from './seeded-dropout.ts';
import type { EpochMetrics, EpochRecord, TrainingEvent, TrainingHistory } from './training-events.ts';

export interface TrainOptions {
  /** Fixes the order of the clips and the dropout masks. With the model's own seed it fixes the result. */
  readonly seed: number;
  readonly epochs: number;
  readonly batchSize: number;
  /** Ends after so many epochs in a row without a better validation UAR. @default never */
  readonly patience?: number;
  /** What each class counts for in the loss; 'balanced': inversely to how often it occurs. @default 1 each */
  readonly classWeights?: readonly number[] | 'balanced';
  /** Adam's step size (Kingma & Ba 2015). @default 0.001 */
  readonly learningRate?: number;
  /** Gradients longer than this, all weights together, are shortened to it (Pascanu et al. 2013). @default 5 */
  readonly clipNorm?: number;
  /** How many training examples the training metrics of each epoch are measured on, a fixed random part. @default all */
  readonly trainingMetricsOn?: number;
  /** Ends training after the batch in hand; the best weights so far are kept. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainingEvent) => void;
}

const schema = z.strictObject({
  seed: seedNumber,
  epochs: count,
  batchSize: count,
  patience: z.optional(count),
  classWeights: z.optional(z.union([z.literal('balanced'), z.array(z.number().check(z.nonnegative()))])),
  learningRate: z.optional(positive),
  clipNorm: z.optional(positive),
  trainingMetricsOn: z.optional(count),
  signal: z.optional(z.custom<AbortSignal>((value) => value instanceof AbortSignal)),
  onEvent: z.optional(z.custom<(event: TrainingEvent) => void>((value) => typeof value === 'function')),
});

/**
 * Trains a classifier in place with Adam on cross-entropy, over clips of unequal length (batches of like length, padded
 * and masked). After each epoch it measures training and validation examples with dropout off; it ends early when the
 * validation UAR no longer rises, and leaves the model with the weights of the best epoch (highest UAR, then lowest
 * loss). Time plays no part: the same examples, seeds, backend and machine give the same weights, byte for byte.
 *
 * @param model  [batch, any frames, dims] -> probabilities [batch, classes]
 * @throws SerKitError 'bad-option', 'bad-input', 'empty', 'not-finite'; 'diverged' when the loss is no number any more
 * (the best weights so far are restored first)
 */
export async function trainModel(
  model: tfl.LayersModel,
  data: { readonly train: readonly Example[]; readonly validation: readonly Example[] },
  options: TrainOptions,
): Promise<TrainingHistory> {
  const checked = parseOptions('trainModel', schema, options);
  const { seed, epochs, batchSize, patience = Number.POSITIVE_INFINITY, learningRate = 1e-3, clipNorm = 5 } = checked;
  const { signal, onEvent = () => {} } = checked;
  const { train, validation } = data;
  const dims = model.inputs[0]!.shape[2]!;
  const classes = model.outputs[0]!.shape[1]!;
  for (const [name, part] of Object.entries({ train, validation })) {
    checkExamples(`trainModel: ${name}`, part, dims, classes);
    if (part.length === 0)
      throw new SerKitError('empty', `trainModel: ${name} expected at least one example, got none`);
  }
  const weights = classWeightsOf(checked.classWeights, train, classes);
  const watched = shuffled(train, createRandom(deriveSeed(seed, 'watched'))).slice(
    0,
    checked.trainingMetricsOn ?? train.length,
  );

  let dropouts = 0;
  for (const layer of model.layers) {
    if (layer instanceof SeededDropout) layer.reseed(deriveSeed(seed, 'dropout', dropouts++));
  }
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const optimizer = tf.train.adam(learningRate);
  const lengths = train.map((example) => example.features.frames);
  const batches = Math.ceil(train.length / batchSize);
  const records: EpochRecord[] = [];
  let best: { record: EpochRecord; weights: tf.Tensor[] } | undefined;
  let stopped: TrainingHistory['stopped'] = 'epochs';
  const restoreBest = (): void => {
    if (best === undefined) return;
    model.setWeights(best.weights);
    tf.dispose(best.weights);
  };

  onEvent({ type: 'start', epochs, batches, examples: train.length });
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      let lossSum = 0;
      let batchNumber = 0;
      const order = batchesOfLikeLength(lengths, batchSize, createRandom(deriveSeed(seed, 'order', epoch)));
      for (const batch of order) {
        const loss = await trainOnBatch(
          model,
          batch.map((i) => train[i]!),
          { classes, weights, variables, optimizer, clipNorm },
        );
        batchNumber++;
        if (!Number.isFinite(loss)) {
          throw new SerKitError(
            'diverged',
            `trainModel: loss expected a finite number, got ${loss} in epoch ${epoch}, batch ${batchNumber}; a lower learningRate (now ${learningRate}) usually mends it`,
          );
        }
        lossSum += loss * batch.length;
        onEvent({ type: 'batch', epoch, batch: batchNumber, batches: order.length, loss });
        await breathe();
        if (signal?.aborted === true) break;
      }
      if (signal?.aborted === true) {
        stopped = 'aborted';
        break;
      }
      const record: EpochRecord = {
        epoch,
        loss: lossSum / train.length,
        train: await measure(model, watched, batchSize),
        validation: await measure(model, validation, batchSize),
      };
      records.push(record);
      const isBest = best === undefined || isBetter(record.validation, best.record.validation);
      if (isBest) {
        if (best !== undefined) tf.dispose(best.weights);
        best = { record, weights: model.getWeights().map((weight) => weight.clone()) };
      }
      onEvent({ type: 'epoch', best: isBest, ...record });
      if (epoch - best!.record.epoch >= patience) {
        stopped = 'patience';
        break;
      }
    }
  } finally {
    restoreBest();
    optimizer.dispose();
  }
  const history: TrainingHistory = { epochs: records, bestEpoch: best?.record.epoch ?? 0, stopped };
  onEvent({ type: 'end', bestEpoch: history.bestEpoch, stopped });
  return history;
}

interface Step {
  readonly classes: number;
  readonly weights: Float32Array;
  readonly variables: tf.Variable[];
  readonly optimizer: tf.Optimizer;
  readonly clipNorm: number;
}

/** One step of the optimizer; the batch's loss before it. */
async function trainOnBatch(model: tfl.LayersModel, batch: readonly Example[], step: Step): Promise<number> {
  const { classes, weights, variables, optimizer, clipNorm } = step;
  const { values, frames } = padTogether(batch.map((example) => example.features));
  const targets = new Float32Array(batch.length * classes);
  batch.forEach(({ target, weight = 1 }, row) => {
    for (let k = 0; k < classes; k++) {
      const share = typeof target === 'number' ? Number(target === k) : target[k]!;
      targets[row * classes + k] = share * weight * weights[k]!;
    }
  });
  const loss = tf.tidy(() => {
    const x = tf.tensor3d(values, [batch.length, frames, batch[0]!.features.dims]);
    const y = tf.tensor2d(targets, [batch.length, classes]);
    const crossEntropy = (): tf.Scalar => {
      const probabilities = model.apply(x, { training: true }) as tf.Tensor2D;
      const logs = tf.log(tf.add(probabilities, 1e-7));
      return tf.neg(tf.div(tf.sum(tf.mul(y, logs)), batch.length)) as tf.Scalar;
    };
    const { value, grads } = optimizer.computeGradients(crossEntropy, variables);
    const squares = Object.values(grads).map((gradient) => tf.sum(tf.square(gradient)));
    const norm = tf.sqrt(tf.addN(squares));
    const scale = tf.div(clipNorm, tf.maximum(norm, clipNorm));
    const clipped: tf.NamedTensorMap = {};
    for (const [name, gradient] of Object.entries(grads)) clipped[name] = tf.mul(gradient, scale);
    optimizer.applyGradients(clipped);
    return value;
  });
  const number = (await loss.data())[0]!;
  loss.dispose();
  return number;
}

async function measure(model: tfl.LayersModel, examples: readonly Example[], batchSize: number): Promise<EpochMetrics> {
  const matrices = examples.map((example) => example.features);
  const probabilities = await predictProbabilities(model, matrices, { batchSize });
  const truth = examples.map((example) => targetClass(example.target));
  const predicted = probabilities.map(indexOfLargest);
  let loss = 0;
  examples.forEach(({ target }, i) => {
    const p = probabilities[i]!;
    for (let k = 0; k < p.length; k++) {
      const share = typeof target === 'number' ? Number(target === k) : target[k]!;
      if (share > 0) loss -= share * Math.log(p[k]! + 1e-7);
    }
  });
  return {
    loss: loss / examples.length,
    accuracy: accuracy(truth, predicted),
    unweightedAverageRecall: unweightedAverageRecall(truth, predicted),
  };
}

function isBetter(now: EpochMetrics, before: EpochMetrics): boolean {
  if (now.unweightedAverageRecall !== before.unweightedAverageRecall) {
    return now.unweightedAverageRecall > before.unweightedAverageRecall;
  }
  return now.loss < before.loss;
}

function classWeightsOf(
  given: readonly number[] | 'balanced' | undefined,
  train: readonly Example[],
  classes: number,
): Float32Array {
  if (given === undefined) return new Float32Array(classes).fill(1);
  if (given !== 'balanced') {
    if (given.length !== classes) {
      throw new SerKitError('bad-option', `trainModel: classWeights expected ${classes} numbers, got ${given.length}`);
    }
    return Float32Array.from(given);
  }
  const counts = new Float64Array(classes);
  for (const { target } of train) counts[targetClass(target)]! += 1;
  const present = counts.filter((n) => n > 0).length;
  return Float32Array.from(counts, (n) => (n === 0 ? 1 : train.length / (present * n)));
}
