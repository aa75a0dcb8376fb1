import * as z from 'zod/mini';
import { SerKitError } from '../core/errors.ts';
import { count, parseOptions } from '../core/options.ts';
import { bounded } from './bounded-number.ts';
import { checkBySpeaker, checkEmbedding, type Embedding } from './embeddings.ts';
import { checkLda, createLda, fitLda, type LdaJson, ldaSchema } from './lda.ts';
import { toLength } from './length-norm.ts';
import { checkPlda, createPlda, fitPlda, type PldaJson, pldaSchema } from './plda.ts';
import { type Shrinkage, shrinkageSchema } from './shrinkage.ts';

/** What a score is: the cosine of two embeddings, that after LDA, or the log-likelihood ratio of PLDA. */
export type ScoringMethod = 'cosine' | 'lda' | 'plda';

/** Options of {@link fitScoring}. */
export interface ScoringOptions {
  /** @default 'cosine' */
  readonly method?: ScoringMethod | undefined;
  /** Whether the mean of the embeddings learnt from is subtracted first. @default true */
  readonly center?: boolean | undefined;
  /** Whether embeddings are scaled to one length before LDA and before PLDA (unless LDA leaves one dimension). @default true */
  readonly lengthNormalize?: boolean | undefined;
  /**
   * How many directions LDA keeps, for 'lda' and 'plda'; null for PLDA without LDA before it. Of one direction the cosine is 1 or -1: 'plda' then
   * says more than 'lda'.
   * @default as many as there can be: speakers - 1, at most dims
   */
  readonly components?: number | null | undefined;
  /** Of LDA and PLDA. @default 'auto' */
  readonly shrinkage?: Shrinkage | undefined;
  /** Of PLDA. @default 20 */
  readonly iterations?: number | undefined;
}

/** A way of saying how likely two embeddings are of one speaker; higher is more alike. */
export interface Scoring {
  readonly method: ScoringMethod;
  /** Of the embeddings that it takes; null where any length will do. */
  readonly dims: number | null;
  /** The score of two embeddings. */
  score(a: Embedding, b: Embedding): number;
  /** An embedding in the space in which scores are computed, float64. */
  transform(embedding: Embedding): Float64Array<ArrayBuffer>;
  /** score() of what transform() gave: for many pairs, each transformed once. */
  scoreTransformed(a: Float64Array, b: Float64Array): number;
  /** A plain value that {@link parseScoring} takes back. */
  toJSON(): ScoringJson;
}

/** A scoring as it is saved. */
export interface ScoringJson {
  readonly kind: 'scoring';
  readonly version: 1;
  readonly method: ScoringMethod;
  /** What is subtracted first; null where nothing is. */
  readonly mean: readonly number[] | null;
  readonly lengthNormalize: boolean;
  readonly lda: LdaJson | null;
  readonly plda: PldaJson | null;
}

const METHODS = ['cosine', 'lda', 'plda'] as const;

const optionsSchema = /* @__PURE__ */ (() =>
  z.strictObject({
    method: z.optional(z.enum(METHODS)),
    center: z.optional(z.boolean()),
    lengthNormalize: z.optional(z.boolean()),
    components: z.optional(z.nullable(count)),
    shrinkage: z.optional(shrinkageSchema),
    iterations: z.optional(count),
  }))();

const jsonSchema = /* @__PURE__ */ (() =>
  z.strictObject({
    kind: z.literal('scoring'),
    version: z.literal(1),
    method: z.enum(METHODS),
    mean: z.nullable(z.array(bounded).check(z.minLength(1))),
    lengthNormalize: z.boolean(),
    lda: z.nullable(ldaSchema),
    plda: z.nullable(pldaSchema),
  }))();

/** The scoring that learns nothing: the cosine of two embeddings as they are. */
export function plainCosine(): Scoring {
  return createScoring({
    kind: 'scoring',
    version: 1,
    method: 'cosine',
    mean: null,
    lengthNormalize: true,
    lda: null,
    plda: null,
  });
}

/**
 * Learns from training speakers how to score pairs of embeddings, step by step: less the mean; to length 1; for 'lda' and
 * 'plda' through {@link fitLda}; for 'plda' to one length again and through {@link fitPlda}, whose log-likelihood ratio is
 * the score, and otherwise the cosine.
 *
 * Whatever it learns, test speakers must not have been among those it learns from. With tens of speakers LDA and PLDA may
 * gain nothing over the cosine, or lose: measure with {@link evaluateEmbeddings}.
 *
 * @param speakers  who speaks in each of the embeddings
 * @throws SerKitError as fitLda() and fitPlda() do; 'bad-option', also for options that the method does not have
 * @example
 * const embeddings = [[0, 1, 1], [1, 3, 0], [4, 0, 1], [5, 1, 2], [3, 3, 3], [4, 4, 2]];
 * const scoring = fitScoring(embeddings, ['a', 'a', 'b', 'b', 'c', 'c'], { method: 'plda' });
 * scoring.score([0, 2, 1], [1, 2, 0]); // above 0 where one speaker is the likelier
 */
