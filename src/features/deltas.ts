import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { checkFeatureMatrix, type FeatureMatrix } from '../core/feature-matrix.ts';
import { parseOptions } from '../core/options.ts';

/** Options of {@link deltas}. */
export interface DeltasOptions {
  /** Over how many frames the polynomial is fitted: odd, from 3 on. @default 9 */
  readonly width?: number | undefined;
  /** 1: the slope of a line. 2: the second derivative of a parabola. @default 1 */
  readonly order?: 1 | 2 | undefined;
}

const deltasSchema = () =>
  z.strictObject({
    width: z.optional(z.int().check(z.minimum(3))),
    order: z.optional(z.literal([1, 2])),
  });

/**
 * How a least-squares polynomial's derivative weighs the frames -half..half around it (Savitzky and Golay 1964): n /
 * sum n^2 for the slope of a line, and 2 q / sum q^2 with q = n^2 - mean n^2 for the second derivative of a parabola.
 */
function derivativeWeights(width: number, order: 1 | 2): Float64Array {
  const half = (width - 1) / 2;
  const offsets = Array.from({ length: width }, (_, i) => i - half);
  const meanSquare = offsets.reduce((sum, n) => sum + n * n, 0) / width;
  const terms = offsets.map((n) => (order === 1 ? n : n * n - meanSquare));
  const norm = terms.reduce((sum, q) => sum + q * q, 0) / order;
  return Float64Array.from(terms, (q) => q / norm);
}

/**
 * How features change from frame to frame, [frames, dims] as the input: the derivative (of that order alone) of a
 * polynomial fitted to `width` frames around each frame, in units per frame (or per frame squared). The first and the
 * last frames take the derivative of the polynomial through the first and the last `width` frames. The numbers are
 * librosa.feature.delta's. Names become 'delta ...' or 'delta2 ...'.
 *
 * @throws SerKitError 'too-short' for fewer than `width` frames; 'bad-option', 'bad-input', 'not-finite'
 * @example
 * const m = mfcc(waveform);
 * const withDeltas = stack([m, deltas(m), deltas(m, { order: 2 })]);
 */
export function deltas(matrix: FeatureMatrix, options: DeltasOptions = {}): FeatureMatrix {
  const { width = 9, order = 1 } = parseOptions('deltas', deltasSchema(), options);
  if (width % 2 === 0) {
    throw new SerKitError('bad-option', `deltas: width expected an odd number, got ${quote(width)}`);
  }
  checkFeatureMatrix('deltas', matrix);
  const { data: x, frames, dims, names } = matrix;
  if (frames < width) {
    throw new SerKitError('too-short', `deltas: expected at least width = ${width} frames, got ${frames}`);
  }
  const weights = derivativeWeights(width, order);
  const half = (width - 1) / 2;
  const data = new Float32Array(x.length);
  for (let t = 0; t < frames; t++) {
    // At the ends the polynomial of the nearest full window has the same derivative throughout: its order is its degree.
    const first = Math.min(Math.max(t - half, 0), frames - width);
    for (let d = 0; d < dims; d++) {
      let sum = 0;
      for (let i = 0, at = first * dims + d; i < width; i++, at += dims) sum += weights[i] * x[at];
      data[t * dims + d] = sum;
    }
  }
  return { data, frames, dims, ...(names && { names: deltaNames(names, order) }) };
}

/** What deltas() calls the rates of change of features with these names. */
export function deltaNames(names: readonly string[], order: 1 | 2): readonly string[] {
  const prefix = order === 1 ? 'delta' : 'delta2';
  return names.map((name) => `${prefix} ${name}`);
}
