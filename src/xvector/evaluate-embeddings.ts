import { SerKitError } from '../core/errors.ts';
import type { LabelledClip } from '../core/labelled-clip.ts';
import { equalErrorRateInterval } from '../metrics/equal-error-rate-interval.ts';
import { checkEmbedding, type Embedding } from './embeddings.ts';
import { plainCosine, type Scoring, type ScoringMethod } from './scoring.ts';
import { type Trials, type TrialsOptions, trialsOf } from './trials.ts';

/** Options of {@link evaluateEmbeddings}. */
export interface EvaluateEmbeddingsOptions<C extends LabelledClip> extends TrialsOptions<C> {
  /** Of the interval: the same seed gives the same. */
  readonly seed: number;
  /** Learnt from other speakers than those of these clips. @default plainCosine() */
  readonly scoring?: Scoring | undefined;
  /** @default 1000 */
  readonly resamples?: number | undefined;
  /** @default 0.95 */
  readonly level?: number | undefined;
}

/** Fewer speakers have no interval: of two, every resample that has a rate is the same. */
const FEWEST_FOR_INTERVAL = 4;

/** How well embeddings tell speakers apart. Plain JSON. */
export interface EmbeddingsEvaluation {
  readonly method: ScoringMethod;
  /** In [0, 1]: 0 tells all apart, 0.5 none. */
  readonly equalErrorRate: number;
  /** The interval about it, for other speakers of the same kind; null of fewer than four, whose resamples say nothing of others. */
  readonly low: number | null;
  readonly high: number | null;
  /** Pairs of this score and above are taken for the same speaker where both errors are as frequent. */
  readonly threshold: number;
  readonly pairs: { readonly same: number; readonly different: number };
  readonly speakers: number;
  readonly clips: number;
}

/**
 * The quality of embeddings as a number: the equal error rate over all pairs of clips, with an interval by a bootstrap over
 * speakers ({@link equalErrorRateInterval}) where there are four or more. It needs no labels but who speaks.
 *
 * @param embeddings  one for each clip, in their order
 * @throws SerKitError 'bad-input', 'empty', 'not-finite', 'bad-option'; 'too-short' without pairs of both kinds
 * @example
 * const embeddings = await xvector.extractBatch(waveforms);
 * const { equalErrorRate, low, high } = evaluateEmbeddings(embeddings, clips, { seed: 1 });
 */
export function evaluateEmbeddings<C extends LabelledClip>(
  embeddings: readonly Embedding[],
  clips: readonly C[],
  options: EvaluateEmbeddingsOptions<C>,
): EmbeddingsEvaluation {
  const { scoring = plainCosine(), without, seed, resamples, level } = options;
  if (embeddings.length !== clips.length) {
    throw new SerKitError(
      'bad-input',
      `evaluateEmbeddings: embeddings expected one for each of ${clips.length} clips, got ${embeddings.length}`,
    );
  }
  const trials = trialsOf(clips, { without });
  const scores = scoreTrials(embeddings, trials, scoring);
  const known = clips.filter((clip) => clip.speakerKnown !== false);
  const speakers = new Set(known.map((clip) => clip.speakerId)).size;
  const hasInterval = speakers >= FEWEST_FOR_INTERVAL;
  const { value, low, high, threshold } = equalErrorRateInterval(scores, trials, {
    seed,
    resamples: hasInterval ? resamples : 1,
    level,
  });
  return {
    method: scoring.method,
    equalErrorRate: value,
    low: hasInterval ? low : null,
    high: hasInterval ? high : null,
    threshold,
    pairs: { same: trials.same, different: trials.different },
    speakers,
    clips: known.length,
  };
}

/**
 * The score of each pair.
 *
 * @throws SerKitError 'bad-input', 'empty', 'not-finite'
 * @example
 * const scores = scoreTrials(embeddings, trialsOf(clips), plainCosine());
 */
export function scoreTrials(
  embeddings: readonly Embedding[],
  { a, b }: Pick<Trials, 'a' | 'b'>,
  scoring: Scoring,
): Float64Array<ArrayBuffer> {
  const transformed = embeddings.map((embedding, i) => {
    checkEmbedding('scoreTrials', `embeddings[${i}]`, embedding, embeddings[0]!.length);
    return scoring.transform(embedding);
  });
  const scores = new Float64Array(a.length);
  for (let i = 0; i < scores.length; i++) {
    scores[i] = scoring.scoreTransformed(transformed[a[i]!]!, transformed[b[i]!]!);
  }
  return scores;
}
