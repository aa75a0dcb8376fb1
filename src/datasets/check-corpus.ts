import * as z from 'zod/mini';
import { isSerKitError, SerKitError } from '../core/errors.ts';
import type { LabelledClip } from '../core/labelled-clip.ts';
import { loadClip } from '../core/load-clip.ts';
import { parseOptions } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { lfsProblem, nearSilentProblem } from './clip-audio.ts';
import { type Corpus, type CorpusProblem, compareText, plural } from './corpus.ts';

/** How a corpus is gone through. */
export interface CheckCorpusOptions {
  /** Told after each clip how many of how many have been loaded. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Ends the pass with a SerKitError 'aborted'. */
  readonly signal?: AbortSignal;
}

const schema = z.strictObject({
  onProgress: z.optional(
    z.custom<(done: number, total: number) => void>((value) => typeof value === 'function', 'a function'),
  ),
  signal: z.optional(z.custom<AbortSignal>((value) => value instanceof AbortSignal, 'an AbortSignal')),
});

/** A corpus after every clip of it has been loaded once. */
export interface CheckedCorpus<C extends LabelledClip = LabelledClip> extends Corpus<C> {
  /** The clips that can be used: read without an error, with something to hear, under one label. */
  readonly clips: readonly C[];
  /** The corpus's own problems, then what loading found. */
  readonly problems: readonly CorpusProblem[];
  /** How many clips of the corpus are not among `clips`. */
  readonly skipped: number;
  /** The clips' length in all, in seconds. */
  readonly seconds: number;
  /** How many clips there are of each sample rate in Hz. */
  readonly sampleRates: ReadonlyMap<number, number>;
}

/**
 * The corpus without the clips that are of no use, each with its reason: those that cannot be read (no such file, a Git
 * LFS pointer, truncated, NaN samples, no WAV file; 'not-found' for whatever else a clip's own `load` ends in), those
 * that are near-silent (below -60 dB of full scale, RMS), and those whose audio is the same, sample by sample: all of
 * them where their labels differ, since nothing says which is right, and all but the first where the label is the same.
 * Clips are loaded one after another; none is kept in memory.
 *
 * @throws SerKitError 'aborted'; no clip is ever fatal
 * @example
 * const checked = await checkCorpus(await openCremad(files), { onProgress: (done, total) => bar(done / total) });
 * const split = splitBySpeaker(checked.clips, { seed: 1 });
 */
export async function checkCorpus<C extends LabelledClip>(
  corpus: Corpus<C>,
  options: CheckCorpusOptions = {},
): Promise<CheckedCorpus<C>> {
  const { onProgress, signal } = parseOptions('checkCorpus', schema, options);
  const loaded = new Map<C, { seconds: number; sampleRate: number }>();
  const found: CorpusProblem[] = [];
  const pointers: string[] = [];
  const byFingerprint = new Map<string, C[]>();
  for (const [i, clip] of corpus.clips.entries()) {
    if (signal?.aborted) throw new SerKitError('aborted', `checkCorpus: aborted after ${plural(i, 'clip')}`);
    const path = pathOf(clip);
    try {
      const waveform = await loadClip(clip);
      const problem = nearSilentProblem(path, waveform);
      if (problem !== undefined) found.push(problem);
      else {
        const { samples, sampleRate } = waveform;
        loaded.set(clip, { seconds: samples.length / sampleRate, sampleRate });
        const key = fingerprint(waveform);
        byFingerprint.set(key, [...(byFingerprint.get(key) ?? []), clip]);
      }
    } catch (error) {
      if (!isSerKitError(error)) throw error; // loadClip ends in no other
      const { code } = error;
      const message = error.message.startsWith(`${clip.id}: `)
        ? error.message.slice(clip.id.length + 2)
        : error.message;
      if (code === 'git-lfs-pointer') pointers.push(path);
      else found.push({ code, path, message: message.startsWith(path) ? message : `${path}: ${message}` });
    }
    onProgress?.(i + 1, corpus.clips.length);
  }
  for (const same of byFingerprint.values()) {
    if (same.length < 2) continue;
    same.sort((a, b) => compareText(a.id, b.id));
    found.push(sameAudioProblem(same));
    const isContradiction = same.some((clip) => clip.label !== same[0]!.label);
    for (const clip of isContradiction ? same : same.slice(1)) loaded.delete(clip);
  }
  if (pointers.length > 0) found.unshift(lfsProblem(pointers, corpus.clips.length));

  const clips = corpus.clips.filter((clip) => loaded.has(clip));
  const sampleRates = new Map<number, number>();
  let seconds = 0;
  for (const each of loaded.values()) {
    seconds += each.seconds;
    sampleRates.set(each.sampleRate, (sampleRates.get(each.sampleRate) ?? 0) + 1);
  }
  const skipped = corpus.clips.length - clips.length;
  return { ...corpus, clips, problems: withoutTwins(corpus.problems, found), skipped, seconds, sampleRates };
}

/** Where a clip lies: its path, or its id where it lies in no file. */
function pathOf(clip: LabelledClip): string {
  return 'path' in clip && typeof clip.path === 'string' ? clip.path : clip.id;
}

/** Opening may have found a part of what loading finds: of two problems about one thing, loading's is kept. */
function withoutTwins(before: readonly CorpusProblem[], found: readonly CorpusProblem[]): CorpusProblem[] {
  const keyOf = ({ code, path }: CorpusProblem): string => (code === 'git-lfs-pointer' ? code : `${code} ${path}`);
  const keys = new Set(found.map(keyOf));
  return [...before.filter((problem) => !keys.has(keyOf(problem))), ...found];
}

function sameAudioProblem(clips: readonly LabelledClip[]): CorpusProblem {
  const those = clips.map((clip) => `${pathOf(clip)} (${clip.label})`).join(', ');
  const labels = new Set(clips.map((clip) => clip.label));
  const what = labels.size > 1 ? 'which label is right is not known, so none is used' : 'only the first is used';
  return { code: 'same-audio', path: pathOf(clips[0]!), message: `the same audio in ${those}: ${what}` };
}

/**
 * A text that two waveforms share only when rate, length and every sample agree (but for one pair in 2^64). Two 32-bit
 * multiply-and-xor sums (FNV-1a's step, with its prime and another) over the samples' bits.
 */
function fingerprint({ samples, sampleRate }: Waveform): string {
  const words = new Int32Array(samples.buffer, samples.byteOffset, samples.length);
  let a = 0x811c9dc5 | 0;
  let b = 0x243f6a88 | 0;
  for (let i = 0; i < words.length; i++) {
    a = Math.imul(a ^ words[i]!, 0x01000193);
    a ^= a >>> 15;
    b = Math.imul(b ^ words[i]!, 0x85ebca6b);
    b ^= b >>> 13;
  }
  return `${sampleRate} ${samples.length} ${a >>> 0} ${b >>> 0}`;
}
