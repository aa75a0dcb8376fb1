import * as z from 'zod/mini';
import { SerKitError } from '../core/errors.ts';
import { count, parseOptions } from '../core/options.ts';
import { bounded } from './bounded-number.ts';
import { checkEmbedding, type Embedding } from './embeddings.ts';
import { pldaByEm } from './plda-em.ts';
import { type Shrinkage, shareOf, shrinkageSchema } from './shrinkage.ts';
import { speakerScatter } from './speaker-scatter.ts';

/** Options of {@link fitPlda}. */
export interface PldaOptions {
  /** Steps of expectation and maximization. @default 20 */
  readonly iterations?: number | undefined;
  /**
   * How far the covariance within speakers is drawn to the identity times its mean variance, in each step: 'auto' is Ledoit &
   * Wolf's (2004) estimate, at least 0.0001 and little where clips are many; 0 does without, and needs more clips than dims + speakers.
   * @default 'auto'
   */
  readonly shrinkage?: Shrinkage | undefined;
}

/** A fitted probabilistic linear discriminant analysis. */
export interface Plda {
  /** Of the embeddings that it takes. */
  readonly dims: number;
  /** In how many directions speakers differ. */
  readonly components: number;
  /** The variance between speakers in each of them, where that within speakers is 1, from the largest on. */
  readonly between: readonly number[];
  /**
   * How much more likely the two are of one speaker than of two, as the natural logarithm of the ratio: above 0 is for
   * one speaker, where one and two are as likely beforehand.
   */
  score(a: Embedding, b: Embedding): number;
  /** [components]: the embedding less the mean, along each direction. */
  transform(embedding: Embedding): Float64Array<ArrayBuffer>;
  /** score() of what transform() gave: for many pairs, each transformed once. */
  scoreTransformed(a: Float64Array, b: Float64Array): number;
  /** A plain value that {@link parsePlda} takes back. */
  toJSON(): PldaJson;
}

/** A probabilistic linear discriminant analysis as it is saved. */
export interface PldaJson {
  readonly kind: 'plda';
  readonly version: 1;
  readonly dims: number;
  readonly mean: readonly number[];
  /** One row of `dims` numbers for each direction. */
  readonly axes: readonly (readonly number[])[];
  readonly between: readonly number[];
}

const optionsSchema = /* @__PURE__ */ (() =>
  z.strictObject({ iterations: z.optional(count.check(z.maximum(10_000))), shrinkage: z.optional(shrinkageSchema) }))();

export const pldaSchema = /* @__PURE__ */ (() =>
  z.strictObject({
    kind: z.literal('plda'),
    version: z.literal(1),
    dims: count,
    mean: z.array(bounded),
    axes: z.array(z.array(bounded)).check(z.minLength(1)),
    between: z.array(bounded.check(z.positive())),
  }))();

/**
 * Learns how speakers differ from one another and each from itself, both as normal distributions of full covariance, and
 * scores pairs by log-likelihood ratio: two-covariance PLDA, x = mean + speaker + rest (Brümmer & de Villiers 2010, "The
 * speaker partitioning problem", Odyssey; Sizov, Lee & Kinnunen 2014, "Unifying probabilistic linear discriminant analysis
 * variants in biometric authentication", S+SSPR; Prince & Elder 2007 for the idea). Fitted by expectation maximization from
 * the scatter matrices of {@link fitLda}; each step raises the likelihood (with shrinkage, the posterior under an inverse
 * Wishart prior on the covariance within speakers).
 *
 * It supposes normal distributions, to which {@link lengthNormalize} brings embeddings nearer, and clips that are independent
 * given the speaker. Fit it on training speakers alone, as many as there are: tens of them say little of how speakers differ
 * in hundreds of dimensions, so reduce by {@link fitLda} first. Time grows with the dimensions' cube: 20 iterations of 128 take
 * seconds, and of 512, minutes, in which this thread does nothing else; after LDA it is a fraction of that.
 *
 * @param speakers  who speaks in each of the embeddings
 * @throws SerKitError 'too-short' for fewer than two speakers or one clip of each; 'bad-input' where lengths differ, clips
 *   of a speaker or speakers' means never do, or with shrinkage 0 a direction has no variance within speakers; 'bad-option';
 *   'empty'; 'not-finite'
 * @example
 * const plda = fitPlda([[0, 1], [1, 3], [4, 0], [5, 1]], ['a', 'a', 'b', 'b']);
 * plda.score([0, 2], [1, 2]) > plda.score([0, 2], [5, 1]); // true
 */
