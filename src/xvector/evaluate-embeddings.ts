import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { count, parseOptions, seedNumber } from '../core/options.ts';
import { equalErrorRateInterval } from '../metrics/equal-error-rate-interval.ts';
import { checkEmbedding, type Embedding } from './embeddings.ts';
import { plainCosine, type Scoring, type ScoringMethod } from './scoring.ts';
import {
  type ClipOfSpeaker,
  checkClipsOfSpeakers,
  type Trials,
  type TrialsOptions,
  trialsFields,
  trialsOf,
} from './trials.ts';

/** Options of {@link evaluateEmbeddings}. */
export interface EvaluateEmbeddingsOptions<C extends ClipOfSpeaker> extends TrialsOptions<C> {
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

const optionsSchema = /* @__PURE__ */ (() =>
  z.strictObject({
    ...trialsFields,
    seed: seedNumber,
    scoring: z.optional(z.custom(isScoring, 'a scoring, as of plainCosine() or fitScoring()')),
    resamples: z.optional(count.check(z.maximum(1_000_000))),
    level: z.optional(z.number().check(z.gt(0), z.lt(1))),
  }))();

function isScoring(value: unknown): value is Scoring {
  const { transform, scoreTransformed } = (value ?? {}) as Partial<Scoring>;
  return typeof transform === 'function' && typeof scoreTransformed === 'function';
}

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
 * @param clips  who speaks in each: { speakerId } is enough
 * @throws SerKitError 'bad-input', 'empty', 'not-finite', 'bad-option'; 'too-short' without pairs of both kinds
 * @example
 * const embeddings = await xvector.extractBatch(waveforms);
 * const { equalErrorRate, low, high } = evaluateEmbeddings(embeddings, clips, { seed: 1 });
 */
export function evaluateEmbeddings<C extends ClipOfSpeaker>(
  embeddings: readonly Embedding[],
  clips: readonly C[],
  options: EvaluateEmbeddingsOptions<C>,
): EmbeddingsEvaluation {
  const who = 'evaluateEmbeddings';
  parseOptions(who, optionsSchema, options);
  const { scoring = plainCosine(), without, seed, resamples, level } = options;
  checkClipsOfSpeakers(who, clips);
  checkEmbeddings(who, embeddings);
  if (embeddings.length !== clips.length) {
    throw new SerKitError(
      'bad-input',
      `${who}: embeddings expected one for each of ${clips.length} clips, got ${embeddings.length}`,
    );
  }
  const trials = trialsOf(clips, { without });
  const scores = scoresOf(embeddings, trials, scoring);
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
  trials: Pick<Trials, 'a' | 'b'>,
  scoring: Scoring,
): Float64Array<ArrayBuffer> {
  const who = 'scoreTrials';
  checkEmbeddings(who, embeddings);
  if (!isScoring(scoring)) {
    const text = `${who}: scoring expected one, as of plainCosine() or fitScoring(), got ${quote(scoring)}`;
    throw new SerKitError('bad-input', text);
  }
  checkTrials(who, trials, embeddings.length);
  return scoresOf(embeddings, trials, scoring);
}

function checkEmbeddings(who: string, embeddings: readonly Embedding[]): void {
  if (!Array.isArray(embeddings)) {
    throw new SerKitError('bad-input', `${who}: embeddings expected a list, got ${quote(embeddings)}`);
  }
  const first = embeddings[0] as Embedding | undefined;
  for (const [i, embedding] of embeddings.entries()) {
    checkEmbedding(who, `embeddings[${i}]`, embedding, i === 0 ? undefined : first!.length);
  }
}

function checkTrials(who: string, trials: Pick<Trials, 'a' | 'b'>, embeddings: number): void {
  const { a, b } = (trials ?? {}) as Partial<Trials>;
  if (!(a instanceof Uint32Array && b instanceof Uint32Array && a.length === b.length)) {
    throw new SerKitError('bad-input', `${who}: trials expected pairs as of trialsOf(), got ${quote(trials)}`);
  }
  for (const places of [a, b]) {
    const beyond = places.find((place) => place >= embeddings);
    if (beyond === undefined) continue;
    const text = `${who}: trials expected places in ${embeddings} embeddings, from 0 on, got ${beyond}`;
    throw new SerKitError('bad-input', text);
  }
}

/** Of embeddings, pairs and a scoring that were checked. */
function scoresOf(
  embeddings: readonly Embedding[],
  { a, b }: Pick<Trials, 'a' | 'b'>,
  scoring: Scoring,
): Float64Array<ArrayBuffer> {
  const transformed = embeddings.map((embedding) => scoring.transform(embedding));
  const scores = new Float64Array(a.length);
  for (let i = 0; i < scores.length; i++) {
    scores[i] = scoring.scoreTransformed(transformed[a[i]!]!, transformed[b[i]!]!);
  }
  return scores;
}
