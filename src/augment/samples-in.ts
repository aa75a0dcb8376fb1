import { quote, SerKitError } from '../core/errors.ts';

/** A whole number, halves to the even one, as Python and numpy round. */
export function roundHalfToEven(x: number): number {
  const below = Math.floor(x);
  const half = x - below === 0.5;
  return half ? below + (below % 2 === 0 ? 0 : 1) : Math.round(x);
}

/** More samples than this are a mistake: 4 GB, an hour and a half at 192 kHz. */
const MOST_SAMPLES = 2 ** 30;

/**
 * How many samples a duration is: the nearest whole number, halves to the even one, and at least one.
 *
 * @throws SerKitError 'bad-input' for more than fit into memory
 */
export function samplesIn(who: string, durationSec: number, sampleRate: number): number {
  const count = Math.max(1, roundHalfToEven(durationSec * sampleRate));
  if (count <= MOST_SAMPLES) return count;
  throw new SerKitError(
    'bad-input',
    `${who}: waveform.sampleRate expected so that ${durationSec} s are at most 2^30 samples, got ${quote(sampleRate)}`,
  );
}

/** Refuses a draw that was made for another input. @throws SerKitError 'bad-input' */
export function checkDrawn(who: string, good: boolean, expected: string, got: unknown): void {
  if (!good) throw new SerKitError('bad-input', `${who}.apply: drawn expected ${expected}, got ${quote(got)}`);
}
