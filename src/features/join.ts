import { quote, SerKitError } from '../core/errors.ts';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import { checkFinite } from '../core/finite.ts';

/** One vector for a whole utterance, as {@link functionals} gives it. */
export interface FeatureVector {
  readonly values: Float32Array<ArrayBuffer>;
  /** What each value is, one name each. */
  readonly names: readonly string[];
}

/** What {@link join} takes: a vector with its names, without them, or bare numbers such as an embedding. */
export type JoinableVector =
  | { readonly values: Float32Array<ArrayBuffer>; readonly names?: readonly string[] | undefined }
  | Float32Array<ArrayBuffer>;

/**
 * Vectors of one utterance end to end, [sum of lengths] (fusion at the level of utterances; {@link stack} is fusion at
 * the level of frames): the functionals of several features, an embedding such as an x-vector among them. Value d of a
 * vector without names, the list's number i, is called 'vector<i>[<d>]'.
 *
 * @throws SerKitError 'empty' for no vectors or one without values; 'bad-input'; 'not-finite'
 * @example
 * const meanLevel = { values: Float32Array.of(0.2), names: ['mean rms'] };
 * const embedding = new Float32Array(512);
 * const joined = join([meanLevel, embedding]);
 * joined.names[1]; // 'vector1[0]'
 */
export function join(vectors: readonly JoinableVector[]): FeatureVector {
  if (!Array.isArray(vectors)) {
    throw new SerKitError('bad-input', `join: expected an array of vectors, got ${quote(vectors)}`);
  }
  if (vectors.length === 0) throw new SerKitError('empty', 'join: expected at least one vector, got none');
  const parts = vectors.map((vector, i) => checkVector(`join: vectors[${i}]`, vector, `vector${i}`));
  const values = new Float32Array(parts.reduce((sum, part) => sum + part.values.length, 0));
  let at = 0;
  for (const part of parts) {
    values.set(part.values, at);
    at += part.values.length;
  }
  return { values, names: parts.flatMap(({ names }) => names) };
}

/**
 * A vector as a matrix of one frame, [1, values.length], a copy: what standardizers, PCA and networks take. Bare numbers
 * are named as {@link join} names them.
 *
 * @throws SerKitError 'empty', 'bad-input', 'not-finite'
 * @example
 * const vectors = waveforms.map((each) => asMatrix(Float32Array.of(each.samples.length / each.sampleRate, 1)));
 * const scaled = fitStandardizer(vectors).transform(vectors[0]);
 */
export function asMatrix(vector: JoinableVector): FeatureMatrix {
  const { values, names } = checkVector('asMatrix: vector', vector, 'vector0');
  return { data: values.slice(), frames: 1, dims: values.length, names };
}

function checkVector(who: string, vector: JoinableVector, prefix: string): FeatureVector {
  const { values, names } = vector instanceof Float32Array ? { values: vector, names: undefined } : { ...vector };
  if (!(values instanceof Float32Array)) {
    throw new SerKitError('bad-input', `${who} expected { values, names } or a Float32Array, got ${quote(vector)}`);
  }
  if (values.length === 0) throw new SerKitError('empty', `${who} expected at least one value, got none`);
  if (names !== undefined && (!Array.isArray(names) || names.length !== values.length)) {
    throw new SerKitError('bad-input', `${who}.names expected ${values.length} names, got ${quote(names)}`);
  }
  checkFinite(`${who} expected finite numbers`, values, (at) => `at ${at}`);
  return { values, names: names ?? Array.from(values, (_, d) => `${prefix}[${d}]`) };
}
