import type { Embedder } from '../core/embedder.ts';
import { isSerKitError, quote, SerKitError } from '../core/errors.ts';
import { checkFeatureMatrix, type FeatureMatrix } from '../core/feature-matrix.ts';
import type { Waveform } from '../core/waveform.ts';
import { inWordsOfMemory } from '../models/out-of-memory.ts';
import { chunksOf } from './chunks.ts';
import { createForward } from './forward.ts';
import { createXvectorFrontEnd } from './front-ends.ts';
import { leastSamples } from './least-length.ts';
import { fewestFrames } from './stretches.ts';
import { checkXvectorWeights, embeddingDims, type XvectorFrontEnd, type XvectorWeights } from './weights.ts';

/** An x-vector network that is ready to run on the current tfjs backend. */
export interface Xvector extends Embedder {
  readonly weights: XvectorWeights;
  /** What the network sees of a recording, [frames, dims]. */
  features(waveform: Waveform): FeatureMatrix;
  /** The embedding of such frames. */
  embed(matrix: FeatureMatrix): Promise<Float32Array<ArrayBuffer>>;
}

/** Frames of clips that are embedded together in extractBatch(), about: their features are a megabyte. */
const FRAMES_TOGETHER = 4000;

/**
 * The network of these weights, ready to turn recordings into x-vectors (Snyder et al. 2018, "X-vectors: robust DNN embeddings for
 * speaker recognition", ICASSP): lists of numbers that are near each other, by their cosine, where one person speaks. Its own
 * front end makes the frames: recordings of any rate are resampled to that front end's. The embedding is the last layer's, before any
 * length normalisation.
 *
 * Give it back with dispose() when done: it holds its weights on the backend. A clip's numbers do not depend on the clips
 * beside it, up to float32 rounding. A long clip is computed in overlapping stretches, with the numbers of the whole: memory does
 * not grow with it.
 *
 * @throws SerKitError 'bad-input', 'not-finite' for weights that do not fit each other, 'no-backend'. Its methods throw 'bad-input',
 * 'empty', 'not-finite' for what they are given; 'too-short' with the least length in samples and seconds; 'diverged' where
 * the network gives NaN; 'out-of-memory'; 'bad-input' after dispose(). extractBatch() names the clip.
 * @example
 * const xvector = createXvector(weights);
 * const embedding = await xvector.extract(waveform); // a Float32Array of xvector.dims numbers
 * const [first, second] = await xvector.extractBatch(waveforms);
 * xvector.dispose();
 */
export function createXvector(weights: XvectorWeights): Xvector {
  const who = 'createXvector';
  checkXvectorWeights(who, weights);
  const dims = weights.frameLayers[0]!.inputs;
  const toFrames = createXvectorFrontEnd(weights.frontEnd, dims);
  const fewest = fewestFrames(weights);
  const forward = inMemory(who, () => createForward(who, weights));
  let disposed = false;

  const checkUsable = (caller: string): void => {
    if (disposed)
      throw new SerKitError('bad-input', `${caller}: expected an x-vector in use, got one that is disposed`);
  };
  const embedAll = async (
    name: string,
    matrices: readonly FeatureMatrix[],
    caller: (clip: number) => string = () => name,
  ) => {
    const chunks = matrices.flatMap((matrix, clip) =>
      chunksOf(weights, matrix, fewest).map((chunk) => ({ clip, ...chunk })),
    );
    try {
      const embeddings = await forward.run(chunks.map(({ matrix }) => matrix));
      const joined = joinChunks(chunks, embeddings, matrices.length);
      joined.forEach((embedding, clip) => {
        if (embedding.every(Number.isFinite)) return;
        throw new SerKitError(
          'diverged',
          `${caller(clip)}: expected finite numbers from the network, got NaN or infinity`,
        );
      });
      return joined;
    } catch (error) {
      // tfjs says of tensors that are freed under its feet whatever it stumbles over first.
      checkUsable(name);
      throw inWordsOfMemory(name, error);
    }
  };
  const forAll = weights.short === 'repeat' ? 1 : fewest;
  /** A recording's frames, or the reason why there are fewer than `least`. */
  const framesOf = (caller: string, waveform: Waveform, least = forAll): FeatureMatrix => {
    let matrix: FeatureMatrix;
    try {
      matrix = toFrames(waveform, caller);
    } catch (error) {
      // A front end counts samples of its own rate.
      if (isSerKitError(error) && error.code === 'too-short') {
        checkLength(weights, least, caller, { frames: 0 }, waveform);
      }
      throw error;
    }
    checkLength(weights, least, caller, matrix, waveform);
    return matrix;
  };

  return {
    weights,
    dims: embeddingDims(weights),
    features(waveform) {
      checkUsable('features');
      return framesOf('features', waveform, 1);
    },
    async embed(matrix) {
      const caller = 'embed';
      checkUsable(caller);
      checkFeatureMatrix(caller, matrix);
      if (matrix.dims !== dims) {
        throw new SerKitError('bad-input', `${caller}: matrix expected ${dims} dims, got ${quote(matrix.dims)}`);
      }
      checkLength(weights, forAll, caller, matrix);
      return (await embedAll(caller, [matrix]))[0]!;
    },
    async extract(waveform) {
      checkUsable('extract');
      return (await embedAll('extract', [framesOf('extract', waveform)]))[0]!;
    },
    async extractBatch(waveforms) {
      checkUsable('extractBatch');
      if (!Array.isArray(waveforms)) {
        throw new SerKitError('bad-input', `extractBatch: expected an array of waveforms, got ${quote(waveforms)}`);
      }
      const caller = (clip: number): string => `extractBatch: clip ${clip}`;
      const out: Float32Array<ArrayBuffer>[] = [];
      let group: FeatureMatrix[] = [];
      let frames = 0;
      for (let clip = 0; clip < waveforms.length; clip++) {
        const matrix = framesOf(caller(clip), waveforms[clip]);
        group.push(matrix);
        frames += matrix.frames;
        if (frames < FRAMES_TOGETHER && clip + 1 < waveforms.length) continue;
        const first = out.length;
        checkUsable('extractBatch');
        out.push(...(await embedAll('extractBatch', group, (i) => caller(first + i))));
        group = [];
        frames = 0;
      }
      return out;
    },
    dispose() {
      if (!disposed) forward.dispose();
      disposed = true;
    },
  };
}

