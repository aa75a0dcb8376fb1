import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import * as z from 'zod/mini';
import type { Augmentation } from '../augment/augmentation.ts';
import type { WaveformFunction } from '../augment/own-function.ts';
import type { Domain, TransformJson } from '../augment/transform.ts';
import { appendToFrames } from '../clips/append-to-frames.ts';
import {
  type AugmentationWork,
  type AugmentedEvent,
  augmentationOf,
  augmentedEpochs,
  augmentInThisThread,
  type ClipAugmenter,
} from '../clips/augmented-epochs.ts';
import { createFrontEnd, type FrontEndConfig, type FrontEndOptions } from '../clips/front-end.ts';
import { type FeaturesOfClip, featuresInThisThread, type ReadingEvent } from '../clips/read-clips.ts';
import { quote, SerKitError } from '../core/errors.ts';
import type { TrainingClip } from '../core/labelled-clip.ts';
import { count, parseOptions, seedNumber } from '../core/options.ts';
import { deriveSeed } from '../core/random.ts';
import { type PcaOptions, parsePcaOptions } from '../features/pca.ts';
import type { StandardizerScope } from '../features/standardize.ts';
import { type ClassificationReport, classificationReport } from '../metrics/classification-report.ts';
import { type ConfusionMatrix, confusionMatrix } from '../metrics/confusion-matrix.ts';
import { buildCnn } from '../models/build-cnn.ts';
import { type BuildCnnLstmOptions, buildCnnLstm } from '../models/build-cnn-lstm.ts';
import { buildGru } from '../models/build-gru.ts';
import { buildLstm } from '../models/build-lstm.ts';
import { buildSimpleRnn } from '../models/build-simple-rnn.ts';
import { type Example, indexOfLargest } from '../models/examples.ts';
import { inWordsOfMemory } from '../models/out-of-memory.ts';
import { predictProbabilities } from '../models/predict-probabilities.ts';
import { trainModel } from '../models/train-model.ts';
import { type TrainOptions, trainingFields } from '../models/train-options.ts';
import type { TrainingEvent } from '../models/training-events.ts';
import { createXvector } from '../xvector/create-xvector.ts';
import { type EmbeddedPart, type EmbeddingEvent, embeddingsInThisThread, embedParts } from './embed-parts.ts';
import type { CorpusLayout, FurtherTraining, Provenance } from './provenance.ts';
import { type Part, readParts } from './read-parts.ts';
import { assembleRecognizer, type Recognizer } from './recognizer.ts';
import { checkLabels, checkSplit, countUnknown, type RecognizerSplit } from './recognizer-split.ts';
import { fitReduction, reducedWidth, reduceInPlace, standardizerOfVoices } from './reduction.ts';
import { type SeenSpeakers, seenSpeakers } from './seen-speakers.ts';
import { sha256 } from './sha256.ts';
import { VERSION } from './version.ts';
import { encodeXvectorFile } from './xvector-file.ts';
import {
  type CheckedXvectorOptions,
  checkComponents,
  checkXvectorOptions,
  DEFAULT_COMPONENTS,
  type RecognizerXvectorOptions,
} from './xvector-options.ts';
import { embeddingWidth, fitEmbeddings, reduceEmbedding, type XvectorPart } from './xvector-part.ts';

/** The networks that have a name. */
export const MODEL_BUILDERS = {
  'simple-rnn': buildSimpleRnn,
  lstm: buildLstm,
  gru: buildGru,
  cnn: buildCnn,
  'cnn-lstm': buildCnnLstm,
} as const;

export type ModelName = keyof typeof MODEL_BUILDERS;

/**
 * Any builder of a network [batch, any frames, dims] -> probabilities [batch, classes]. `utteranceDims` is given where an x-vector is
 * joined by 'utterance': the last so many dimensions of each frame are the clip's.
 */
export type ModelBuilder = (o: {
  dims: number;
  classes: number;
  seed: number;
  utteranceDims?: number;
}) => tfl.LayersModel;

