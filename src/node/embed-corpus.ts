import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { type SkippedClip, skippedClip } from '../clips/skipped-clip.ts';
import { quote, SerKitError } from '../core/errors.ts';
import type { TrainingClip } from '../core/labelled-clip.ts';
import { loadClip } from '../core/load-clip.ts';
import { parseOptions } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { numbered } from '../features/extractor.ts';
import { encodeXvectorFile } from '../recognizer/xvector-file.ts';
import type { Xvector } from '../xvector/create-xvector.ts';
import { checkXvectorWeights, embeddingDims, type XvectorWeights } from '../xvector/weights.ts';
import { clipHash } from './cache-key.ts';
import type { CorpusProgress } from './extract-corpus.ts';
import { type CachedPlan, FeatureCache } from './feature-cache.ts';

/**
 * Stands for every number that an x-vector network gives. Raise it with any change of one (in a front end, in the forward pass): entries made under
 * another version are computed anew, never read.
 */
const EMBEDDINGS_VERSION = 1;

/** How a corpus is embedded. */
export interface EmbedCorpusOptions {
  /** A folder that keeps every clip's embedding and in which it is looked for first; extractCorpus()'s may be the same one. @default none */
  readonly cache?: string | undefined;
  /** Ends the work, after the clip under way, with a SerKitError 'aborted'. What the cache holds by then stays. */
  readonly signal?: AbortSignal | undefined;
  /** Told after each clip. */
  readonly onProgress?: ((progress: CorpusProgress) => void) | undefined;
}

/** What became of one clip: its embedding; or why it has none. */
export type ClipEmbedding<C extends TrainingClip = TrainingClip> =
  | {
      readonly clip: C;
      readonly embedding: Float32Array<ArrayBuffer>;
      /** True where it was in the cache. */
      readonly resumed: boolean;
      /** SHA-256 of the clip's rate and samples: the name of its entry in the cache. */
      readonly hash: string;
      readonly skipped?: undefined;
    }
  | { readonly clip: C; readonly skipped: SkippedClip; readonly embedding?: undefined };

const WHO = 'embedCorpus';

const schema = z.strictObject({
  cache: z.optional(z.string().check(z.minLength(1))),
  signal: z.optional(z.custom<AbortSignal>((value) => value instanceof AbortSignal, 'an AbortSignal')),
  onProgress: z.optional(
    z.custom<(progress: CorpusProgress) => void>((value) => typeof value === 'function', 'a function'),
  ),
});

/**
 * The x-vector of every clip of a corpus, one after another in the order of the clips: each what createXvector(weights).extract() gives, in
 * this thread, on the current tfjs backend. One clip at a time: its numbers do not depend on which clips are in the cache already, so
 * that a training that goes on from a checkpoint sees the same ones. Memory stays flat.
 *
 * Clips that cannot be used (unreadable, empty, NaN, too short for the network) come with the reason in place of an embedding.
 *
 * With a `cache`, each embedding is written as soon as it is there, as a matrix of one frame in a file with a checksum named by the SHA-256 of the
 * clip's samples and rate, in a folder for the weights: `xvector-` and the beginning of a SHA-256 over them. A run that was killed goes on
 * where it was. What another backend computed is taken too; it differs by float32 rounding.
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'not-finite', 'not-writable' at once or from the loop; 'aborted' from the loop
 * @example
 * for await (const { clip, embedding, skipped } of embedCorpus(clips, weights, { cache: 'features' })) {
 *   console.log(clip.id, embedding?.length ?? skipped?.message);
 * }
 */
export function embedCorpus<C extends TrainingClip>(
  clips: readonly C[],
  weights: XvectorWeights,
  options: EmbedCorpusOptions = {},
): AsyncGenerator<ClipEmbedding<C>, void, undefined> {
  const checked = parseOptions(WHO, schema, options) as EmbedCorpusOptions;
  if (!Array.isArray(clips)) {
    throw new SerKitError('bad-input', `${WHO}: clips expected an array of clips, got ${quote(clips)}`);
  }
  checkXvectorWeights(WHO, weights);
  return inOrder(clips, weights, cacheFor(weights, embeddingDims(weights), checked.cache), checked);
}

function cacheFor(weights: XvectorWeights, dims: number, dir: string | undefined): FeatureCache | undefined {
  if (dir === undefined) return undefined;
  // The card says what is known of the network and changes no number.
  const { card: _, ...computing } = weights;
  const sha256 = createHash('sha256').update(encodeXvectorFile(computing)).digest('hex');
  const fingerprint = createHash('sha256')
    .update(`x-vectors, version ${EMBEDDINGS_VERSION}, of ${sha256}`)
    .digest('hex');
  const plan: CachedPlan = {
    key: `xvector-${sha256.slice(0, 16)}`,
    fingerprint,
    frontEnd: { xvector: sha256 },
    names: numbered('xvector', dims),
  };
  const cache = new FeatureCache(dir, plan, WHO);
  cache.prepare(plan);
  return cache;
}

async function* inOrder<C extends TrainingClip>(
  clips: readonly C[],
  weights: XvectorWeights,
  cache: FeatureCache | undefined,
  { signal, onProgress }: EmbedCorpusOptions,
): AsyncGenerator<ClipEmbedding<C>, void, undefined> {
  // Here and not above, so that the rest of this room needs no TensorFlow.js.
  const { createXvector } = await import('../xvector/create-xvector.ts');
  const embedder = createXvector(weights);
  let [computed, resumed, skipped, durationSec] = [0, 0, 0, 0];
  const total = clips.length;
  try {
    for (const [i, clip] of clips.entries()) {
      if (signal?.aborted === true) throw new SerKitError('aborted', `${WHO}: aborted after ${i} of ${total} clips`);
      const { seconds, ...found } = await embeddingOf(clip, embedder, cache);
      if (found.embedding === undefined) skipped++;
      else if (found.resumed) resumed++;
      else computed++;
      durationSec += seconds;
      onProgress?.({ done: i + 1, total, computed, resumed, skipped, durationSec });
      yield found as ClipEmbedding<C>;
      // Timers and Ctrl-C are heard also where all is in the cache.
      await new Promise((done) => setImmediate(done));
    }
  } finally {
    embedder.dispose();
  }
}

async function embeddingOf(
  clip: TrainingClip,
  embedder: Xvector,
  cache: FeatureCache | undefined,
): Promise<ClipEmbedding & { readonly seconds: number }> {
  let waveform: Waveform;
  try {
    waveform = await loadClip(clip);
  } catch (error) {
    return { clip, skipped: skippedClip(clip, error, 'loading'), seconds: 0 };
  }
  const seconds = waveform.samples.length / waveform.sampleRate;
  const hash = clipHash(waveform);
  const found = cache?.read(hash);
  if (found !== undefined) return { clip, embedding: found.data, resumed: true, hash, seconds };
  let embedding: Float32Array<ArrayBuffer>;
  try {
    embedding = await embedder.extract(waveform);
  } catch (error) {
    return { clip, skipped: skippedClip(clip, error, 'features'), seconds };
  }
  cache?.write(hash, { data: embedding, frames: 1, dims: embedding.length });
  return { clip, embedding, resumed: false, hash, seconds };
}
