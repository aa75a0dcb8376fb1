import type * as tfl from '@tensorflow/tfjs-layers';
import * as z from 'zod/mini';
import type { FrontEnd } from '../clips/front-end.ts';
import { type WaveformWarning, waveformWarnings } from '../clips/waveform-warnings.ts';
import { quote, SerKitError } from '../core/errors.ts';
import { parseOptions } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import type { Pca } from '../features/pca.ts';
import type { Standardizer, StandardizerScope } from '../features/standardize.ts';
import { indexOfLargest } from '../models/examples.ts';
import { inWordsOfMemory } from '../models/out-of-memory.ts';
import { predictProbabilities } from '../models/predict-probabilities.ts';
import { highestHzOf } from '../xvector/highest-hz.ts';
import type { Provenance } from './provenance.ts';
import { reduceInPlace } from './reduction.ts';
import { joinInPlace, type XvectorPart } from './xvector-part.ts';

/** Why an answer may mean little: a word for programs and a sentence for people. */
export type PredictionWarning = WaveformWarning;

/** What a recognizer hears in one recording. */
export interface Prediction<L extends string = string> {
  /** The likeliest label. */
  readonly label: L;
  /** Every label's probability; they add up to 1. */
  readonly probabilities: Readonly<Record<L, number>>;
  /** Why the answer may mean little; empty where nothing speaks against it. */
  readonly warnings: readonly PredictionWarning[];
}

/** Options of predictBatch(). */
export interface PredictBatchOptions {
  /**
   * Who speaks in each recording, for a recognizer that standardizes by speaker (others do not look at it): all of a
   * speaker's recordings in the batch are what is known of them.
   * @default each recording is all that is known of its speaker
   */
  readonly speakers?: readonly string[] | undefined;
}

/** Features, standardization, network and labels as one thing. */
export interface Recognizer<L extends string = string> {
  /** In the order of the network's outputs; fixed for ever once trained. */
  readonly labels: readonly L[];
  readonly provenance: Provenance;
  /** Whose mean and deviation features are standardized by: the training corpus's, the speaker's or the clip's own. */
  readonly standardize: StandardizerScope;
  /**
   * The emotion in one recording, of any sample rate: it is resampled to the model's. Where features are standardized by
   * speaker, it is all that is known of its speaker.
   */
  predict(waveform: Waveform): Promise<Prediction<L>>;
  /** The same for many, in the order given; faster than one by one. */
  predictBatch(waveforms: readonly Waveform[], options?: PredictBatchOptions): Promise<Prediction<L>[]>;
  /** Frees the memory of the network, and of the x-vector where there is one. The recognizer cannot be used afterwards; predictions under way end in an error. */
  dispose(): void;
}

/** The parts of a recognizer, for what saves and evaluates it. */
export interface RecognizerParts {
  readonly labels: readonly string[];
  readonly frontEnd: FrontEnd;
  readonly standardizer: Standardizer;
  readonly pca?: Pca | undefined;
  /** Absent where features are all that the network sees. */
  readonly xvector?: XvectorPart | undefined;
  readonly model: tfl.LayersModel;
  readonly provenance: Provenance;
}

const batchSchema = z.strictObject({ speakers: z.optional(z.array(z.string())) });

const partsOf = new WeakMap<object, RecognizerParts>();
const disposed = new WeakSet<object>();

/** The parts that a recognizer was assembled from. */
export function recognizerParts(who: string, recognizer: Recognizer): RecognizerParts {
  if (disposed.has(recognizer)) {
    throw new SerKitError('bad-input', `${who}: expected a recognizer in use, got one that was disposed`);
  }
  const parts = partsOf.get(recognizer);
  if (parts === undefined) {
    throw new SerKitError(
      'bad-input',
      `${who}: expected a Recognizer of this copy of ser-kit, got ${quote(recognizer)}`,
    );
  }
  return parts;
}

export function assembleRecognizer(parts: RecognizerParts): Recognizer {
  const { labels, frontEnd, standardizer, xvector, model, provenance } = parts;
  const heard = xvector === undefined ? 0 : highestHzOf(xvector.embedder.weights.frontEnd);
  const highestHz = Math.max(frontEnd.highestHz, heard);
  const probabilitiesOf = async (
    waveforms: readonly Waveform[],
    speakers: readonly string[],
  ): Promise<Float32Array[]> => {
    try {
      const matrices = waveforms.map((waveform) => frontEnd.extract(waveform, 'predict'));
      reduceInPlace(matrices, speakers, parts);
      if (xvector !== undefined) await joinInPlace(matrices, waveforms, xvector, 'predict');
      return await predictProbabilities(model, matrices);
    } catch (cause) {
      // tfjs says of a network that is freed under its feet whatever it stumbles over first.
      if (disposed.has(recognizer)) {
        throw new SerKitError('bad-input', 'predict: the recognizer was disposed before its answer was there', {
          cause,
        });
      }
      throw inWordsOfMemory('predict', cause);
    }
  };
  const predictBatch = async (
    waveforms: readonly Waveform[],
    options: PredictBatchOptions = {},
  ): Promise<Prediction[]> => {
    recognizerParts('predict', recognizer);
    if (!Array.isArray(waveforms)) {
      throw new SerKitError('bad-input', `predictBatch: waveforms expected an array, got ${quote(waveforms)}`);
    }
    const { speakers = waveforms.map((_, i) => `recording ${i}`) } = parseOptions('predictBatch', batchSchema, options);
    if (speakers.length !== waveforms.length) {
      throw new SerKitError(
        'bad-option',
        `predictBatch: speakers expected one for each of ${waveforms.length} waveforms, got ${speakers.length}`,
      );
    }
    const all = await probabilitiesOf(waveforms, speakers);
    return all.map((p, i) => {
      const probabilities = Object.fromEntries(labels.map((label, k) => [label, p[k]!]));
      const warnings = waveformWarnings(waveforms[i]!, highestHz);
      return { label: labels[indexOfLargest(p)]!, probabilities, warnings };
    });
  };

  const recognizer: Recognizer = {
    labels,
    provenance,
    standardize: standardizer.scope,
    predictBatch,
    predict: async (waveform) => (await predictBatch([waveform]))[0]!,
    dispose() {
      if (disposed.has(recognizer)) return;
      disposed.add(recognizer);
      model.dispose();
      xvector?.embedder.dispose();
    },
  };
  partsOf.set(recognizer, parts);
  return recognizer;
}
