import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { checkFeatureMatrix, type FeatureMatrix } from '../core/feature-matrix.ts';
import { count, parseOptions, positive } from '../core/options.ts';

/** Options of {@link fitStandardizer}. */
export interface StandardizerOptions {
  /** 'corpus': one mean and one deviation a dimension, over all frames of all matrices. @default 'corpus' */
  readonly scope?: 'corpus' | undefined;
}

/** A fitted standardizer. */
export interface Standardizer {
  /** (x - mean) / deviation, dimension by dimension; shape and names stay. */
  transform(matrix: FeatureMatrix): FeatureMatrix;
  /** A plain value that {@link parseStandardizer} takes back. */
  toJSON(): StandardizerJson;
}

/** A standardizer as it is saved. */
export interface StandardizerJson {
  readonly kind: 'standardizer';
  readonly version: 1;
  readonly scope: 'corpus';
  readonly dims: number;
  readonly mean: readonly number[];
  /** All above 0: a dimension that never varied has 1. */
  readonly deviation: readonly number[];
}

const optionsSchema = () =>
  z.strictObject({
    scope: z.optional(z.literal('corpus')),
  });

const jsonSchema = () =>
  z.strictObject({
    kind: z.literal('standardizer'),
    version: z.literal(1),
    scope: z.literal('corpus'),
    dims: count,
    mean: z.array(z.number()),
    deviation: z.array(positive),
  });

/**
 * Learns each dimension's mean and deviation (population, divided by the number of frames) over all frames of all
 * matrices, in float64, so that what it transforms has mean 0 and deviation 1. scikit-learn's StandardScaler: a
 * dimension that does not vary beyond rounding is only centred. Fit it on training clips alone.
 *
 * @throws SerKitError 'empty' for no matrices or no frames; 'bad-input' where dims differ; 'not-finite'
 * @example
 * const standardizer = fitStandardizer(trainingMatrices);
 * const scaled = standardizer.transform(mfcc(waveform));
 */
export function fitStandardizer(matrices: readonly FeatureMatrix[], options: StandardizerOptions = {}): Standardizer {
  parseOptions('fitStandardizer', optionsSchema(), options);
  if (!Array.isArray(matrices)) {
    throw new SerKitError('bad-input', `fitStandardizer: expected an array of FeatureMatrix, got ${quote(matrices)}`);
  }
  if (matrices.length === 0) throw new SerKitError('empty', 'fitStandardizer: expected at least one matrix, got none');
  for (const matrix of matrices) {
    checkFeatureMatrix('fitStandardizer', matrix);
    checkDims('fitStandardizer', matrices[0].dims, matrix);
  }
  const { dims } = matrices[0];
  const frames = matrices.reduce((sum, matrix) => sum + matrix.frames, 0);
  if (frames === 0) throw new SerKitError('empty', 'fitStandardizer: expected at least one frame, got none');

  const mean = new Float64Array(dims);
  for (const { data } of matrices) for (let i = 0; i < data.length; i++) mean[i % dims] += data[i];
  for (let d = 0; d < dims; d++) mean[d] /= frames;
  // The second pass takes squares of what is left after the mean, so nothing cancels.
  const variance = new Float64Array(dims);
  for (const { data } of matrices)
    for (let i = 0; i < data.length; i++) variance[i % dims] += (data[i] - mean[i % dims]) ** 2;
  const deviation = Array.from(variance, (sum, d) => {
    const found = sum / frames;
    // What rounding alone makes of a constant (scikit-learn's bound).
    const noise = frames * Number.EPSILON * found + (frames * mean[d] * Number.EPSILON) ** 2;
    return found <= noise ? 1 : Math.sqrt(found);
  });
  return createStandardizer({
    kind: 'standardizer',
    version: 1,
    scope: 'corpus',
    dims,
    mean: Array.from(mean),
    deviation,
  });
}

/**
 * The standardizer that a `toJSON()` described, also after a round through JSON text.
 *
 * @throws SerKitError 'bad-format'
 */
export function parseStandardizer(json: unknown): Standardizer {
  const saved = parseOptions('parseStandardizer', jsonSchema(), json, 'bad-format');
  const { dims, mean, deviation } = saved;
  if (mean.length !== dims || deviation.length !== dims) {
    const got = `${mean.length} and ${deviation.length}`;
    throw new SerKitError('bad-format', `parseStandardizer: mean and deviation expected ${dims} numbers, got ${got}`);
  }
  return createStandardizer(saved);
}

function checkDims(who: string, dims: number, matrix: FeatureMatrix): void {
  if (matrix.dims === dims) return;
  throw new SerKitError('bad-input', `${who}: dims expected ${dims} in every matrix, got ${matrix.dims}`);
}

function createStandardizer(saved: StandardizerJson): Standardizer {
  const { dims } = saved;
  const mean = Float64Array.from(saved.mean);
  const deviation = Float64Array.from(saved.deviation);
  return {
    transform(matrix) {
      checkFeatureMatrix('transform', matrix);
      checkDims('transform', dims, matrix);
      const data = new Float32Array(matrix.data.length);
      for (let t = 0, at = 0; t < matrix.frames; t++) {
        for (let d = 0; d < dims; d++, at++) data[at] = (matrix.data[at] - mean[d]) / deviation[d];
      }
      return { ...matrix, data };
    },
    toJSON: () => ({ ...saved, mean: [...saved.mean], deviation: [...saved.deviation] }),
  };
}
