import { changeSpeed } from '../augment/change-speed.ts';
import { quote, SerKitError } from '../core/errors.ts';
import type { AugmentedClip, LabelledClip, TrainingClip } from '../core/labelled-clip.ts';
import { loadClip } from '../core/load-clip.ts';
import { createRandom, deriveSeed, shuffled } from '../core/random.ts';

/** Clips whose speakers are known: what a network that tells speakers apart can be trained on. */
export function checkSpeakers(who: string, clips: readonly LabelledClip[]): void {
  if (!Array.isArray(clips)) {
    throw new SerKitError('bad-input', `${who}: clips expected an array of clips, got ${quote(clips)}`);
  }
  const ids = new Set<string>();
  for (const [i, clip] of clips.entries()) {
    if (typeof clip?.id !== 'string' || typeof clip.speakerId !== 'string' || typeof clip.load !== 'function') {
      throw new SerKitError('bad-input', `${who}: clips[${i}] expected { id, speakerId, load }, got ${quote(clip)}`);
    }
    if (clip.augmentedFrom !== undefined) {
      const text = `${who}: clips expected them as they were recorded, got ${quote(clip.id)}, a changed copy; \`speeds\` and \`augment\` make such`;
      throw new SerKitError('bad-input', text);
    }
    if (ids.has(clip.id)) {
      throw new SerKitError('bad-input', `${who}: clips expected each once, got ${quote(clip.id)} twice`);
    }
    ids.add(clip.id);
  }
  const unknown = clips.filter((clip) => clip.speakerKnown === false);
  if (unknown.length > 0) {
    throw new SerKitError(
      'bad-input',
      `${who}: clips expected speakers that are known, got ${unknown.length} of ${clips.length} without, such as ${quote(unknown[0]!.id)}`,
    );
  }
  requireSpeakers(who, new Set(clips.map((clip) => clip.speakerId)).size, 'clips');
}

/** @throws SerKitError 'too-short' for fewer speakers than can be told apart */
export function requireSpeakers(who: string, speakers: number, what: string): void {
  if (speakers >= 2) return;
  throw new SerKitError('too-short', `${who}: ${what} expected at least 2 speakers to tell apart, got ${speakers}`);
}

/**
 * Of each speaker who has two clips or more, a share held out (at least one, and not all): for choosing the best epoch by. A function of the
 * seed and of the clips' ids, not of their order.
 */
export function holdOut(
  who: string,
  clips: readonly LabelledClip[],
  share: number,
  seed: number,
): { readonly train: readonly LabelledClip[]; readonly validation: readonly LabelledClip[] } {
  const sorted = [...clips].sort((a, b) => (a.id < b.id ? -1 : 1));
  const held = new Set<string>();
  for (const speaker of new Set(sorted.map((clip) => clip.speakerId))) {
    const own = sorted.filter((clip) => clip.speakerId === speaker);
    const most = Math.min(own.length - 1, Math.max(1, Math.round(share * own.length)));
    const order = shuffled(own, createRandom(deriveSeed(seed, 'held-out', speaker)));
    for (const clip of order.slice(0, most)) held.add(clip.id);
  }
  if (held.size === 0) {
    const text = `${who}: clips expected a speaker with two or more, so that one can be held out, got one of each`;
    throw new SerKitError('too-short', text);
  }
  return {
    train: sorted.filter((clip) => !held.has(clip.id)),
    validation: sorted.filter((clip) => held.has(clip.id)),
  };
}

/**
 * The clips, and each at other speeds, which are other speakers: a voice whose pitch and formants have moved is another voice (Yamamoto et
 * al. 2019, "Speaker augmentation and bandwidth extension for deep speaker embedding", Interspeech).
 */
export function withSpeeds(clips: readonly LabelledClip[], speeds: readonly number[]): TrainingClip[] {
  return [...clips, ...speeds.flatMap((factor) => clips.map((clip) => atSpeed(clip, factor)))];
}

function atSpeed({ id, speakerId, label, ...clip }: LabelledClip, factor: number): AugmentedClip {
  const { apply } = changeSpeed({ factor });
  return {
    id: `${id} x${factor}`,
    speakerId: `${speakerId} x${factor}`,
    label,
    augmentedFrom: id,
    load: async () => apply(await loadClip({ id, speakerId, label, ...clip }), { factor }),
  };
}
