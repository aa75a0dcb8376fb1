import { quote, SerKitError } from '../core/errors.ts';
import type { Random } from '../core/random.ts';
import type { Waveform } from '../core/waveform.ts';

/** Any function that makes one recording of another. It leaves its input as it is, and takes all chance from `random`. */
export type WaveformFunction = (waveform: Waveform, random: Random) => Waveform;

/**
 * What a transform's JSON has the names of alone: `parseTransform(t.toJSON(), t.held)` does what `t` does. Of a transform that
 * is made of others: what all of them hold.
 */
export interface Held {
  /** Functions of one's own, by their names. */
  readonly functions?: Readonly<Record<string, WaveformFunction>> | undefined;
  /** Backgrounds and rooms' responses, by their names. */
  readonly recordings?: Readonly<Record<string, Waveform>> | undefined;
}

/**
 * What transforms hold together. A name stands for one thing: two functions of one name, or two recordings of other samples,
 * would come back from JSON as one.
 *
 * @throws SerKitError 'bad-option'
 */
export function heldBy(who: string, transforms: readonly { readonly held?: Held | undefined }[]): Held {
  const functions = new Map<string, WaveformFunction>();
  const recordings = new Map<string, Waveform>();
  for (const { held } of transforms) {
    for (const [name, f] of Object.entries(held?.functions ?? {})) {
      if ((functions.get(name) ?? f) !== f) {
        throw new SerKitError(
          'bad-option',
          `${who}: transforms expected functions of different names, got two called ${quote(name)}: name them with ownFunction(name, f)`,
        );
      }
      functions.set(name, f);
    }
    for (const [name, recording] of Object.entries(held?.recordings ?? {})) {
      if (!isSameSound(recordings.get(name) ?? recording, recording)) {
        throw new SerKitError(
          'bad-option',
          `${who}: transforms expected recordings of different names, got two called ${quote(name)}`,
        );
      }
      recordings.set(name, recording);
    }
  }
  return {
    ...(functions.size > 0 && { functions: Object.fromEntries(functions) }),
    ...(recordings.size > 0 && { recordings: Object.fromEntries(recordings) }),
  };
}

/** Whether two recordings are one, or have the same rate and samples. */
export function isSameSound(a: Waveform, b: Waveform): boolean {
  if (a === b) return true;
  if (a.sampleRate !== b.sampleRate || a.samples.length !== b.samples.length) return false;
  return a.samples.every((sample, n) => sample === b.samples[n]);
}
