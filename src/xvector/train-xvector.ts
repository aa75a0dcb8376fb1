import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import {
  type AugmentationWork,
  augmentationOf,
  augmentedEpochs,
  augmentInThisThread,
} from '../clips/augmented-epochs.ts';
import { createFrontEnd } from '../clips/front-end.ts';
import { featuresInThisThread, readClips } from '../clips/read-clips.ts';
import { SerKitError } from '../core/errors.ts';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import type { LabelledClip, TrainingClip } from '../core/labelled-clip.ts';
import { checkOption, parseOptions } from '../core/options.ts';
import { deriveSeed } from '../core/random.ts';
import { VERSION } from '../core/version.ts';
import { fitStandardizer, type Standardizer } from '../features/standardize.ts';
import type { Example } from '../models/examples.ts';
import { inWordsOfMemory } from '../models/out-of-memory.ts';
import { predictBatches } from '../models/predict-probabilities.ts';
import { trainModel } from '../models/train-model.ts';
import type { TrainingHistory } from '../models/training-events.ts';
import { buildXvector, DEFAULT_FRAME_LAYERS, embeddingPart } from './build-xvector.ts';
import { croppedEpochs } from './cropped-epochs.ts';
import { checkSpeakers, holdOut, requireSpeakers, withSpeeds } from './speaker-parts.ts';
import { type TrainXvectorOptions, trainXvectorSchema, XVECTOR_FRONT_END } from './train-xvector-options.ts';
import type { XvectorWeights } from './weights.ts';
import { layersOfModel, leastFramesOfShape } from './weights-of-model.ts';
import { checkForWhitening, whitened } from './whiten.ts';

export interface TrainedXvector {
  /** What createXvector() and encodeXvector() take, a card among it. */
  readonly weights: XvectorWeights;
  readonly history: TrainingHistory;
}

/** Below so many speakers a network learns those speakers, and little that holds for others. */
const FEW_SPEAKERS = 20;

const WHO = 'trainXvector';

/**
 * An x-vector network trained to tell the speakers of some clips apart (Snyder et al. 2018). Labels are not looked at. Of each speaker a
 * share of clips is held out, and the epoch kept that names their speakers best; all else that is learnt (standardization, whitening)
 * is learnt on the other clips. How well it tells *other* speakers apart, which is what it is for, has to be measured on clips of speakers that are not among
 * these. Clips that cannot be read, and those of fewer frames than the network looks at at once, are skipped, and told as events. An aborted signal ends training early with the best weights so far.
 *
 * Defaults: 8 epochs of batches of 64 on crops of 80 frames, the clips at three speeds, one cycle of AdamW up to 0.002 with a weight decay of
 * 0.05 and label smoothing 0.1.
 *
 * @param clips  of speakers that are known; at least 2, better 50 or more
 * @throws SerKitError 'too-short' for fewer speakers or clips than that, and to whiten where no speaker has two clips for training; 'bad-input' for clips whose speaker nobody knows, 'empty' where none can be read,
 * 'bad-option'; those of trainModel() for a checkpoint to go on from; 'aborted' when the signal fires before the first epoch is done; 'diverged',
 * 'out-of-memory', 'no-backend'
 * @example
 * const { weights } = await trainXvector(corpus.clips, { seed: 1 });
 */
