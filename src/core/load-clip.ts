import { isSerKitError, quote, SerKitError } from './errors.ts';
import type { TrainingClip } from './labelled-clip.ts';
import { checkWaveform, type Waveform } from './waveform.ts';

/**
 * A clip's waveform, checked. `load` may be the caller's own and end in anything (a TypeError 'fetch failed', a text, a
 * waveform that is none): what comes out of here is a waveform that can be worked on, or a SerKitError.
 *
 * @throws SerKitError what `load` itself ended in, if that is a SerKitError; 'not-found', with the cause, where it ended
 *   in anything else; 'bad-input', 'empty' or 'not-finite' for what is no waveform. Messages of the last two kinds begin
 *   with the clip's id.
 */
export async function loadClip(clip: TrainingClip): Promise<Waveform> {
  let waveform: Waveform;
  try {
    waveform = await clip.load();
  } catch (error) {
    if (isSerKitError(error)) throw error;
    throw new SerKitError('not-found', `${clip.id}: cannot be loaded (${reasonOf(error)})`, { cause: error });
  }
  checkWaveform(clip.id, waveform);
  return waveform;
}

/** The error's words; fetch's 'fetch failed' says why only in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return quote(error);
  const { message, cause } = error;
  return cause instanceof Error && cause.message !== '' ? `${message}: ${cause.message}` : message || error.name;
}
