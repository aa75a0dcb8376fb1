import { SerKitError } from '../core/errors.ts';
import { checkBySpeaker, type Embedding, type EmbeddingsBySpeaker } from './embeddings.ts';

/** How embeddings vary within speakers and between them. All in float64, matrices row-major. */
export interface SpeakerScatter {
  readonly dims: number;
  readonly clips: number;
  /** Of each speaker. */
  readonly counts: readonly number[];
  /** Of all clips, [dims]. */
  readonly mean: Float64Array<ArrayBuffer>;
  /** Each speaker's mean less the mean of all, [speakers, dims]. */
  readonly means: Float64Array<ArrayBuffer>;
  /** Sum over clips of the products of their deviations from their speaker's mean, [dims, dims]. */
  readonly within: Float64Array<ArrayBuffer>;
  /** What Ledoit & Wolf would have the within-speaker covariance shrunk by, in [0, 1]. */
  readonly ledoitWolf: number;
}

/** Sums over embeddings that were checked. */
export interface SpeakerSums extends Pick<SpeakerScatter, 'mean' | 'means' | 'within'> {
  /** Of the lengths of deviations, the sum of their fourth powers: what Ledoit & Wolf need beside the covariance. */
  readonly fourth: number;
  /** The largest magnitude of a number. */
  readonly largest: number;
}

/** How embeddings vary, whatever they are: clips that never differ, or one clip of each speaker, give zeros. */
export function speakerSums(
  embeddings: readonly Embedding[],
  { dims, clips, bySpeaker }: EmbeddingsBySpeaker,
): SpeakerSums {
  const mean = new Float64Array(dims);
  for (const own of bySpeaker) {
    for (const clip of own) for (let d = 0; d < dims; d++) mean[d]! += embeddings[clip]![d]! / clips;
  }
  const means = new Float64Array(bySpeaker.length * dims);
  const within = new Float64Array(dims * dims);
  const deviation = new Float64Array(dims);
  let [fourth, largest] = [0, 0];
  for (const [s, own] of bySpeaker.entries()) {
    const speakerMean = means.subarray(s * dims, (s + 1) * dims);
    for (const clip of own) {
      for (let d = 0; d < dims; d++) {
        speakerMean[d]! += (embeddings[clip]![d]! - mean[d]!) / own.length;
        largest = Math.max(largest, Math.abs(embeddings[clip]![d]!));
      }
    }
    for (const clip of own) {
      let square = 0;
      for (let d = 0; d < dims; d++) {
        deviation[d] = embeddings[clip]![d]! - mean[d]! - speakerMean[d]!;
        square += deviation[d]! ** 2;
      }
      fourth += square ** 2;
      for (let i = 0; i < dims; i++) {
        const x = deviation[i]!;
        for (let j = 0, at = i * dims; j <= i; j++, at++) within[at]! += x * deviation[j]!;
      }
    }
  }
  for (let i = 0; i < dims; i++) for (let j = 0; j < i; j++) within[j * dims + i] = within[i * dims + j]!;
  return { mean, means, within, fourth, largest };
}

/**
 * @throws SerKitError 'empty', 'bad-input', 'not-finite'; 'too-short' for fewer than two speakers, or one clip of each; 'bad-input'
 *   where clips of a speaker never differ
 */
export function speakerScatter(
  who: string,
  embeddings: readonly Embedding[],
  speakers: readonly string[],
): SpeakerScatter {
  const groups = checkBySpeaker(who, embeddings, speakers);
  const { dims, clips, bySpeaker } = groups;
  if (clips === bySpeaker.length) {
    throw new SerKitError(
      'too-short',
      `${who}: expected two clips or more of a speaker, got one of each of ${clips} speakers: how a speaker's clips differ cannot be told`,
    );
  }
  const { mean, means, within, fourth, largest } = speakerSums(embeddings, groups);
  const trace = traceOf(within, dims);
  // What rounding of the means alone makes of clips that are alike.
  if (trace <= clips * dims * (4 * largest * Number.EPSILON) ** 2) {
    throw new SerKitError('bad-input', `${who}: expected clips of a speaker that differ, got all alike`);
  }
  const ledoitWolf = ledoitWolfOf(within, clips, fourth);
  return { dims, clips, counts: bySpeaker.map((own) => own.length), mean, means, within, ledoitWolf };
}

export function traceOf(matrix: Float64Array, dims: number): number {
  let trace = 0;
  for (let d = 0; d < dims; d++) trace += matrix[d * dims + d]!;
  return trace;
}

/**
 * How much a covariance should be shrunk towards the identity times its mean variance: Ledoit & Wolf (2004), "A
 * well-conditioned estimator for large-dimensional covariance matrices", Journal of Multivariate Analysis 88.
 */
function ledoitWolfOf(scatter: Float64Array, clips: number, fourth: number): number {
  const dims = Math.sqrt(scatter.length);
  const variance = traceOf(scatter, dims) / clips / dims;
  const squares = scatter.reduce((sum, x) => sum + (x / clips) ** 2, 0);
  const distance = squares - dims * variance ** 2;
  const doubt = (fourth / clips - squares) / clips;
  return distance > 0 ? Math.max(0, Math.min(1, doubt / distance)) : 1;
}
