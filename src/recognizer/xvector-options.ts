import * as z from 'zod/mini';
import type { SkippedClip } from '../clips/skipped-clip.ts';
import { SerKitError } from '../core/errors.ts';
import type { TrainingClip } from '../core/labelled-clip.ts';
import { parseOptions } from '../core/options.ts';
import { type PcaOptions, parsePcaOptions } from '../features/pca.ts';
import type { XvectorWeights } from '../xvector/weights.ts';

/**
 * Where a clip's x-vector meets its frames: beside the features of each frame ('frames'), or beside the clip's summary, behind
 * the frame layers ('utterance').
 */
export type XvectorJoin = 'frames' | 'utterance';

/** What became of one clip: its embedding; or why it has none. */
export type EmbeddingOfClip =
  | { readonly clip: TrainingClip; readonly embedding: Float32Array; readonly skipped?: undefined }
  | { readonly clip: TrainingClip; readonly skipped: SkippedClip; readonly embedding?: undefined };

/** How a recognizer hears who speaks, and how, in the whole of a clip. */
export interface RecognizerXvectorOptions {
  /** Of createXvector(). It becomes a part of the recognizer and is saved with it; training does not change it. */
  readonly weights: XvectorWeights;
  /**
   * 'utterance' leaves the frame layers as they are and costs a few weights of the first dense layer; 'frames' shows each frame
   * who speaks, and widens the first frame layer.
   * @default 'utterance', as an x-vector says one thing of a whole clip; 'frames' with a network of one's own, which need not know
   * `utteranceDims`
   */
  readonly join?: XvectorJoin | undefined;
  /**
   * Principal components of the standardized embeddings, learnt on the training clips, with the options of fitPca() and
   * `whiten` true unless it says otherwise, so that each is as large as a standardized feature; null: none, every dimension
   * standardized. @default the first 32, or fewer where those hold 0.99 of the variance
   */
  readonly pca?: PcaOptions | null | undefined;
  /**
   * Computes embeddings in this thread's place, or takes them from a cache: for each clip, in the order given, what
   * createXvector(weights).extract() gives of it. `(clips, weights) => embedCorpus(clips, weights, { cache })` of ser-kit/node does.
   * @default clip by clip, in this thread
   */
  readonly embeddingsOf?:
    | ((clips: readonly TrainingClip[], weights: XvectorWeights) => AsyncIterable<EmbeddingOfClip>)
    | undefined;
  /**
   * Go on although the x-vector's card names speakers of the validation or test part among those that it was trained on: the
   * figures are then of voices that a part of the recognizer knows, and the provenance says so. @default false
   */
  readonly allowSeenSpeakers?: boolean | undefined;
}

const schema = z.strictObject({
  weights: z.custom<XvectorWeights>((value) => typeof value === 'object' && value !== null, 'an x-vector network'),
  join: z.optional(z.enum(['frames', 'utterance'])),
  pca: z.optional(z.unknown()),
  embeddingsOf: z.optional(z.custom((value) => typeof value === 'function', 'a function')),
  allowSeenSpeakers: z.optional(z.boolean()),
});

/** What is kept of the embeddings where nobody says. */
export const DEFAULT_COMPONENTS = 32;
export const DEFAULT_SHARE = 0.99;

/** The options with what is decided of them. */
export interface CheckedXvectorOptions {
  readonly weights: XvectorWeights;
  readonly join: XvectorJoin;
  /** As it was asked for: undefined for the default, null for none. */
  readonly pca: PcaOptions | null | undefined;
  readonly embeddingsOf: RecognizerXvectorOptions['embeddingsOf'];
  readonly allowSeenSpeakers: boolean;
}

/** @throws SerKitError 'bad-option' */
export function checkXvectorOptions(value: unknown, isNamedNetwork: boolean): CheckedXvectorOptions {
  const who = 'trainRecognizer: xvector';
  parseOptions(who, schema, value);
  const given = value as RecognizerXvectorOptions;
  const pca = given.pca == null ? given.pca : parsePcaOptions(`${who}.pca`, given.pca);
  return {
    weights: given.weights,
    join: given.join ?? (isNamedNetwork ? 'utterance' : 'frames'),
    pca,
    embeddingsOf: given.embeddingsOf,
    allowSeenSpeakers: given.allowSeenSpeakers ?? false,
  };
}

/** Refuses more components than an embedding has numbers. @throws SerKitError 'bad-option' */
export function checkComponents({ pca }: CheckedXvectorOptions, dims: number): void {
  if (pca?.components === undefined || pca.components <= dims) return;
  throw new SerKitError(
    'bad-option',
    `trainRecognizer: xvector.pca.components expected at most the ${dims} dimensions of the x-vector, got ${pca.components}`,
  );
}