/** What training a recognizer tells: the reading of the clips, the network's training, the measuring at the end. */
export type RecognizerEvent =
  | ReadingEvent
  | EmbeddingEvent
  | TrainingEvent
  | AugmentedEvent
  /** Training is over; the best weights are now measured on all clips of all parts. */
  | { readonly type: 'measuring'; readonly clips: number };

/** Options of the named networks beside dims, classes and seed; `filters`, `kernelSize` and `poolSize` are for cnn and cnn-lstm. */
export type ModelOptions = OrUndefined<Omit<BuildCnnLstmOptions, 'dims' | 'classes' | 'seed' | 'utteranceDims'>>;

/** The same with undefined for whatever is left out, as callers have it who pass on what may not be there. */
type OrUndefined<T> = { readonly [K in keyof T]: T[K] | undefined };

/** A transform, whatever it works on; or a function of one's own, of waveforms. */
export type AugmentPart =
  | { readonly kind: string; readonly domain: Domain; toJSON(): TransformJson }
  | WaveformFunction;

export interface TrainRecognizerOptions<K extends string = string>
  extends OrUndefined<
    Partial<
      Pick<
        TrainOptions,
        | 'epochs'
        | 'batchSize'
        | 'patience'
        | 'classWeights'
        | 'learningRate'
        | 'schedule'
        | 'weightDecay'
        | 'signal'
        | 'onCheckpoint'
        | 'resumeFrom'
        | keyof FurtherTraining
      >
    >
  > {
  /** Fixes the initial weights, the order of clips and the dropout. */
  readonly seed: number;
  /** The labels in the order to keep; one that no training clip has is never learnt. @default those of the training clips, sorted */
  readonly labels?: readonly K[] | undefined;
  /** A network by name, or a builder of one's own. @default 'cnn-lstm' */
  readonly model?: ModelName | ModelBuilder | undefined;
  /** Options of the named network: units, layers, dropout... */
  readonly modelOptions?: ModelOptions | undefined;
  readonly frontEnd?: FrontEndOptions | undefined;
  /**
   * What features are standardized by: the mean and deviation of the training clips; or of all clips of the speaker, in
   * each part of the split on its own, without their labels; or of each clip.
   * @default 'corpus'
   */
  readonly standardize?: StandardizerScope | undefined;
  /** Principal components in place of the standardized dimensions, learnt on the training clips. @default none */
  readonly pca?: PcaOptions | undefined;
  /**
   * Computes features in this thread's place, on all cores or from a cache: for each clip, in the order given, what
   * createFrontEnd(frontEnd).extract() gives of it. `(clips, frontEnd) => extractCorpus(clips, frontEnd, { workers, cache })`
   * of ser-kit/node does. @default clip by clip, in this thread
   */
  readonly featuresOf?:
    | ((clips: readonly TrainingClip[], frontEnd: FrontEndConfig) => AsyncIterable<FeaturesOfClip>)
    | undefined;
  /**
   * What is done to the training clips, anew in each epoch: transforms of `ser-kit/augment`, one or a list, as createAugmentation() takes
   * them, or what it or parseAugmentation() gave. What is drawn is a function of the seed, the epoch and the clip's id, and told
   * by an 'augmented' event for each clip and epoch.
   *
   * No clip of another part is touched, and what is learnt before the network (standardization, principal components) is
   * learnt on the training clips as they are; so are the training metrics measured. Transforms of waveforms work on the
   * clip as it was loaded, at its own rate; each clip is loaded again in each epoch, and one that cannot be ends training
   * with that error. Where a changed waveform has no features (too short for a front end, say), the epoch has the clip's own, and the event says so.
   * Its features are standardized as those of the clips are: with 'speaker' by the statistics of the speaker's training clips as
   * they are, with 'clip' by its own. Transforms of features work on what the network sees.
   * @default nothing
   */
  readonly augment?: Augmentation | AugmentPart | readonly AugmentPart[] | undefined;
  /**
   * Changes waveforms in this thread's place: `(work) => augmentCorpus(work, { workers, dir })` of ser-kit/node does, on other
   * threads, ahead of training. The outcome is the same. @default clip by clip, in this thread
   */
  readonly augmentedFeaturesOf?: ((work: AugmentationWork) => ClipAugmenter) | undefined;
  /**
   * Joins each clip's x-vector with its features: standardized by the training clips' (whatever `standardize` says of the features) and
   * reduced to its principal components. A clip that the x-vector cannot be had of (too short for it) is skipped, and told as an event; where
   * predict() meets such a recording its error names the x-vector.
   *
   * `augment` changes what the frames are, and not the x-vector: that of a changed clip is that of the clip as it is, and no transform or
   * mask of features hides it. Mixup mixes the x-vectors of two clips as it mixes their
   * targets, and the mixture is beside every frame of the mixed clip, the longer of the two.
   * @default none
   */
  readonly xvector?: RecognizerXvectorOptions | undefined;
  /** What to write into the recognizer's provenance about the clips. */
  readonly about?:
    | {
        readonly corpus?: string | undefined;
        readonly attribution?: string | undefined;
        readonly layout?: CorpusLayout | undefined;
        readonly split?: string | undefined;
        readonly shares?: { readonly validation: number; readonly test: number } | undefined;
      }
    | undefined;
  readonly onEvent?: ((event: RecognizerEvent) => void) | undefined;
}

