import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { checkFeatureMatrix, type FeatureMatrix } from '../core/feature-matrix.ts';
import { count, nonNegative, parseOptions, positive } from '../core/options.ts';
import { covarianceOf } from './covariance.ts';
import { numbered } from './extractor.ts';
import { checkDims, checkMatrices, meanOf } from './moments.ts';
import { principalAxes } from './principal-axes.ts';

/** Options of {@link fitPca}: `components`, or `share`, or neither, which keeps every direction in which frames vary. */
export interface PcaOptions {
  /** How many components are kept, at most as many as there are directions in which the frames vary. */
  readonly components?: number | undefined;
  /** The fewest components that hold this share of the variance, in (0, 1]. */
  readonly share?: number | undefined;
  /** Divide each component by its deviation, so that all have variance 1. @default false */
  readonly whiten?: boolean | undefined;
}

/** A fitted principal component analysis. */
export interface Pca {
  /** Of the frames that it takes. */
  readonly dims: number;
  /** How many components are kept. */
  readonly components: number;
  /** Variance of each component over the frames it was fitted on (divided by frames - 1), from the largest on. */
  readonly explainedVariance: readonly number[];
  /** The same as shares of the variance of all dimensions. */
  readonly explainedVarianceRatio: readonly number[];
  /** 'pca0', 'pca1', ... */
  readonly names: readonly string[];
  /** [frames, components]: each frame less the mean, along each component. */
  transform(matrix: FeatureMatrix): FeatureMatrix;
  /** [frames, dims]: the frames that have these components and the mean in whatever was left out. */
  inverse(matrix: FeatureMatrix): FeatureMatrix;
  /** A plain value that {@link parsePca} takes back. */
  toJSON(): PcaJson;
}

/** A principal component analysis as it is saved. */
export interface PcaJson {
  readonly kind: 'pca';
  readonly version: 1;
  readonly dims: number;
  readonly mean: readonly number[];
  /** One row of `dims` numbers for each component. */
  readonly axes: readonly (readonly number[])[];
  readonly explainedVariance: readonly number[];
  /** Of all dimensions, those left out too. */
  readonly totalVariance: number;
  readonly whiten: boolean;
}

const optionsSchema = () =>
  z.strictObject({
    components: z.optional(count),
    share: z.optional(z.number().check(z.positive(), z.maximum(1))),
    whiten: z.optional(z.literal([true, false])),
  });

const jsonSchema = () =>
  z.strictObject({
    kind: z.literal('pca'),
    version: z.literal(1),
    dims: count,
    mean: z.array(z.number()),
    axes: z.array(z.array(z.number())).check(z.minLength(1)),
    explainedVariance: z.array(positive),
    totalVariance: nonNegative,
    whiten: z.literal([true, false]),
  });

/**
 * Learns the directions in which frames vary most (principal component analysis, Pearson 1901): the eigenvectors of the
 * covariance of all frames of all matrices, in float64, each with its entry of largest magnitude positive. Numbers and
 * signs are those of scikit-learn's PCA. Fit it on training clips alone, and standardize first where dimensions have
 * different units: a direction whose variance is below dims * 2.2e-16 of the largest counts as one without any.
 *
 * @throws SerKitError 'too-short' for fewer than 2 frames; 'bad-option', also for more components than directions in
 *   which the frames vary; 'empty'; 'bad-input' where dims differ or all frames are alike; 'not-finite'
 * @example
 * const trainingMatrices = waveforms.map((each) => mfcc(each));
 * const pca = fitPca(trainingMatrices, { share: 0.95 });
 * const { dims } = pca.transform(mfcc(waveform)); // pca.components, at most 20
 * const kept = pca.explainedVarianceRatio.reduce((sum, ratio) => sum + ratio, 0); // at least 0.95
 */
export function fitPca(matrices: readonly FeatureMatrix[], options: PcaOptions = {}): Pca {
  const { components, share, whiten = false } = parsePcaOptions('fitPca', options);
  const frames = checkMatrices('fitPca', matrices);
  if (frames < 2) throw new SerKitError('too-short', `fitPca: expected at least 2 frames, got ${frames}`);
  const { dims } = matrices[0];
  const mean = meanOf(matrices, dims, frames);
  const covariance = covarianceOf(matrices, mean, frames);
  let totalVariance = 0;
  for (let d = 0; d < dims; d++) totalVariance += covariance[d * dims + d];
  // What rounding of the mean alone makes of frames that are alike.
  const noise = mean.reduce((sum, m) => sum + (frames * m * Number.EPSILON) ** 2, 0);
  if (totalVariance <= noise) {
    throw new SerKitError('bad-input', `fitPca: expected frames that differ, got ${frames} that are alike`);
  }
  const { axes, variances } = principalAxes(covariance, dims);
  // n frames vary in n - 1 directions at most; any more would be rounding.
  const most = Math.min(variances.length, frames - 1);
  if (components !== undefined && components > most) {
    throw new SerKitError(
      'bad-option',
      `fitPca: components expected at most ${most}, the directions in which the frames vary, got ${components}`,
    );
  }
  const kept = components ?? (share === undefined ? most : fewestWith(share * totalVariance, variances, most));
  return createPca({
    kind: 'pca',
    version: 1,
    dims,
    mean: Array.from(mean),
    axes: Array.from({ length: kept }, (_, c) => Array.from(axes.subarray(c * dims, (c + 1) * dims))),
    explainedVariance: Array.from(variances.subarray(0, kept)),
    totalVariance,
    whiten,
  });
}

