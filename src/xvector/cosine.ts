import { SerKitError } from '../core/errors.ts';
import { checkEmbedding, type Embedding } from './embeddings.ts';

/**
 * How alike two embeddings are: the cosine of the angle between them, in [-1, 1], whatever their lengths.
 *
 * @throws SerKitError 'bad-input' for unequal lengths or an embedding of zeros, which has no direction; 'empty'; 'not-finite'
 * @example
 * cosineScore([1, 0], [1, 1]); // 0.7071...
 */
export function cosineScore(a: Embedding, b: Embedding): number {
  const who = 'cosineScore';
  checkEmbedding(who, 'a', a);
  checkEmbedding(who, 'b', b, a.length);
  const [scaleA, scaleB] = [scaleOf(a), scaleOf(b)];
  if (scaleA === 0 || scaleB === 0) {
    throw new SerKitError('bad-input', `${who}: ${scaleA === 0 ? 'a' : 'b'} expected a number other than 0, got zeros`);
  }
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const x = a[i]! / scaleA;
    const y = b[i]! / scaleB;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return Math.max(-1, Math.min(1, ab / Math.sqrt(aa * bb)));
}

/** The largest magnitude: divided by it, no square overflows or vanishes. */
function scaleOf(embedding: Embedding): number {
  let most = 0;
  for (let i = 0; i < embedding.length; i++) most = Math.max(most, Math.abs(embedding[i]!));
  return most;
}