const schema = z.strictObject({
  seed: seedNumber,
  epochs: z.optional(count),
  batchSize: z.optional(count),
  ...trainingFields,
  labels: z.optional(
    z.array(z.string().check(z.minLength(1))).check(
      z.minLength(2),
      z.refine((labels) => new Set(labels).size === labels.length, 'each label once'),
    ),
  ),
  model: z.optional(
    z.union([
      z.enum(['simple-rnn', 'lstm', 'gru', 'cnn', 'cnn-lstm']),
      z.custom((value) => typeof value === 'function', 'a function that builds a network'),
    ]),
  ),
  modelOptions: z.optional(z.record(z.string(), z.unknown())),
  frontEnd: z.optional(z.unknown()),
  standardize: z.optional(z.enum(['corpus', 'speaker', 'clip'])),
  pca: z.optional(z.unknown()),
  featuresOf: z.optional(z.custom((value) => typeof value === 'function', 'a function')),
  augment: z.optional(z.unknown()),
  augmentedFeaturesOf: z.optional(z.custom((value) => typeof value === 'function', 'a function')),
  xvector: z.optional(z.unknown()),
  about: z.optional(
    z.strictObject({
      corpus: z.optional(z.string()),
      attribution: z.optional(z.string()),
      layout: z.optional(z.strictObject({ format: z.enum(['cremad', 'folder']), csv: z.optional(z.string()) })),
      split: z.optional(z.string()),
      shares: z.optional(z.strictObject({ validation: z.number(), test: z.number() })),
    }),
  ),
  onEvent: z.optional(z.custom((value) => typeof value === 'function', 'a function')),
});

/**
 * A recognizer trained on a split: reads the clips, computes features, learns the standardization (and principal
 * components, where asked for) on training clips alone,
 * trains the network, and measures all three parts with the best epoch's weights. The test clips decide nothing. Clips that
 * cannot be read are skipped, and told as events. An aborted signal ends training early with the best weights so far.
 *
 * Defaults: 'cnn-lstm', at most 20 epochs of batches of 64, patience 8, one cycle of Adam up to 0.003 with a weight decay of
 * 0.05.
 *
 * @throws SerKitError 'empty' when a part has no readable clips, 'bad-input' for labels outside `labels` and for no split,
 * 'bad-option'; those of trainModel() for a checkpoint to go on from; 'aborted' when the signal fires before the first epoch is done; 'diverged', 'out-of-memory', 'no-backend'
 * @example
 * const recognizer = await trainRecognizer(splitBySpeaker(corpus.clips, { seed: 1 }), { seed: 1 });
 */
