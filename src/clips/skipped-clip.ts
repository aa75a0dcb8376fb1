import { isSerKitError, type SerKitErrorCode } from '../core/errors.ts';
import type { TrainingClip } from '../core/labelled-clip.ts';

/** A clip that could not be used, and why. */
export interface SkippedClip {
  readonly id: string;
  readonly code: SerKitErrorCode;
  readonly message: string;
}

/** What a waveform can be refused for, and the recognizer go on to the next. */
const UNUSABLE: readonly SerKitErrorCode[] = ['not-finite', 'empty', 'too-short'];

/** What loading can end in for this clip alone: its file, and what the file holds. */
const UNREADABLE: readonly SerKitErrorCode[] = [
  ...UNUSABLE,
  'not-found',
  'bad-input',
  'bad-format',
  'unsupported',
  'truncated',
  'git-lfs-pointer',
];

/**
 * The entry for a clip that is left out, where the error is about this clip alone. Whatever else went wrong (an option, a
 * disposed network, no memory, a programming error) would go wrong with every clip: it is thrown on.
 *
 * @param during  'loading': the error is from loadClip; 'features': from the waveform's way to the network or through it
 */
export function skippedClip(clip: TrainingClip, error: unknown, during: 'loading' | 'features'): SkippedClip {
  const codes = during === 'loading' ? UNREADABLE : UNUSABLE;
  if (!isSerKitError(error) || !codes.includes(error.code)) throw error;
  return { id: clip.id, code: error.code, message: error.message };
}
