import { SerKitError } from '../core/errors.ts';

/** More than any feature set has. */
const MOST_FEATURES = 32;
/** Numbers in a front end's tables, about: 2^25 of them are made in a second. */
const MOST_WORK = 2 ** 25;
/** What a frame's transform takes, in bands. */
const TRANSFORM = 128;
/** Of a feature that names none. */
const FRAME = 2048;

/**
 * Holds what a file says of its features against what they take to be prepared, before any of it is: each prepares tables of frames
 * times bands, and a list of a few kB asks for as many as it likes. The name of a feature set, and what is no list, pass.
 *
 * @throws SerKitError 'bad-format'
 */
export function checkFrontEndBudget(who: string, features: unknown): void {
  if (!Array.isArray(features)) return;
  if (features.length > MOST_FEATURES) {
    throw new SerKitError(
      'bad-format',
      `${who}: features expected at most ${MOST_FEATURES} items, got ${features.length}`,
    );
  }
  const work = features.reduce((sum: number, feature) => sum + workOf((feature as { options?: unknown })?.options), 0);
  if (work > MOST_WORK) {
    throw new SerKitError(
      'bad-format',
      `${who}: features expected frames and bands of at most ${MOST_WORK} numbers together, got ${work}`,
    );
  }
}

/** A frame (nFft, frameLength, winLength) times its bands (nMels, nMfcc, ...). */
function workOf(options: unknown): number {
  let [frame, bands] = [FRAME, TRANSFORM];
  for (const [name, value] of Object.entries(options ?? {})) {
    if (typeof value !== 'number') continue;
    if (name === 'nFft' || name.endsWith('Length')) frame = Math.max(frame, value);
    else if (/^n[A-Z]/.test(name)) bands = Math.max(bands, TRANSFORM + value);
  }
  return frame * bands;
}
