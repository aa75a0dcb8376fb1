import type { WaveformWarning } from '../clips/waveform-warnings.ts';
import type { Xvector } from '../xvector/create-xvector.ts';
import { type FileError, fileErrorOf } from './file-error.ts';
import { readRecording } from './read-recording.ts';
import { voiceWarnings } from './voice-warnings.ts';

/** What became of one recording: its x-vector and what speaks against it, or why it has none. */
export type EmbeddedRecording = { readonly file: string } & (
  | { readonly embedding: Float32Array; readonly warnings: readonly WaveformWarning[] }
  | { readonly error: FileError }
);

/** From a file on disk. What goes wrong with it is part of the answer. */
export function embedRecording(xvector: Xvector): (file: string) => Promise<EmbeddedRecording> {
  const warningsOf = voiceWarnings(xvector.weights);
  return async (file) => {
    try {
      const waveform = await readRecording(file);
      const embedding = await xvector.extract(waveform);
      return { file, embedding, warnings: warningsOf(waveform) };
    } catch (error) {
      return { file, error: fileErrorOf(file, error) };
    }
  };
}