export async function trainXvector(
  clips: readonly LabelledClip[],
  options: TrainXvectorOptions,
): Promise<TrainedXvector> {
  parseOptions(WHO, trainXvectorSchema, options);
  checkSpeakers(WHO, clips);
  const { seed, speeds = [0.9, 1.1], cropFrames = 80, standardize = 'corpus', signal, onEvent = () => {} } = options;
  const frontEnd = createFrontEnd(options.frontEnd ?? XVECTOR_FRONT_END);
  const { config } = frontEnd;
  checkOption(WHO, 'frontEnd', config.functionals === undefined, 'frames, so no functionals', 'functionals');
  const augmentation = augmentationOf(WHO, options.augment);
  const again = augmentation?.mixup !== undefined && options.mixup !== undefined;
  checkOption(WHO, 'mixup', !again, 'once, here or in augment', options.mixup);
  const dims = frontEnd.names.length;
  const { frameLayers = DEFAULT_FRAME_LAYERS, embeddingDims = 128, dropout = 0 } = options;
  const shape = { frameLayers, embeddingDims, dropout };
  const speakers = new Set(clips.map((clip) => clip.speakerId)).size;
  const build = (classes: number): tfl.LayersModel =>
    buildXvector({ ...shape, dims, classes, seed: deriveSeed(seed, 'model') });
  // Before clips are read, so that options that it refuses are refused at once.
  build(speakers).dispose();
  if (speakers < FEW_SPEAKERS) onEvent({ type: 'few-speakers', speakers });

  const { whiten = true, validation: share = 0.1 } = options;
  const held = holdOut(WHO, clips, share, seed);
  if (whiten) checkForWhitening(held.train.map((clip) => clip.speakerId));
  const parts = { train: withSpeeds(held.train, speeds), validation: held.validation };
  const { train, validation } = await read(parts, frontEnd, leastFramesOfShape(frameLayers), options);
  const recorded = originals(train).map((i) => train.clips[i]!);
  const classes = [...new Set(train.clips.map((clip) => clip.speakerId))];
  requireSpeakers(WHO, new Set(recorded.map((clip) => clip.speakerId)).size, 'clips that can be read');
  if (whiten) checkForWhitening(recorded.map((clip) => clip.speakerId));
  const standardizer = fitStandardizer(train.matrices, { scope: standardize });
  for (const part of [train, validation]) standardizeInPlace(part.matrices, standardizer);
  const settings = trainingOf(options);
  const model = build(classes.length);
  try {
    const work: AugmentationWork | undefined = augmentation?.waveform && {
      clips: train.clips,
      plan: { who: WHO, seed, frontEnd: config, standardizer: standardizer.toJSON() },
      transform: augmentation.waveform,
    };
    const augmenter = work && (options.augmentedFeaturesOf ?? augmentInThisThread)(work);
    const { matrices } = train;
    const source =
      augmentation?.waveform === undefined && augmentation?.features === undefined
        ? undefined
        : augmentedEpochs({ who: WHO, augmentation, seed, clips: train.clips, matrices, augmenter, onEvent });
    const ids = train.clips.map((clip) => clip.id);
    const history = await trainModel(
      model,
      { train: examplesOf(train, classes), validation: examplesOf(validation, classes) },
      {
        ...settings,
        trainingMetricsOn: Math.max(validation.clips.length, 1),
        seed: deriveSeed(seed, 'training'),
        mixup: augmentation?.mixup ?? options.mixup,
        epochFeatures: cropFrames === null ? source : croppedEpochs({ seed, cropFrames, ids, matrices, source }),
        signal,
        onEvent,
        onCheckpoint: options.onCheckpoint,
        resumeFrom: options.resumeFrom,
      },
    ).finally(() => augmenter?.close?.());
    if (history.bestEpoch === 0) {
      throw new SerKitError('aborted', `${WHO}: aborted before the first epoch was done; there is nothing to keep`);
    }
    const layers = await layersOfModel(model);
    const segmentLayers = whiten
      ? [await whitenedLayer(model, layers.segmentLayers[0]!, train, onEvent)]
      : layers.segmentLayers;
    const best = history.epochs[history.bestEpoch - 1]!;
    const card = {
      ...definedOnly(options.about ?? {}),
      speakers: { train: [...new Set(recorded.map((clip) => clip.speakerId))].sort() },
      clips: { train: recorded.length, validation: validation.clips.length },
      seed,
      training: {
        ...settings,
        validation: share,
        ...definedOnly({ mixup: options.mixup }),
        speeds,
        cropFrames,
        standardize,
        whiten,
        ...shape,
        ...(augmentation && { augment: augmentation.toJSON() }),
      },
      history: { epochs: history.epochs.length, bestEpoch: history.bestEpoch, stopped: history.stopped },
      validation: best.validation,
      madeWith: { serKit: VERSION, tfjs: tf.version_core, backend: tf.getBackend() },
    };
    const standard = { kind: 'ser-kit', config, standardizer: standardizer.toJSON() } as const;
    const weights: XvectorWeights = { ...layers, frontEnd: standard, segmentLayers, card: plain(card) };
    return { weights, history };
  } catch (error) {
    throw inWordsOfMemory(WHO, error);
  } finally {
    model.dispose();
  }
}

