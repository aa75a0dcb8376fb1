import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { isSerKitError, SerKitError } from '../core/errors.ts';
import { parseOptions } from '../core/options.ts';
import { createRandom, deriveSeed, shuffled } from '../core/random.ts';
import { SeededDropout } from '../layers/seeded-dropout.ts';
import { accuracy } from '../metrics/accuracy.ts';
import { unweightedAverageRecall } from '../metrics/unweighted-average-recall.ts';
import { batchesOfLikeLength, padTogether } from './batches.ts';
import { checkExamples, type Example, indexOfLargest, targetClass } from './examples.ts';
import { learningRateAt } from './learning-rate.ts';
import { breathe, modelShape, predictBatches } from './predict-probabilities.ts';
import { type TrainOptions, trainOptionsSchema } from './train-options.ts';
import type { EpochMetrics, EpochRecord, TrainingHistory } from './training-events.ts';

/**
 * Trains a classifier in place with Adam on cross-entropy, over clips of unequal length (batches of like length, smaller where clips are long, padded
 * and masked). After each epoch it measures training and validation examples with dropout off; it ends early when the
 * validation UAR no longer rises, and leaves the model with the weights of the best epoch (highest UAR, then lowest
 * loss). When it is aborted or throws, too; before the first epoch is done those are the weights that the model came
 * with. Time plays no part: the same examples, seeds, backend and machine give the same weights, byte for byte.
 *
 * @param model  [batch, any frames, dims] -> probabilities [batch, classes]
 * @throws SerKitError 'bad-option', 'bad-input', 'empty', 'not-finite'; 'diverged' when the loss is no number any more
 */
export async function trainModel(
  model: tfl.LayersModel,
  data: { readonly train: readonly Example[]; readonly validation: readonly Example[] },
  options: TrainOptions,
): Promise<TrainingHistory> {
  const checked = parseOptions('trainModel', trainOptionsSchema, options);
  const { seed, epochs, batchSize, patience = Number.POSITIVE_INFINITY, learningRate = 1e-3, clipNorm = 5 } = checked;
  const { signal, onEvent = () => {}, schedule = 'constant', weightDecay = 0 } = checked;
  const { train, validation } = data;
  const { dims, classes } = modelShape('trainModel', model);
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
  const batches = batchesOfLikeLength(lengths, batchSize, createRandom(deriveSeed(seed, 'order', 1))).length;
  const records: EpochRecord[] = [];
  const copyWeights = (): tf.Tensor[] => model.getWeights().map((weight) => weight.clone());
  let best: EpochRecord | undefined;
  let bestWeights = copyWeights();
  let stopped: TrainingHistory['stopped'] = 'epochs';
  const remedy = `a lower learningRate (now ${learningRate}) usually mends it`;
  const explain =
    (epoch: number) =>
    (error: unknown): never => {
      if (!isSerKitError(error) || error.code !== 'diverged') throw error;
      const text = `trainModel: probabilities expected finite numbers, got NaN after epoch ${epoch}; ${remedy}`;
      throw new SerKitError('diverged', text, { cause: error });
    };

  try {
    onEvent({ type: 'start', epochs, batches, examples: train.length, resumedFrom: 0 });
    for (let epoch = 1; epoch <= epochs; epoch++) {
      let lossSum = 0;
      let batchNumber = 0;
      const order = batchesOfLikeLength(lengths, batchSize, createRandom(deriveSeed(seed, 'order', epoch)));
      for (const batch of order) {
        if (signal?.aborted === true) break;
        const progress = (epoch - 1 + batchNumber / order.length) / epochs;
        const rate = learningRateAt(schedule as 'constant', learningRate, progress);
        (optimizer as unknown as { learningRate: number }).learningRate = rate;
        const loss = await trainOnBatch(
          model,
          batch.map((i) => train[i]!),
          { classes, weights, variables, optimizer, clipNorm, shrink: 1 - rate * weightDecay },
        );
        batchNumber++;
        if (!Number.isFinite(loss)) {
          throw new SerKitError(
            'diverged',
            `trainModel: loss expected a finite number, got ${loss} in epoch ${epoch}, batch ${batchNumber}; ${remedy}`,
          );
        }
        lossSum += loss * batch.length;
        onEvent({ type: 'batch', epoch, batch: batchNumber, batches: order.length, loss });
        await breathe();
      }
      const onTrain = await measure(model, watched, batchSize, signal).catch(explain(epoch));
      const onValidation = await measure(model, validation, batchSize, signal).catch(explain(epoch));
      if (onTrain === undefined || onValidation === undefined) {
        stopped = 'aborted';
        break;
      }
      const record = { epoch, loss: lossSum / train.length, train: onTrain, validation: onValidation };
      records.push(record);
      const isBest = best === undefined || isBetter(record.validation, best.validation);
      if (isBest) {
        best = record;
        tf.dispose(bestWeights);
        bestWeights = copyWeights();
      }
      onEvent({ type: 'epoch', best: isBest, ...record });
      if (epoch - best!.epoch >= patience) {
        stopped = 'patience';
        break;
      }
    }
  } finally {
    try {
      model.setWeights(bestWeights);
    } finally {
      tf.dispose(bestWeights);
      optimizer.dispose();
    }
  }
  const history: TrainingHistory = { epochs: records, bestEpoch: best?.epoch ?? 0, stopped };
  onEvent({ type: 'end', bestEpoch: history.bestEpoch, stopped });
  return history;
}

interface Step {
  readonly classes: number;
  readonly weights: Float32Array;
  readonly variables: tf.Variable[];
  readonly optimizer: tf.Optimizer;
  readonly clipNorm: number;
  /** What weight decay multiplies matrices by. */
  readonly shrink: number;
}

/** One step of the optimizer; the batch's loss before it. */
async function trainOnBatch(model: tfl.LayersModel, batch: readonly Example[], step: Step): Promise<number> {
  const { classes, weights, variables, optimizer, clipNorm, shrink } = step;
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
    if (shrink !== 1) for (const v of variables) if (v.rank > 1) v.assign(tf.mul(v, shrink));
    return value;
  });
  const number = (await loss.data())[0]!;
  loss.dispose();
  return number;
}

/** How well the network does on some examples; undefined when the signal fires before that is known. */
async function measure(
  model: tfl.LayersModel,
  examples: readonly Example[],
  batchSize: number,
  signal: AbortSignal | undefined,
): Promise<EpochMetrics | undefined> {
  const matrices = examples.map((example) => example.features);
  const probabilities = await predictBatches(model, matrices, batchSize, signal);
  if (probabilities === undefined) return undefined;
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
