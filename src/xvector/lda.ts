import * as z from 'zod/mini';
import { SerKitError } from '../core/errors.ts';
import { count, parseOptions } from '../core/options.ts';
import { generalizedEigen } from '../dsp/generalized-eigen.ts';
import { bounded } from './bounded-number.ts';
import { checkEmbedding, type Embedding } from './embeddings.ts';
import { type Shrinkage, shareOf, shrinkageSchema, shrunkWithin, singular } from './shrinkage.ts';
import { type SpeakerScatter, speakerScatter } from './speaker-scatter.ts';

/** Options of {@link fitLda}. */
export interface LdaOptions {
  /** How many directions are kept. @default as many as there can be: speakers - 1, at most dims */
  readonly components?: number | undefined;
  /**
   * How far the covariance within speakers is drawn to the identity times its mean variance: 'auto' is Ledoit & Wolf's (2004)
   * estimate, at least 0.0001 and little where clips are many; 0 does without, and needs more clips than dims + speakers.
   * @default 'auto'
   */
  readonly shrinkage?: Shrinkage | undefined;
}

/** A fitted linear discriminant analysis. */
export interface Lda {
  /** Of the embeddings that it takes. */
  readonly dims: number;
  /** Of those that it gives. */
  readonly components: number;
  /** Each component's variance between speakers, where that within speakers is 1, from the largest on. */
  readonly separations: readonly number[];
  /** [components], in float64: the embedding less the mean, along each direction. */
  transform(embedding: Embedding): Float64Array<ArrayBuffer>;
  /** A plain value that {@link parseLda} takes back. */
  toJSON(): LdaJson;
}

/** A linear discriminant analysis as it is saved. */
export interface LdaJson {
  readonly kind: 'lda';
  readonly version: 1;
  readonly dims: number;
  readonly mean: readonly number[];
  /** One row of `dims` numbers for each component. */
  readonly axes: readonly (readonly number[])[];
  readonly separations: readonly number[];
}

const optionsSchema = /* @__PURE__ */ (() =>
  z.strictObject({ components: z.optional(count), shrinkage: z.optional(shrinkageSchema) }))();

export const ldaSchema = /* @__PURE__ */ (() =>
  z.strictObject({
    kind: z.literal('lda'),
    version: z.literal(1),
    dims: count,
    mean: z.array(bounded),
    axes: z.array(z.array(bounded)).check(z.minLength(1)),
    separations: z.array(bounded),
  }))();

/**
 * Learns the directions in which speakers differ most against how much the clips of one speaker differ (linear discriminant
 * analysis, Fisher 1936, Rao 1948): eigenvectors of between v = separation * within v, scaled so that the variance within
 * speakers is 1 in every component and none goes with another. Numbers are those of scikit-learn's
 * LinearDiscriminantAnalysis(solver='svd') where shrinkage is 0, up to signs and, as variances are divided by clips -
 * speakers here and by clips there, one factor; the entry of largest magnitude in each
 * direction is positive. Fit it on training speakers alone.
 *
 * @param speakers  who speaks in each of the embeddings
 * @throws SerKitError 'too-short' for fewer than two speakers or one clip of each; 'bad-input' where lengths differ, clips
 *   of a speaker never do, or with shrinkage 0 a direction has no variance within speakers; 'bad-option', also for more
 *   components than directions in which speakers differ; 'empty'; 'not-finite'
 * @example
 * const lda = fitLda([[0, 1], [1, 3], [4, 0], [5, 1]], ['a', 'a', 'b', 'b']);
 * lda.transform([2, 2]); // one number: two speakers differ in one direction
 */
export function fitLda(embeddings: readonly Embedding[], speakers: readonly string[], options: LdaOptions = {}): Lda {
  const who = 'fitLda';
  const parsed = parseOptions(who, optionsSchema, options);
  return createLda(ldaOf(who, speakerScatter(who, embeddings, speakers), parsed));
}

function ldaOf(who: string, scatter: SpeakerScatter, { components, shrinkage = 'auto' }: LdaOptions): LdaJson {
  const { dims, means, counts, clips } = scatter;
  const between = new Float64Array(dims * dims);
  for (const [s, own] of counts.entries()) {
    const mean = means.subarray(s * dims, (s + 1) * dims);
    for (let i = 0; i < dims; i++) {
      const x = (mean[i]! * own) / clips;
      for (let j = 0; j < dims; j++) between[i * dims + j]! += x * mean[j]!;
    }
  }
  const found = generalizedEigen(between, shrunkWithin(scatter, shareOf(scatter, shrinkage)), dims);
  if ('rank' in found) throw singular(who, found.rank, dims);
  const most = Math.min(
    counts.length - 1,
    found.values.filter((value) => value > found.values[0]! * dims * Number.EPSILON && value > 1e-24).length,
  );
  if (most === 0) throw new SerKitError('bad-input', `${who}: expected speakers whose means differ, got all alike`);
  if (components !== undefined && components > most) {
    throw new SerKitError(
      'bad-option',
      `${who}: components expected at most ${most}, the directions in which ${counts.length} speakers differ, got ${components}`,
    );
  }
  const kept = components ?? most;
  return {
    kind: 'lda',
    version: 1,
    dims,
    mean: Array.from(scatter.mean),
    axes: Array.from({ length: kept }, (_, c) => Array.from(found.vectors.subarray(c * dims, (c + 1) * dims))),
    separations: Array.from(found.values.subarray(0, kept)),
  };
}

/**
 * The analysis that a `toJSON()` described, also after a round through JSON text.
 *
 * @throws SerKitError 'bad-format'
 * @example
 * const lda = fitLda([[0, 1], [1, 3], [4, 0], [5, 1]], ['a', 'a', 'b', 'b']);
 * parseLda(JSON.parse(JSON.stringify(lda))).components; // 1
 */
export function parseLda(json: unknown): Lda {
  return createLda(checkLda('parseLda', parseOptions('parseLda', ldaSchema, json, 'bad-format')));
}

/** @throws SerKitError 'bad-format' where its lists do not fit each other */
export function checkLda(who: string, saved: LdaJson): LdaJson {
  const { dims, mean, axes, separations } = saved;
  const wrong =
    mean.length !== dims
      ? `mean expected ${dims} numbers, got ${mean.length}`
      : axes.some((axis) => axis.length !== dims)
        ? `axes expected rows of ${dims} numbers`
        : axes.length !== separations.length || axes.length > dims
          ? `expected as many separations as axes, at most ${dims}, got ${separations.length} and ${axes.length}`
          : undefined;
  if (wrong !== undefined) throw new SerKitError('bad-format', `${who}: ${wrong}`);
  return saved;
}

export function createLda(saved: LdaJson): Lda {
  const { dims } = saved;
  const mean = Float64Array.from(saved.mean);
  const axes = saved.axes.map((axis) => Float64Array.from(axis));
  const centred = new Float64Array(dims);
  return {
    dims,
    components: axes.length,
    separations: [...saved.separations],
    transform(embedding) {
      checkEmbedding('transform', 'embedding', embedding, dims);
      for (let d = 0; d < dims; d++) centred[d] = embedding[d]! - mean[d]!;
      return Float64Array.from(axes, (axis) => {
        let sum = 0;
        for (let d = 0; d < dims; d++) sum += axis[d]! * centred[d]!;
        return sum;
      });
    },
    toJSON: () => structuredClone(saved),
  };
}