interface Part {
  readonly clips: TrainingClip[];
  readonly matrices: FeatureMatrix[];
}

/** Reads the clips of both parts; validation clips of a speaker of whom no training clip can be read are left out. */
async function read(
  parts: { readonly train: readonly TrainingClip[]; readonly validation: readonly LabelledClip[] },
  frontEnd: ReturnType<typeof createFrontEnd>,
  least: number,
  { featuresOf, onEvent = () => {}, signal }: TrainXvectorOptions,
): Promise<{ train: Part; validation: Part }> {
  const all = [...parts.train, ...parts.validation];
  const train: Part = { clips: [], matrices: [] };
  const validation: Part = { clips: [], matrices: [] };
  const features =
    featuresOf?.(all, frontEnd.config) ?? featuresInThisThread(all, (waveform) => frontEnd.extract(waveform, WHO));
  const known = new Set<string>();
  const take = (clip: TrainingClip, matrix: FeatureMatrix, place: number): void => {
    if (matrix.frames < least) {
      const message = `${WHO}: clip expected at least ${least} frames, which the network looks at at once, got ${matrix.frames}`;
      onEvent({ type: 'skipped', clip: { id: clip.id, code: 'too-short', message } });
      return;
    }
    const isTraining = place < parts.train.length;
    if (isTraining) known.add(clip.speakerId);
    else if (!known.has(clip.speakerId)) return;
    const part = isTraining ? train : validation;
    part.clips.push(clip);
    part.matrices.push(matrix);
  };
  await readClips(WHO, all, features, frontEnd, take, onEvent, signal);
  for (const [name, part] of Object.entries({ train, validation })) {
    if (part.clips.length > 0) continue;
    const text = `${WHO}: clips for ${name === 'train' ? 'training' : 'validation'} expected some that can be read, got none`;
    throw new SerKitError('empty', text);
  }
  return { train, validation };
}

function standardizeInPlace(matrices: FeatureMatrix[], standardizer: Standardizer): void {
  matrices.forEach((matrix, i) => {
    matrices[i] = standardizer.transform(matrix);
  });
}

/** The embedding's layer, whitened by what the network makes of the training clips as they were recorded. */
async function whitenedLayer(
  model: tfl.LayersModel,
  layer: XvectorWeights['segmentLayers'][number],
  train: Part,
  onEvent: NonNullable<TrainXvectorOptions['onEvent']>,
): Promise<XvectorWeights['segmentLayers'][number]> {
  const places = originals(train);
  onEvent({ type: 'whitening', clips: places.length });
  const matrices = places.map((i) => train.matrices[i]!);
  const embeddings = await predictBatches(embeddingPart(model), matrices, 64, undefined);
  return whitened(
    layer,
    embeddings!,
    places.map((i) => train.clips[i]!.speakerId),
  );
}

/** The places of clips that are no copies at another speed. */
function originals({ clips }: Part): number[] {
  return [...clips.keys()].filter((i) => clips[i]!.augmentedFrom === undefined);
}

function examplesOf({ clips, matrices }: Part, classes: readonly string[]): Example[] {
  const places = new Map(classes.map((speaker, i) => [speaker, i]));
  return clips.map((clip, i) => ({ features: matrices[i]!, target: places.get(clip.speakerId)! }));
}

/** The options of training, with this function's defaults. */
function trainingOf(options: TrainXvectorOptions) {
  const { epochs = 8, batchSize = 64, patience, classWeights, learningRate = 0.002, weightDecay = 0.05 } = options;
  const { schedule = 'one-cycle', labelSmoothing = 0.1, featureMasks } = options;
  const { optimizer, betas, epsilon, clipNorm, plateau, accumulate, weightAverage } = options;
  return definedOnly({
    epochs,
    batchSize,
    patience,
    classWeights,
    learningRate,
    weightDecay,
    schedule,
    labelSmoothing,
    featureMasks,
    optimizer,
    betas,
    epsilon,
    clipNorm,
    plateau,
    accumulate,
    weightAverage,
  });
}

function definedOnly<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

/** As JSON has it. */
function plain(value: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
}
