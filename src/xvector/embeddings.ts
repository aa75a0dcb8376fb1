import { quote, SerKitError } from '../core/errors.ts';

/** A list of numbers that stands for a recording: an embedding, or anything of one length. */
export type Embedding = ArrayLike<number>;

/**
 * @param name  what the message calls it
 * @param dims  how many numbers it has to have, where that is known
 * @throws SerKitError 'bad-input', 'empty', 'not-finite'
 */
export function checkEmbedding(who: string, name: string, embedding: Embedding, dims?: number): void {
  if (embedding === null || typeof embedding !== 'object' || typeof embedding.length !== 'number') {
    throw new SerKitError('bad-input', `${who}: ${name} expected an array of numbers, got ${quote(embedding)}`);
  }
  if (embedding.length === 0) throw new SerKitError('empty', `${who}: ${name} expected numbers, got none`);
  if (dims !== undefined && embedding.length !== dims) {
    throw new SerKitError('bad-input', `${who}: ${name} expected ${dims} numbers, got ${embedding.length}`);
  }
  for (let i = 0; i < embedding.length; i++) {
    if (!Number.isFinite(embedding[i])) {
      throw new SerKitError(
        'not-finite',
        `${who}: ${name} expected finite numbers, got ${quote(embedding[i])} at index ${i}`,
      );
    }
  }
}

/** Embeddings of one length, and who speaks in each. */
export interface EmbeddingsBySpeaker {
  readonly dims: number;
  readonly clips: number;
  /** For each speaker, in order of their names, which of the embeddings are theirs. */
  readonly bySpeaker: readonly (readonly number[])[];
}

/** @throws SerKitError 'empty'; 'bad-input' for unequal lengths; 'not-finite'; 'too-short' for fewer than two speakers */
export function checkBySpeaker(
  who: string,
  embeddings: readonly Embedding[],
  speakers: readonly string[],
): EmbeddingsBySpeaker {
  if (!Array.isArray(embeddings)) {
    throw new SerKitError('bad-input', `${who}: embeddings expected a list, got ${quote(embeddings)}`);
  }
  if (embeddings.length === 0) throw new SerKitError('empty', `${who}: embeddings expected at least two, got none`);
  if (!Array.isArray(speakers) || speakers.length !== embeddings.length) {
    const got = Array.isArray(speakers) ? speakers.length : quote(speakers);
    throw new SerKitError(
      'bad-input',
      `${who}: speakers expected one for each of ${embeddings.length} embeddings, got ${got}`,
    );
  }
  const groups = new Map<string, number[]>();
  for (const [i, speaker] of speakers.entries()) {
    checkEmbedding(who, `embeddings[${i}]`, embeddings[i], embeddings[0].length);
    if (typeof speaker !== 'string') {
      throw new SerKitError('bad-input', `${who}: speakers expected text, got ${quote(speaker)} at index ${i}`);
    }
    const own = groups.get(speaker);
    if (own === undefined) groups.set(speaker, [i]);
    else own.push(i);
  }
  if (groups.size < 2) {
    throw new SerKitError('too-short', `${who}: speakers expected at least two different ones, got ${groups.size}`);
  }
  // Sorted, so that sums are added in one order whoever comes first.
  const names = [...groups.keys()].sort();
  return { dims: embeddings[0].length, clips: embeddings.length, bySpeaker: names.map((name) => groups.get(name)!) };
}
