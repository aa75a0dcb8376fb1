import { appendToFrames } from '../clips/append-to-frames.ts';
import { isSerKitError, SerKitError } from '../core/errors.ts';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import type { Waveform } from '../core/waveform.ts';
import { fitPca, type Pca, type PcaOptions, parsePca } from '../features/pca.ts';
import { fitStandardizer, type Standardizer } from '../features/standardize.ts';
import type { Xvector } from '../xvector/create-xvector.ts';
import { DEFAULT_COMPONENTS, DEFAULT_SHARE, type XvectorJoin } from './xvector-options.ts';

/** What is learnt between the embedding and the network, on training clips alone. */
export interface EmbeddingReduction {
  /** Of scope 'corpus', whatever the features are standardized by: an embedding tells speakers apart, and less the speaker's mean it would not. */
  readonly standardizer: Standardizer;
  readonly pca?: Pca | undefined;
}

/** The part of a recognizer that hears the whole clip. */
export interface XvectorPart extends EmbeddingReduction {
  readonly embedder: Xvector;
  readonly join: XvectorJoin;
}

/** @throws SerKitError 'bad-input', 'bad-option' where the embeddings do not vary as far as asked for */
export function fitEmbeddings(
  embeddings: readonly Float32Array[],
  pcaOptions: PcaOptions | null | undefined,
): EmbeddingReduction {
  const matrices = embeddings.map(asFrame);
  const standardizer = fitStandardizer(matrices);
  if (pcaOptions === null) return { standardizer };
  const scaled = matrices.map((matrix) => standardizer.transform(matrix));
  try {
    return { standardizer, pca: fitComponents(scaled, pcaOptions) };
  } catch (cause) {
    if (!isSerKitError(cause)) throw cause;
    throw new SerKitError(cause.code, `trainRecognizer: xvector.pca: ${cause.message}`, { cause });
  }
}

function fitComponents(matrices: readonly FeatureMatrix[], options: PcaOptions | undefined): Pca {
  if (options !== undefined) return fitPca(matrices, { whiten: true, ...options });
  const pca = fitPca(matrices, { whiten: true, share: DEFAULT_SHARE });
  if (pca.components <= DEFAULT_COMPONENTS) return pca;
  const { axes, explainedVariance, ...rest } = pca.toJSON();
  const first = <T>(all: readonly T[]): T[] => all.slice(0, DEFAULT_COMPONENTS);
  return parsePca({ ...rest, axes: first(axes), explainedVariance: first(explainedVariance) });
}

/** What the network sees of an embedding. */
export function reduceEmbedding(embedding: Float32Array, { standardizer, pca }: EmbeddingReduction): Float32Array {
  const scaled = standardizer.transform(asFrame(embedding));
  return (pca === undefined ? scaled : pca.transform(scaled)).data;
}

/** How many dimensions that adds to each frame. */
export function embeddingWidth({ standardizer, pca }: EmbeddingReduction): number {
  return pca?.components ?? standardizer.dims;
}

/** Replaces what the front end's reduction gave of recordings by that and their x-vectors. */
export async function joinInPlace(
  matrices: FeatureMatrix[],
  waveforms: readonly Waveform[],
  xvector: XvectorPart,
  who: string,
): Promise<void> {
  const embeddings = await xvector.embedder.extractBatch(waveforms).catch((error: unknown) => {
    throw inWordsOfXvector(who, error);
  });
  embeddings.forEach((embedding, i) => {
    matrices[i] = appendToFrames(matrices[i]!, reduceEmbedding(embedding, xvector));
  });
}

/** An error with the x-vector named: the front end may well take what the x-vector is too short for. */
export function inWordsOfXvector(who: string, error: unknown): unknown {
  if (!isSerKitError(error)) return error;
  return new SerKitError(error.code, `${who}: x-vector: ${error.message}`, { cause: error });
}

function asFrame(embedding: Float32Array): FeatureMatrix {
  return { data: embedding as Float32Array<ArrayBuffer>, frames: 1, dims: embedding.length };
}