export function fitPlda(
  embeddings: readonly Embedding[],
  speakers: readonly string[],
  options: PldaOptions = {},
): Plda {
  const who = 'fitPlda';
  const { iterations = 20, shrinkage = 'auto' } = parseOptions(who, optionsSchema, options);
  const scatter = speakerScatter(who, embeddings, speakers);
  const { dims } = scatter;
  const { mean, axes, between } = pldaByEm(who, scatter, shareOf(scatter, shrinkage), iterations);
  const components = between.filter((value) => value > Math.max(1e-24, between[0]! * dims * Number.EPSILON)).length;
  if (components === 0)
    throw new SerKitError('bad-input', `${who}: expected speakers whose means differ, got all alike`);
  return createPlda({
    kind: 'plda',
    version: 1,
    dims,
    mean: Array.from(mean),
    axes: Array.from({ length: components }, (_, c) => Array.from(axes.subarray(c * dims, (c + 1) * dims))),
    between: Array.from(between.subarray(0, components)),
  });
}

/**
 * The analysis that a `toJSON()` described, also after a round through JSON text.
 *
 * @throws SerKitError 'bad-format'
 * @example
 * const plda = fitPlda([[0, 1], [1, 3], [4, 0], [5, 1]], ['a', 'a', 'b', 'b']);
 * parsePlda(JSON.parse(JSON.stringify(plda))).components; // 1
 */
export function parsePlda(json: unknown): Plda {
  return createPlda(checkPlda('parsePlda', parseOptions('parsePlda', pldaSchema, json, 'bad-format')));
}

/** @throws SerKitError 'bad-format' where its lists do not fit each other */
export function checkPlda(who: string, saved: PldaJson): PldaJson {
  const { dims, mean, axes, between } = saved;
  const wrong =
    mean.length !== dims
      ? `mean expected ${dims} numbers, got ${mean.length}`
      : axes.some((axis) => axis.length !== dims)
        ? `axes expected rows of ${dims} numbers`
        : axes.length !== between.length || axes.length > dims
          ? `expected as many variances between as axes, at most ${dims}, got ${between.length} and ${axes.length}`
          : undefined;
  if (wrong !== undefined) throw new SerKitError('bad-format', `${who}: ${wrong}`);
  return saved;
}

export function createPlda(saved: PldaJson): Plda {
  const { dims } = saved;
  const mean = Float64Array.from(saved.mean);
  const axes = saved.axes.map((axis) => Float64Array.from(axis));
  // Of each direction, log N([a b]; 0, [[v + 1, v], [v, v + 1]]) - log N(a; 0, v + 1) - log N(b; 0, v + 1), multiplied out.
  const constant = saved.between.reduce((sum, v) => sum + Math.log1p(v) - 0.5 * Math.log1p(2 * v), 0);
  const cross = Float64Array.from(saved.between, (v) => v / (2 * v + 1));
  const square = Float64Array.from(saved.between, (v) => (-v * v) / (2 * (2 * v + 1) * (v + 1)));
  const centred = new Float64Array(dims);
  const transform = (embedding: Embedding, name = 'embedding', who = 'transform'): Float64Array<ArrayBuffer> => {
    checkEmbedding(who, name, embedding, dims);
    for (let d = 0; d < dims; d++) centred[d] = embedding[d]! - mean[d]!;
    return Float64Array.from(axes, (axis) => {
      let sum = 0;
      for (let d = 0; d < dims; d++) sum += axis[d]! * centred[d]!;
      return sum;
    });
  };
  const scoreTransformed = (a: Float64Array, b: Float64Array): number => {
    let sum = constant;
    for (let c = 0; c < cross.length; c++) {
      const x = a[c]!;
      const y = b[c]!;
      sum += cross[c]! * x * y + square[c]! * (x * x + y * y);
    }
    return sum;
  };
  return {
    dims,
    components: axes.length,
    between: [...saved.between],
    score: (a, b) => scoreTransformed(transform(a, 'a', 'score'), transform(b, 'b', 'score')),
    transform: (embedding) => transform(embedding),
    scoreTransformed,
    toJSON: () => structuredClone(saved),
  };
}
