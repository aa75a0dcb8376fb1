import type * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { isSerKitError, quote, SerKitError } from '../core/errors.ts';
import { checkOption, parseOptions } from '../core/options.ts';
import { createRandom, deriveSeed, shuffled } from '../core/random.ts';
import { checkModel } from '../layers/check-model.ts';
import { drawingLayers } from '../layers/drawing.ts';
import { classWeightsOf } from './class-weights.ts';
import { EpochFeed } from './epoch-features.ts';
import { checkExamples, type Example } from './examples.ts';
import { measure } from './measure.ts';
import { inWordsOfMemory } from './out-of-memory.ts';
import { modelShape } from './predict-probabilities.ts';
import { identityOf } from './run-identity.ts';
import { batchesOfEpoch, type EpochContext, trainEpoch } from './train-epoch.ts';
import { settingsOf, type TrainOptions, trainOptionsSchema } from './train-options.ts';
import type { EpochMetrics, TrainingHistory } from './training-events.ts';
import { TrainingState } from './training-state.ts';

/** What a network learns from, and what tells how well it does. */
export interface TrainingData {
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
}

/**
 * Trains a classifier in place with Adam on cross-entropy, over clips of unequal length (batches of like length, smaller where clips are long, padded
 * and masked). After each epoch it measures training and validation examples with dropout off; it ends early when the
 * validation UAR no longer rises, and leaves the model with the weights of the best epoch (highest UAR, then lowest
 * loss). When it is aborted or throws, too; before the first epoch is done those are the weights that the model came
 * with. Time plays no part: the same examples, seeds, backend and machine give the same weights, byte for byte, also where a run
 * was killed and another went on from its checkpoint. That does not hold for layers that draw with a generator of their own,
 * such as tfjs's dropout: those of `ser-kit/layers`, which the builders use, draw from the run's seed.
 *
 * @param model  [batch, any frames, dims] -> probabilities [batch, classes]
 * @throws SerKitError 'bad-option', 'bad-input' (also while another call trains the same model), 'empty', 'not-finite'; 'diverged' when the loss or a gradient is no finite
 * number any more; 'out-of-memory'; for a checkpoint to go on from: 'bad-format', 'truncated', 'altered', 'newer-version',
 * and 'mismatch' where it is of another run. What onEvent, onCheckpoint and epochFeatures throw is passed on.
 */
export async function trainModel(
  model: tfl.LayersModel,
  data: TrainingData,
  options: TrainOptions,
): Promise<TrainingHistory> {
  const checked = parseOptions('trainModel', trainOptionsSchema, options);
  checkModel('trainModel', model);
  if (data === null || typeof data !== 'object') {
    throw new SerKitError('bad-input', `trainModel: data expected { train, validation }, got ${quote(data)}`);
  }
  if (inTraining.has(model)) {
    throw new SerKitError('bad-input', 'trainModel: model expected to be idle, got one that another call is training');
  }
  inTraining.add(model);
  try {
    return await trainAlone(model, data, checked);
  } finally {
    inTraining.delete(model);
  }
}

/** Two trainings at once would each overwrite the other's weights. */
const inTraining = new WeakSet<tfl.LayersModel>();

