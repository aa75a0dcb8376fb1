import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { parseOptions } from '../core/options.ts';

/** All that pairing asks of a clip: any LabelledClip is one. */
export interface ClipOfSpeaker {
  readonly speakerId: string;
  /** False where nobody knows who speaks. @default true */
  readonly speakerKnown?: boolean | undefined;
}

/** Options of {@link trialsOf}. */
export interface TrialsOptions<C extends ClipOfSpeaker> {
  /** Pairs that are left out: those of the same sentence, where an embedding might know the words and not the voice. */
  readonly without?: ((a: C, b: C) => boolean) | undefined;
}

/** Pairs of clips to tell apart, as indices into the clips: pair i is of clips[a[i]] and clips[b[i]]. */
export interface Trials {
  readonly a: Uint32Array<ArrayBuffer>;
  readonly b: Uint32Array<ArrayBuffer>;
  /** The speaker of each pair's first clip, and of its second. */
  readonly first: readonly string[];
  readonly second: readonly string[];
  /** How many pairs are of the same speaker, and of different ones. */
  readonly same: number;
  readonly different: number;
}

/** Of {@link TrialsOptions}. */
export const trialsFields = /* @__PURE__ */ (() => ({
  without: z.optional(z.custom((value) => typeof value === 'function', 'a function')),
}))();

const optionsSchema = /* @__PURE__ */ (() => z.strictObject(trialsFields))();

/** @throws SerKitError 'bad-input' naming the first that is no clip of a speaker */
export function checkClipsOfSpeakers(who: string, clips: readonly ClipOfSpeaker[]): void {
  if (!Array.isArray(clips)) {
    throw new SerKitError('bad-input', `${who}: clips expected a list of { speakerId }, got ${quote(clips)}`);
  }
  for (const [i, clip] of clips.entries()) {
    const { speakerId, speakerKnown } = (clip ?? {}) as Partial<Record<keyof ClipOfSpeaker, unknown>>;
    if (typeof speakerId !== 'string') {
      throw new SerKitError('bad-input', `${who}: clips[${i}].speakerId expected text, got ${quote(speakerId)}`);
    }
    if (speakerKnown !== undefined && typeof speakerKnown !== 'boolean') {
      const text = `${who}: clips[${i}].speakerKnown expected true, false or nothing, got ${quote(speakerKnown)}`;
      throw new SerKitError('bad-input', text);
    }
  }
}

/**
 * All pairs of two clips, each once, in the order of the clips. Clips whose speaker nobody knows are in none.
 *
 * @throws SerKitError 'bad-input' for a clip without a speakerId, 'bad-option'; 'too-short' where there are not pairs of the same speaker and of different ones
 * @example
 * const { same, different } = trialsOf(corpus.clips, { without: (a, b) => a.sentence.code === b.sentence.code });
 */
export function trialsOf<C extends ClipOfSpeaker>(clips: readonly C[], options: TrialsOptions<C> = {}): Trials {
  const who = 'trialsOf';
  parseOptions(who, optionsSchema, options);
  checkClipsOfSpeakers(who, clips);
  const { without } = options;
  const a: number[] = [];
  const b: number[] = [];
  let same = 0;
  for (const [i, one] of clips.entries()) {
    if (one.speakerKnown === false) continue;
    for (let j = i + 1; j < clips.length; j++) {
      const other = clips[j]!;
      if (other.speakerKnown === false || without?.(one, other)) continue;
      a.push(i);
      b.push(j);
      if (one.speakerId === other.speakerId) same++;
    }
  }
  const different = a.length - same;
  if (same === 0 || different === 0) {
    throw new SerKitError(
      'too-short',
      `${who}: expected pairs of clips of the same speaker and of different ones, got ${same} and ${different}`,
    );
  }
  return {
    a: Uint32Array.from(a),
    b: Uint32Array.from(b),
    first: a.map((i) => clips[i]!.speakerId),
    second: b.map((i) => clips[i]!.speakerId),
    same,
    different,
  };
}

/** Whether there are pairs of the same speaker, and of different ones: trialsOf() without the pairs. */
export function trialKinds<C extends ClipOfSpeaker>(
  clips: readonly C[],
  { without }: TrialsOptions<C> = {},
): { readonly same: boolean; readonly different: boolean } {
  let [same, different] = [false, false];
  for (const [i, one] of clips.entries()) {
    if (one.speakerKnown === false) continue;
    for (let j = i + 1; j < clips.length && !(same && different); j++) {
      const other = clips[j]!;
      if (other.speakerKnown === false || without?.(one, other)) continue;
      if (one.speakerId === other.speakerId) same = true;
      else different = true;
    }
  }
  return { same, different };
}