export function fitScoring(
  embeddings: readonly Embedding[],
  speakers: readonly string[],
  options: ScoringOptions = {},
): Scoring {
  const who = 'fitScoring';
  const parsed = parseOptions(who, optionsSchema, options);
  const { method = 'cosine', center = true, lengthNormalize = true, components, shrinkage, iterations } = parsed;
  const foreign = Object.entries({
    components: method === 'cosine' || (method === 'lda' && components === null),
    shrinkage: method === 'cosine',
    iterations: method !== 'plda',
  }).find(([name, isForeign]) => isForeign && parsed[name as keyof typeof parsed] !== undefined);
  if (foreign !== undefined) {
    const got = parsed[foreign[0] as keyof typeof parsed];
    throw new SerKitError('bad-option', `${who}: ${foreign[0]} expected nothing with method ${method}, got ${got}`);
  }
  const { dims, clips } = checkBySpeaker(who, embeddings, speakers);
  const mean = new Float64Array(dims);
  for (const embedding of embeddings) for (let d = 0; d < dims; d++) mean[d]! += embedding[d]! / clips;
  let json: ScoringJson = {
    ...plainCosine().toJSON(),
    mean: center ? Array.from(mean) : null,
    lengthNormalize,
  };
  if (method !== 'cosine') {
    const reduced = components !== null;
    const before = embeddings.map((embedding) => firstSteps(json, embedding));
    if (reduced) json = { ...json, lda: fitLda(before, speakers, { components, shrinkage }).toJSON() };
    if (method === 'plda') {
      const lda = json.lda === null ? undefined : createLda(json.lda);
      const vectors = before.map((vector) => reduce(json, lda, vector));
      json = { ...json, plda: fitPlda(vectors, speakers, { shrinkage, iterations }).toJSON() };
    }
  }
  return createScoring({ ...json, method });
}

/**
 * The scoring that a `toJSON()` described, also after a round through JSON text.
 *
 * @throws SerKitError 'bad-format'
 * @example
 * const scoring = parseScoring(JSON.parse(JSON.stringify(plainCosine())));
 * scoring.score([1, 0], [1, 1]); // 0.7071...
 */
export function parseScoring(json: unknown): Scoring {
  const who = 'parseScoring';
  const saved = parseOptions(who, jsonSchema, json, 'bad-format');
  const { method, mean, lda, plda } = saved;
  if (lda !== null) checkLda(who, lda);
  if (plda !== null) checkPlda(who, plda);
  const fits =
    (lda === null || method !== 'cosine') &&
    (plda !== null) === (method === 'plda') &&
    (method !== 'lda' || lda !== null);
  if (!fits) {
    throw new SerKitError('bad-format', `${who}: expected what method ${method} is made of, got ${partsOf(saved)}`);
  }
  const widths = [mean?.length, lda?.dims].filter((width) => width !== undefined);
  if (new Set(widths).size > 1 || (plda !== null && plda.dims !== (lda?.axes.length ?? mean?.length ?? plda.dims))) {
    throw new SerKitError('bad-format', `${who}: expected parts of dims that fit each other, got ${partsOf(saved)}`);
  }
  return createScoring(saved);
}

function partsOf({ mean, lda, plda }: ScoringJson): string {
  const parts = [
    mean && `a mean of ${mean.length}`,
    lda && `LDA from ${lda.dims} to ${lda.axes.length}`,
    plda && `PLDA of ${plda.dims}`,
  ];
  return parts.filter((part) => part !== null).join(', ') || 'no parts';
}

/** Less the mean, and to length 1. */
function firstSteps({ mean, lengthNormalize }: ScoringJson, embedding: Embedding): Float64Array<ArrayBuffer> {
  const vector = Float64Array.from(embedding, (x, d) => x - (mean?.[d] ?? 0));
  return lengthNormalize ? toLength(vector, 1) : vector;
}

/**
 * Through LDA, and to one length again: the root of the dimensions, so that variances stay about 1. One dimension stays as it is: of one length
 * nothing would be left but its sign.
 */
function reduce(
  { lengthNormalize }: ScoringJson,
  lda: ReturnType<typeof createLda> | undefined,
  vector: Float64Array<ArrayBuffer>,
): Float64Array<ArrayBuffer> {
  if (lda === undefined) return vector;
  const reduced = lda.transform(vector);
  return lengthNormalize && reduced.length > 1 ? toLength(reduced, Math.sqrt(reduced.length)) : reduced;
}

function createScoring(saved: ScoringJson): Scoring {
  const { method, mean } = saved;
  const lda = saved.lda === null ? undefined : createLda(saved.lda);
  const plda = saved.plda === null ? undefined : createPlda(saved.plda);
  const dims = mean?.length ?? lda?.dims ?? plda?.dims ?? null;
  const transform = (embedding: Embedding, name = 'embedding', who = 'transform'): Float64Array<ArrayBuffer> => {
    checkEmbedding(who, name, embedding, dims ?? undefined);
    const vector = reduce(saved, lda, firstSteps(saved, embedding));
    if (plda !== undefined) return plda.transform(vector);
    const unit = toLength(vector, 1);
    if (unit.every((x) => x === 0)) {
      const what = mean === null ? 'a number other than 0, got zeros' : 'to differ from the mean, got the mean';
      throw new SerKitError('bad-input', `${who}: ${name} expected ${what}, which has no direction`);
    }
    return unit;
  };
  const scoreTransformed = (a: Float64Array, b: Float64Array): number => {
    if (plda !== undefined) return plda.scoreTransformed(a, b);
    let sum = 0;
    for (let d = 0; d < a.length; d++) sum += a[d]! * b[d]!;
    return Math.max(-1, Math.min(1, sum));
  };
  return {
    method,
    dims,
    transform: (embedding) => transform(embedding),
    scoreTransformed,
    score(a, b) {
      if (dims === null) checkEmbedding('score', 'b', b, a?.length);
      return scoreTransformed(transform(a, 'a', 'score'), transform(b, 'b', 'score'));
    },
    toJSON: () => structuredClone(saved),
  };
}
