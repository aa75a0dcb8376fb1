import { checkEmbedding, type Embedding } from './embeddings.ts';

/**
 * The embedding scaled to length 1, in float64; one of zeros stays as it is. Lengths say more about a recording (how long,
 * how loud, how clean) than about who speaks, and directions alone are nearer to the normal distributions that PLDA
 * supposes: Garcia-Romero & Espy-Wilson (2011), "Analysis of i-vector length normalization in speaker recognition
 * systems", Interspeech. Subtract the mean of a training corpus first, as {@link fitScoring} does.
 *
 * @throws SerKitError 'bad-input', 'empty', 'not-finite'
 * @example
 * lengthNormalize([3, 4]); // 0.6, 0.8
 */
export function lengthNormalize(embedding: Embedding): Float64Array<ArrayBuffer> {
  checkEmbedding('lengthNormalize', 'embedding', embedding);
  return toLength(Float64Array.from(embedding), 1);
}

/** The vector itself, scaled in place to a length; zeros stay. */
export function toLength(vector: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  // Divided by the largest first, so that no square overflows or vanishes.
  const largest = vector.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (largest === 0) return vector;
  const norm = largest * Math.sqrt(vector.reduce((sum, x) => sum + (x / largest) ** 2, 0));
  for (let d = 0; d < vector.length; d++) vector[d] = (vector[d]! * length) / norm;
  return vector;
}