export async function trainRecognizer<L extends string, K extends string = L>(
  split: RecognizerSplit<L>,
  options: TrainRecognizerOptions<K>,
): Promise<Recognizer<K>> {
  checkSplit(split);
  parseOptions('trainRecognizer', schema, options);
  const { seed, model: choice = 'cnn-lstm', about = {}, signal, onEvent = () => {} } = options;
  const modelOptions = definedOnly(options.modelOptions ?? {});
  const labels: readonly string[] =
    options.labels ?? [...new Set(split.train.map((clip) => clip.label as string))].sort();
  if (labels.length < 2) {
    throw new SerKitError(
      'bad-input',
      `trainRecognizer: split.train expected clips of at least 2 labels, got ${labels.length === 0 ? 'none' : quote(labels[0])}`,
    );
  }
  const frontEnd = createFrontEnd(options.frontEnd);
  checkLabels(split, labels, options.labels === undefined);
  const { standardize = 'corpus' } = options;
  const pcaOptions = options.pca === undefined ? undefined : parsePcaOptions('trainRecognizer: pca', options.pca);
  if (standardize === 'clip' && frontEnd.config.functionals !== undefined) {
    throw new SerKitError(
      'bad-option',
      "trainRecognizer: standardize expected 'corpus' or 'speaker' with functionals, got 'clip': one frame less its own mean is 0",
    );
  }
  const augmentation = augmentationOf('trainRecognizer', options.augment);
  if (augmentation?.mixup !== undefined && options.mixup !== undefined) {
    throw new SerKitError(
      'bad-option',
      `trainRecognizer: mixup expected once, got it with alpha ${options.mixup.alpha} and in augment with alpha ${augmentation.mixup.alpha}`,
    );
  }
  const dims = frontEnd.names.length;
  if (pcaOptions?.components !== undefined && pcaOptions.components > dims) {
    throw new SerKitError(
      'bad-option',
      `trainRecognizer: pca.components expected at most the ${dims} dimensions of the front end, got ${pcaOptions.components}`,
    );
  }
  const build = typeof choice === 'function' ? choice : (MODEL_BUILDERS[choice] as ModelBuilder);
  const xvector =
    options.xvector === undefined ? undefined : checkXvectorOptions(options.xvector, typeof choice !== 'function');
  const buildFor = (width: number, added: number): tfl.LayersModel =>
    build({
      ...modelOptions,
      dims: width + added,
      classes: labels.length,
      seed: deriveSeed(seed, 'model'),
      ...(xvector?.join === 'utterance' && { utteranceDims: added }),
    });
  const heard = xvector && seenSpeakers(xvector.weights, split, xvector.allowSeenSpeakers);
  const embedder = xvector && createXvector(xvector.weights);
  // Before clips are read, so that options that it refuses are refused at once. How many components hold a share of the
  // variance is known only afterwards: the network is then built again.
  let width = pcaOptions?.components ?? dims;
  let added = 0;
  let model: tfl.LayersModel | undefined;
  try {
    if (xvector && embedder) {
      checkComponents(xvector, embedder.dims);
      added =
        xvector.pca === null ? embedder.dims : (xvector.pca?.components ?? Math.min(DEFAULT_COMPONENTS, embedder.dims));
    }
    model = buildFor(width, added);
    const featuresOf = (clips: readonly TrainingClip[]): AsyncIterable<FeaturesOfClip> =>
      options.featuresOf?.(clips, frontEnd.config) ??
      featuresInThisThread(clips, (waveform) => frontEnd.extract(waveform, 'trainRecognizer'));
    const parts = await readParts(split, featuresOf, frontEnd, onEvent, signal);
    const embedded =
      xvector &&
      embedder &&
      (await embedParts(
        parts,
        (clips) => xvector.embeddingsOf?.(clips, xvector.weights) ?? embeddingsInThisThread(clips, embedder),
        embedder.dims,
        onEvent,
        signal,
      ));
    const { train, validation, test } = embedded ?? parts;
    const voices =
      standardize === 'speaker' && augmentation?.waveform !== undefined
        ? standardizerOfVoices(train.matrices, voicesOf(train))
        : undefined;
    const reduction = fitReduction(train.matrices, voicesOf(train), standardize, pcaOptions);
    for (const part of [validation, test]) reduceInPlace(part.matrices, voicesOf(part), reduction);
    const joined = xvector && embedder && embedded && joinParts(embedded, xvector);
    const xvectorPart: XvectorPart | undefined = joined && {
      ...joined.reduction,
      embedder: embedder!,
      join: xvector!.join,
    };
    const widthOfXvector = xvectorPart === undefined ? 0 : embeddingWidth(xvectorPart);
    if (reducedWidth(reduction) !== width || widthOfXvector !== added) {
      [width, added] = [reducedWidth(reduction), widthOfXvector];
      // In this order, so that the network is there to be freed below where building fails.
      const resized = buildFor(width, added);
      model.dispose();
      model = resized;
    }
    const network = model;
    const {
      epochs = 20,
      batchSize = 64,
      patience = 8,
      schedule = 'one-cycle',
      weightDecay = 0.05,
      classWeights,
      learningRate = 0.003,
    } = options;
    const further = furtherTraining(options);
    const mixup = augmentation?.mixup ?? further.mixup;
    let augmenter: ClipAugmenter | undefined;
    if (augmentation?.waveform !== undefined) {
      const { standardizer, pca } = reduction;
      const work: AugmentationWork = {
        clips: train.clips,
        plan: {
          who: 'trainRecognizer',
          seed,
          frontEnd: frontEnd.config,
          standardizer: (voices ?? standardizer).toJSON(),
          ...(pca && { pca: pca.toJSON() }),
        },
        transform: augmentation.waveform,
      };
      augmenter = (options.augmentedFeaturesOf ?? augmentInThisThread)(work);
    }
    const { clips, matrices } = train;
    const history = await trainModel(
      network,
      { train: examplesOf(train, labels), validation: examplesOf(validation, labels) },
      {
        seed: deriveSeed(seed, 'training'),
        epochs,
        batchSize,
        patience,
        trainingMetricsOn: Math.max(validation.clips.length, 1),
        classWeights,
        learningRate,
        schedule,
        weightDecay,
        ...further,
        mixup: mixup && { ...mixup, ...(added > 0 && { utteranceDims: added }) },
        ...(further.featureMasks && added > 0 && { featureMasks: { ...further.featureMasks, untouchedDims: added } }),
        epochFeatures:
          augmentation?.waveform === undefined && augmentation?.features === undefined
            ? undefined
            : augmentedEpochs({
                who: 'trainRecognizer',
                augmentation,
                seed,
                clips,
                matrices,
                appended: joined?.train,
                augmenter,
                onEvent,
              }),
        signal,
        onEvent,
        onCheckpoint: options.onCheckpoint,
        resumeFrom: options.resumeFrom,
      },
    ).finally(() => augmenter?.close?.());
    if (history.bestEpoch === 0) {
      throw new SerKitError(
        'aborted',
        'trainRecognizer: aborted before the first epoch was done; there is nothing to keep',
      );
    }
    const judge = async ({ clips, matrices }: Part): Promise<Judgement> => {
      const truth = clips.map((clip) => clip.label as string);
      const predicted = (await predictProbabilities(network, matrices)).map((p) => labels[indexOfLargest(p)]!);
      return {
        report: classificationReport(truth, predicted, { labels }),
        matrix: confusionMatrix(truth, predicted, { labels }),
      };
    };
    onEvent({ type: 'measuring', clips: train.clips.length + validation.clips.length + test.clips.length });
    const onTrain = await judge(train);
    const onValidation = await judge(validation);
    const onTest = test.clips.length > 0 ? await judge(test) : undefined;
    const provenance: Provenance = {
      ...definedOnly(about),
      seed,
      model: typeof choice === 'function' ? choice.name || 'custom' : choice,
      ...(Object.keys(modelOptions).length > 0 ? { modelOptions } : {}),
      training: {
        epochs,
        batchSize,
        learningRate,
        schedule,
        weightDecay,
        patience,
        classWeights: classWeights ?? null,
        standardize,
        pca: pcaOptions ?? null,
        ...(augmentation && { augment: augmentation.toJSON() }),
        ...further,
      },
      madeWith: { serKit: VERSION, tfjs: tf.version_core, backend: tf.getBackend() },
      clips: { train: train.clips.length, validation: idsOf(validation), test: idsOf(test) },
      speakers: { train: speakersOf(train), validation: speakersOf(validation), test: speakersOf(test) },
      overlappingSpeakers: split.overlappingSpeakers,
      unknownSpeakers: split.unknownSpeakers ?? countUnknown(split),
      history,
      metrics: {
        train: onTrain.report,
        validation: onValidation.report,
        ...(onTest === undefined ? {} : { test: onTest.report }),
      },
      confusionMatrix: (onTest ?? onValidation).matrix,
      ...(xvector && xvectorPart && { xvector: await xvectorProvenance(xvector, xvectorPart, heard!) }),
    };
    // The labels are K's where they were given, and else those of the clips, which K is then.
    return assembleRecognizer({
      labels,
      frontEnd,
      ...reduction,
      xvector: xvectorPart,
      model,
      provenance,
    }) as Recognizer<K>;
  } catch (error) {
    model?.dispose();
    embedder?.dispose();
    throw inWordsOfMemory('trainRecognizer', error);
  }
}