/**
 * Checks options of {@link fitPca} before there is anything to fit.
 *
 * @throws SerKitError 'bad-option'
 */
export function parsePcaOptions(who: string, options: unknown): PcaOptions {
  const parsed = parseOptions(who, optionsSchema(), options);
  if (parsed.components !== undefined && parsed.share !== undefined) {
    throw new SerKitError(
      'bad-option',
      `${who}: expected components or share, got both (${parsed.components} and ${parsed.share})`,
    );
  }
  return parsed;
}

/** How many variances, from the largest on, add up to a sum; `most` where rounding keeps them below it. */
function fewestWith(wanted: number, variances: Float64Array, most: number): number {
  let sum = 0;
  for (let kept = 1; kept < most; kept++) {
    sum += variances[kept - 1];
    if (sum >= wanted) return kept;
  }
  return most;
}

/**
 * The analysis that a `toJSON()` described, also after a round through JSON text.
 *
 * @throws SerKitError 'bad-format'
 * @example
 * const text = JSON.stringify(fitPca([mfcc(waveform)], { components: 5 }));
 * const again = parsePca(JSON.parse(text)); // components 5
 */
export function parsePca(json: unknown): Pca {
  const saved = parseOptions('parsePca', jsonSchema(), json, 'bad-format');
  const { dims, mean, axes, explainedVariance, totalVariance } = saved;
  const expect = (what: string, expected: number, got: number): void => {
    if (got === expected) return;
    throw new SerKitError('bad-format', `parsePca: ${what} expected ${expected} numbers, got ${got}`);
  };
  expect('mean', dims, mean.length);
  for (const [c, axis] of axes.entries()) expect(`axes[${c}]`, dims, axis.length);
  expect('explainedVariance', axes.length, explainedVariance.length);
  if (axes.length > dims || totalVariance === 0) {
    throw new SerKitError(
      'bad-format',
      `parsePca: expected at most ${dims} axes of a variance > 0, got ${quote(axes.length)} of ${quote(totalVariance)}`,
    );
  }
  return createPca(saved);
}

function createPca(saved: PcaJson): Pca {
  const { dims, explainedVariance, totalVariance, whiten } = saved;
  const components = saved.axes.length;
  const names = numbered('pca', components);
  const mean = Float64Array.from(saved.mean);
  // [dims, components]: what one dimension adds to each component lies side by side, and additions wait for no other.
  const axes = Float64Array.from(
    { length: dims * components },
    (_, i) => saved.axes[i % components][Math.floor(i / components)],
  );
  const scale = Float64Array.from(explainedVariance, (variance) => (whiten ? Math.sqrt(variance) : 1));
  return {
    dims,
    components,
    explainedVariance: [...explainedVariance],
    explainedVarianceRatio: explainedVariance.map((variance) => variance / totalVariance),
    names,
    transform(matrix) {
      checkFeatureMatrix('transform', matrix);
      checkDims('transform', dims, matrix);
      const { frames } = matrix;
      const data = new Float32Array(frames * components);
      const along = new Float64Array(components);
      for (let t = 0; t < frames; t++) {
        along.fill(0);
        for (let d = 0, at = 0; d < dims; d++) {
          const centred = matrix.data[t * dims + d] - mean[d];
          for (let c = 0; c < components; c++, at++) along[c] += centred * axes[at];
        }
        for (let c = 0; c < components; c++) data[t * components + c] = along[c] / scale[c];
      }
      return { data, frames, dims: components, names };
    },
    inverse(matrix) {
      checkFeatureMatrix('inverse', matrix);
      checkDims('inverse', components, matrix);
      const { frames } = matrix;
      const data = new Float32Array(frames * dims);
      const along = new Float64Array(components);
      for (let t = 0; t < frames; t++) {
        for (let c = 0; c < components; c++) along[c] = matrix.data[t * components + c] * scale[c];
        for (let d = 0, at = 0; d < dims; d++) {
          let sum = mean[d];
          for (let c = 0; c < components; c++, at++) sum += along[c] * axes[at];
          data[t * dims + d] = sum;
        }
      }
      return { data, frames, dims };
    },
    toJSON: () => structuredClone(saved),
  };
}