async function trainAlone(model: tfl.LayersModel, data: TrainingData, checked: TrainOptions): Promise<TrainingHistory> {
  const { signal, resumeFrom, epochFeatures } = checked;
  const settings = settingsOf(checked);
  const { seed, epochs, batchSize, patience } = settings;
  checkOption(
    'trainModel',
    'schedule',
    settings.plateau === null || settings.schedule === 'plateau',
    "'plateau' where plateau is given",
    settings.schedule,
  );
  const { train, validation } = data;
  const { dims, classes } = modelShape('trainModel', model);
  for (const [name, part] of Object.entries({ train, validation })) {
    checkExamples(`trainModel: ${name}`, part, dims, classes);
    if (part.length === 0)
      throw new SerKitError('empty', `trainModel: ${name} expected at least one example, got none`);
  }
  if (train.every(({ weight }) => weight === 0)) {
    throw new SerKitError('bad-input', 'trainModel: train expected an example whose weight is > 0, got only 0');
  }
  const batchOptions = {
    classWeights: classWeightsOf(checked.classWeights, train, classes),
    labelSmoothing: settings.labelSmoothing,
    featureMasks: checked.featureMasks,
    mixup: checked.mixup,
  };
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  if (variables.length === 0)
    throw new SerKitError('bad-input', 'trainModel: model expected weights to train, got none');
  const watched = shuffled(train, createRandom(deriveSeed(seed, 'watched'))).slice(
    0,
    settings.trainingMetricsOn ?? train.length,
  );
  drawingLayers(model).forEach((layer, i) => {
    layer.reseed(deriveSeed(seed, 'dropout', i));
  });
  // Every number of the examples is gone through, so only where it is for something.
  const identity =
    checked.onCheckpoint === undefined && resumeFrom === undefined
      ? undefined
      : identityOf(model, data, { ...settings, ...(epochFeatures && { epochFeatures: epochFeatures.about }) });
  const { onEvent, onCheckpoint, isTheirs } = callbacksOf(checked);

  const state = new TrainingState(model, variables, settings);
  const feed = epochFeatures && new EpochFeed(epochFeatures, dims, signal);
  const context: EpochContext = { model, variables, train, settings, batchOptions, state, feed, signal, onEvent };
  let stopped: TrainingHistory['stopped'] | undefined;
  try {
    if (resumeFrom !== undefined) state.restore(resumeFrom, identity!);
    const batches = batchesOfEpoch(train, settings, 1).length;
    onEvent({ type: 'start', epochs, batches, examples: train.length, resumedFrom: state.records.length });
    for (;;) {
      const done = state.records.length;
      if (patience !== null && done > 0 && done - state.best!.epoch >= patience) stopped = 'patience';
      else if (done >= epochs) stopped = 'epochs';
      if (stopped !== undefined) break;
      const epoch = done + 1;
      const loss = await trainEpoch(epoch, context);
      // While this one is measured, other threads can work.
      if (loss !== undefined && epoch < epochs) feed?.begin(epoch + 1, batchesOfEpoch(train, settings, epoch + 1));
      const measured =
        loss === undefined
          ? undefined
          : await state
              .withMeasuredWeights(() => measureBoth(model, [watched, validation], batchSize, signal))
              .catch(explainNaN(epoch, settings.learningRate));
      if (loss === undefined || measured === undefined) {
        stopped = 'aborted';
        break;
      }
      const record = { epoch, loss, train: measured[0], validation: measured[1] };
      const best = state.add(record);
      onEvent({ type: 'epoch', best, ...record });
      if (onCheckpoint !== undefined) await onCheckpoint({ epoch, bytes: await state.encode(identity!) });
    }
  } catch (error) {
    try {
      state.finish();
    } catch {
      // Where the backend is broken there is nothing left to restore; what broke it is the error to tell.
    }
    throw isTheirs(error) || feed?.threw(error) ? error : inWordsOfMemory('trainModel', error);
  } finally {
    feed?.close();
  }
  state.finish();
  const history: TrainingHistory = { epochs: state.records, bestEpoch: state.best?.epoch ?? 0, stopped };
  onEvent({ type: 'end', bestEpoch: history.bestEpoch, stopped });
  return history;
}

async function measureBoth(
  model: tfl.LayersModel,
  parts: readonly [readonly Example[], readonly Example[]],
  batchSize: number,
  signal: AbortSignal | undefined,
): Promise<[EpochMetrics, EpochMetrics] | undefined> {
  const onTrain = await measure(model, parts[0], batchSize, signal);
  const onValidation = await measure(model, parts[1], batchSize, signal);
  return onTrain === undefined || onValidation === undefined ? undefined : [onTrain, onValidation];
}

function explainNaN(epoch: number, learningRate: number): (error: unknown) => never {
  return (error) => {
    if (!isSerKitError(error) || error.code !== 'diverged') throw error;
    const text = `trainModel: probabilities expected finite numbers, got NaN after epoch ${epoch}; a lower learningRate (now ${learningRate}) usually mends it`;
    throw new SerKitError('diverged', text, { cause: error });
  };
}

/** The caller's functions, and whether an error is one that they threw: those are passed on as they are. */
function callbacksOf({ onEvent, onCheckpoint }: TrainOptions): {
  onEvent: NonNullable<TrainOptions['onEvent']>;
  onCheckpoint: TrainOptions['onCheckpoint'];
  isTheirs: (error: unknown) => boolean;
} {
  const thrown: unknown[] = [];
  const remember = (error: unknown): never => {
    thrown.push(error);
    throw error;
  };
  return {
    onEvent: (event) => {
      try {
        onEvent?.(event);
      } catch (error) {
        remember(error);
      }
    },
    onCheckpoint:
      onCheckpoint &&
      (async (checkpoint) => {
        try {
          await onCheckpoint(checkpoint);
        } catch (error) {
          remember(error);
        }
      }),
    isTheirs: (error) => thrown.includes(error),
  };
}