/** Fits what reduces embeddings on those of the training clips, and puts what the network sees in place of every part's matrices. */
function joinParts(
  parts: Readonly<Record<'train' | 'validation' | 'test', EmbeddedPart>>,
  { pca }: CheckedXvectorOptions,
): { readonly reduction: ReturnType<typeof fitEmbeddings>; readonly train: readonly Float32Array[] } {
  const reduction = fitEmbeddings(parts.train.embeddings, pca);
  const [train] = [parts.train, parts.validation, parts.test].map(({ matrices, embeddings }) => {
    const reduced = embeddings.map((embedding) => reduceEmbedding(embedding, reduction));
    reduced.forEach((values, i) => {
      matrices[i] = appendToFrames(matrices[i]!, values);
    });
    return reduced;
  });
  return { reduction, train: train! };
}

async function xvectorProvenance(
  { weights, join, pca }: CheckedXvectorOptions,
  part: XvectorPart,
  seen: SeenSpeakers,
): Promise<NonNullable<Provenance['xvector']>> {
  return {
    sha256: await sha256(encodeXvectorFile(weights)),
    dims: part.embedder.dims,
    join,
    ...(pca !== undefined && { pca }),
    components: embeddingWidth(part),
    seenSpeakers: seen,
    ...(weights.card && { card: weights.card }),
  };
}

interface Judgement {
  readonly report: ClassificationReport<string>;
  readonly matrix: ConfusionMatrix<string>;
}

/** The options of training that a recognizer has no defaults of its own for, those that are given. */
function furtherTraining(options: TrainRecognizerOptions): FurtherTraining {
  const { optimizer, betas, epsilon, clipNorm, plateau, accumulate } = options;
  const { labelSmoothing, mixup, featureMasks, weightAverage } = options;
  const all = { optimizer, betas, epsilon, clipNorm, plateau, accumulate };
  return definedOnly({ ...all, labelSmoothing, mixup, featureMasks, weightAverage }) as FurtherTraining;
}

function definedOnly<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

function examplesOf({ clips, matrices }: Part, labels: readonly string[]): Example[] {
  return clips.map((clip, i) => ({ features: matrices[i]!, target: labels.indexOf(clip.label) }));
}

/** The speaker of each clip. */
function voicesOf({ clips }: Part): string[] {
  return clips.map((clip) => clip.speakerId);
}

function idsOf({ clips }: Part): string[] {
  return clips.map((clip) => clip.id);
}

function speakersOf({ clips }: Part): string[] {
  return [...new Set(clips.map((clip) => clip.speakerId))].sort();
}
