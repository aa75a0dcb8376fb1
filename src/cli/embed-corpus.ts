import { type SkippedClip, skippedClip } from '../clips/skipped-clip.ts';
import { isSerKitError, SerKitError } from '../core/errors.ts';
import type { LabelledClip } from '../core/labelled-clip.ts';
import type { Waveform } from '../core/waveform.ts';
import type { Xvector } from '../xvector/create-xvector.ts';

/** Clips that are read and embedded together. */
const TOGETHER = 16;

/** The clips that could be embedded, and their embeddings. */
export interface EmbeddedClips<C> {
  readonly clips: readonly C[];
  readonly embeddings: readonly Float32Array[];
  readonly skipped: readonly SkippedClip[];
}

/** @throws SerKitError 'aborted', and what would go wrong with every clip */
export async function embedCorpus<C extends LabelledClip>(
  xvector: Xvector,
  all: readonly C[],
  { onProgress, signal }: { onProgress: (done: number, total: number) => void; signal: AbortSignal },
): Promise<EmbeddedClips<C>> {
  const clips: C[] = [];
  const embeddings: Float32Array[] = [];
  const skipped: SkippedClip[] = [];
  for (let from = 0; from < all.length; from += TOGETHER) {
    if (signal.aborted) throw new SerKitError('aborted', 'interrupted; nothing was measured');
    const loaded: { clip: C; waveform: Waveform }[] = [];
    for (const clip of all.slice(from, from + TOGETHER)) {
      try {
        loaded.push({ clip, waveform: await clip.load() });
      } catch (error) {
        skipped.push(skippedClip(clip, error, 'loading'));
      }
    }
    try {
      const found = await xvector.extractBatch(loaded.map(({ waveform }) => waveform));
      clips.push(...loaded.map(({ clip }) => clip));
      embeddings.push(...found);
    } catch (error) {
      if (!isSerKitError(error)) throw error;
      // One that cannot be used keeps the others from being used with it: each alone.
      for (const { clip, waveform } of loaded) {
        try {
          embeddings.push(await xvector.extract(waveform));
          clips.push(clip);
        } catch (cause) {
          skipped.push(skippedClip(clip, cause, 'features'));
        }
      }
    }
    onProgress(Math.min(all.length, from + TOGETHER), all.length);
  }
  return { clips, embeddings, skipped };
}