function inMemory<T>(who: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw inWordsOfMemory(who, error);
  }
}

/** The mean of each clip's chunks, by their weights. */
function joinChunks(
  chunks: readonly { readonly clip: number; readonly weight: number }[],
  embeddings: readonly Float32Array<ArrayBuffer>[],
  clips: number,
): Float32Array<ArrayBuffer>[] {
  const of = Array.from({ length: clips }, () => [] as number[]);
  chunks.forEach(({ clip }, i) => {
    of[clip]!.push(i);
  });
  return of.map((own) => {
    if (own.length === 1) return embeddings[own[0]!]!;
    const total = own.reduce((sum, i) => sum + chunks[i]!.weight, 0);
    const joined = new Float64Array(embeddings[own[0]!]!.length);
    for (const i of own) {
      const share = chunks[i]!.weight / total;
      embeddings[i]!.forEach((value, at) => {
        joined[at] += share * value;
      });
    }
    return Float32Array.from(joined);
  });
}

/** @throws SerKitError 'too-short' where there are fewer frames than the network needs; `waveform` is what they are of */
function checkLength(
  weights: XvectorWeights,
  least: number,
  caller: string,
  { frames }: Pick<FeatureMatrix, 'frames'>,
  waveform?: Waveform,
): void {
  if (frames >= least) return;
  const expected = (waveform && leastLength(weights, waveform.sampleRate, least)) ?? framesInWords(least);
  const got = waveform === undefined ? `${frames}` : `${waveform.samples.length} samples, ${framesInWords(frames)}`;
  throw new SerKitError('too-short', `${caller}: expected at least ${expected}, got ${got}`);
}

/** In words: how long a recording of this rate has to be for so many frames; undefined where no length is enough of itself. */
function leastLength(
  { frontEnd, frameLayers }: XvectorWeights,
  sampleRate: number,
  frames: number,
): string | undefined {
  // Of frames without speech, where those are left out, there are never enough.
  const whole: XvectorFrontEnd = frontEnd.kind === 'kaldi' ? { ...frontEnd, vad: false } : frontEnd;
  const least = leastSamples(createXvectorFrontEnd(whole, frameLayers[0]!.inputs), sampleRate, frames);
  if (least === undefined) return undefined;
  const speech = frontEnd.kind === 'kaldi' && frontEnd.vad ? ' with speech' : '';
  const seconds = (least / sampleRate).toPrecision(3);
  return `${least} samples at ${sampleRate} Hz (${seconds} s) for ${framesInWords(frames)}${speech}`;
}

function framesInWords(count: number): string {
  return `${count} frame${count === 1 ? '' : 's'}`;
}
