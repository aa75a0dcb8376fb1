import type { ReadingEvent } from '../clips/read-clips.ts';
import { skippedClip } from '../clips/skipped-clip.ts';
import { quote, SerKitError } from '../core/errors.ts';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import type { TrainingClip } from '../core/labelled-clip.ts';
import { loadClip } from '../core/load-clip.ts';
import type { Waveform } from '../core/waveform.ts';
import { breathe } from '../models/breathe.ts';
import type { Xvector } from '../xvector/create-xvector.ts';
import type { Part } from './read-parts.ts';
import type { EmbeddingOfClip } from './xvector-options.ts';
import { inWordsOfXvector } from './xvector-part.ts';

/** What embedding tells. */
export type EmbeddingEvent =
  | { readonly type: 'embeddings'; readonly done: number; readonly total: number }
  | Extract<ReadingEvent, { readonly type: 'skipped' }>;

/** The clips of one part that have features and an embedding. */
export interface EmbeddedPart extends Part {
  readonly embeddings: readonly Float32Array[];
}

/**
 * Clip by clip, in this thread; each is loaded again. One at a time, so that a clip's numbers do not depend on its neighbours:
 * a training that goes on from a checkpoint has to see the same ones.
 */
export async function* embeddingsInThisThread(
  clips: readonly TrainingClip[],
  embedder: Pick<Xvector, 'extract'>,
): AsyncGenerator<EmbeddingOfClip> {
  for (const clip of clips) {
    yield await embeddingOf(clip, embedder);
    await breathe();
  }
}

/**
 * The embeddings of every part's clips. A clip that has none is left out, and told as an event.
 *
 * @param embeddingsOf  called once, with the clips of all parts; gives something for each of them, in their order
 */
export async function embedParts<N extends string>(
  parts: Readonly<Record<N, Part>>,
  embeddingsOf: (clips: readonly TrainingClip[]) => AsyncIterable<EmbeddingOfClip>,
  dims: number,
  onEvent: (event: EmbeddingEvent) => void,
  signal: AbortSignal | undefined,
): Promise<Record<N, EmbeddedPart>> {
  const who = 'trainRecognizer: xvector.embeddingsOf';
  const names = Object.keys(parts) as N[];
  const found = Object.fromEntries(
    names.map((name) => [
      name,
      { clips: [] as TrainingClip[], matrices: [] as FeatureMatrix[], embeddings: [] as Float32Array[] },
    ]),
  ) as Record<N, { clips: TrainingClip[]; matrices: FeatureMatrix[]; embeddings: Float32Array[] }>;
  const places = names.flatMap((name) =>
    parts[name].clips.map((clip, i) => ({ clip, matrix: parts[name].matrices[i]!, part: found[name] })),
  );
  const total = places.length;
  let done = 0;
  for await (const { clip, embedding, skipped } of embeddingsOf(places.map((place) => place.clip))) {
    const place = places[done++];
    if (place?.clip !== clip) {
      throw new SerKitError(
        'bad-input',
        `${who} expected to give each clip once, in the order of the clips, got ${quote(clip.id)} as number ${done}`,
      );
    }
    if (embedding === undefined) onEvent({ type: 'skipped', clip: skipped });
    else {
      if (!(embedding instanceof Float32Array) || embedding.length !== dims) {
        throw new SerKitError(
          'bad-input',
          `${who} expected a Float32Array of ${dims} numbers, got ${quote((embedding as Float32Array)?.length)} for ${quote(clip.id)}; compute the embeddings with the weights that it is called with`,
        );
      }
      place.part.clips.push(clip);
      place.part.matrices.push(place.matrix);
      place.part.embeddings.push(embedding);
    }
    onEvent({ type: 'embeddings', done, total });
    if (signal?.aborted === true) {
      throw new SerKitError('aborted', 'trainRecognizer: aborted while embedding clips; there is nothing to keep');
    }
  }
  if (done < total) throw new SerKitError('bad-input', `${who} expected to give ${total} clips, got ${done}`);
  for (const name of names) {
    if (found[name].clips.length > 0 || name === 'test') continue;
    throw new SerKitError(
      'empty',
      `trainRecognizer: split.${name} expected clips that the x-vector can be had of, got none of ${parts[name].clips.length}`,
    );
  }
  return found;
}

async function embeddingOf(clip: TrainingClip, embedder: Pick<Xvector, 'extract'>): Promise<EmbeddingOfClip> {
  let waveform: Waveform;
  try {
    waveform = await loadClip(clip);
  } catch (error) {
    return { clip, skipped: skippedClip(clip, error, 'loading') };
  }
  try {
    return { clip, embedding: await embedder.extract(waveform) };
  } catch (error) {
    return { clip, skipped: skippedClip(clip, inWordsOfXvector('trainRecognizer', error), 'features') };
  }
}
