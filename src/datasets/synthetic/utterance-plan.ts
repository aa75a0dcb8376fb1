import { gaussian, type Random } from '../../core/random.ts';
import { type EmotionCues, scaleCues } from './emotion-cues.ts';
import type { Phone } from './phones.ts';
import type { SyntheticSpeaker } from './speaker.ts';

/** Seconds from one set of targets to the next. */
export const FRAME_SECONDS = 0.005;

/** What the vocal folds and the tract do, one value a frame of 5 ms. */
export interface UtterancePlan {
  readonly frames: number;
  readonly pitchHz: Float64Array;
  /** Amplitude of the voice, 0 to about 1. */
  readonly voice: Float64Array;
  /** Amplitude of hiss, 0 to 1. */
  readonly hiss: Float64Array;
  /** Formants 1 to 3, in Hz. */
  readonly formants: readonly [Float64Array, Float64Array, Float64Array];
  /** The emotion's cues as they came out in this utterance. */
  readonly cues: EmotionCues;
}

/** Least and greatest length of a clip, in seconds. */
const LENGTH = [1.2, 2.5] as const;

/** How the phones are said by this speaker with these cues; the same sentence comes out a little different each time. */
export function planUtterance(
  phones: readonly Phone[],
  speaker: SyntheticSpeaker,
  emotion: EmotionCues,
  strength: number,
  random: Random,
): UtterancePlan {
  const vary = (value: number, deviation: number): number => value * Math.exp(deviation * gaussian(random));
  const scaled = scaleCues(emotion, strength * speaker.expressiveness);
  const cues: EmotionCues = {
    pitchSemitones: scaled.pitchSemitones + 0.7 * gaussian(random),
    pitchRange: vary(scaled.pitchRange, 0.15),
    contourSemitones: scaled.contourSemitones + 0.7 * gaussian(random),
    rate: vary(scaled.rate * speaker.rate, 0.05),
    levelDb: scaled.levelDb + speaker.levelDb + 1.5 * gaussian(random),
    brightness: vary(scaled.brightness, 0.08),
    openQuotient: Math.min(0.85, vary(scaled.openQuotient, 0.05)),
    breath: vary(scaled.breath, 0.2),
    jitter: vary(scaled.jitter, 0.2),
    formants: vary(scaled.formants, 0.01),
  };
  const lengths = phones.map((phone) => vary(phone.seconds / cues.rate, 0.12));
  const edges = [0.1 + 0.08 * random(), 0.12 + 0.1 * random()] as const;
  const spoken = lengths.reduce((sum, length) => sum + length, 0);
  const bounded = Math.max(LENGTH[0], Math.min(LENGTH[1], spoken + edges[0] + edges[1])) - edges[0] - edges[1];
  const stretch = bounded / spoken;

  const frames = Math.round((bounded + edges[0] + edges[1]) / FRAME_SECONDS);
  const pitchSteps = new Float64Array(frames);
  const voice = new Float64Array(frames);
  const hiss = new Float64Array(frames);
  const formants = [0, 1, 2].map((i) => new Float64Array(frames).fill(phones[0]!.formants[i]!));
  let at = edges[0];
  const vowelCount = phones.filter((phone) => phone.voice === 1).length;
  let vowel = 0;
  phones.forEach((phone, i) => {
    const end = at + lengths[i]! * stretch;
    const from = Math.round(at / FRAME_SECONDS);
    const to = Math.min(frames, Math.round(end / FRAME_SECONDS));
    // Every second vowel or so is stressed: louder and higher.
    const isStressed = phone.voice === 1 && vowel++ % 2 === (vowelCount > 4 ? 1 : 0);
    const accent = isStressed ? 2.2 + 0.7 * gaussian(random) : -0.6 + 0.5 * gaussian(random);
    const amplitude = phone.voice * (isStressed ? 1 : 0.75) * Math.exp(0.1 * gaussian(random));
    for (let frame = from; frame < to; frame++) {
      pitchSteps[frame] = accent * cues.pitchRange;
      voice[frame] = amplitude;
      hiss[frame] = phone.hiss;
      for (let f = 0; f < 3; f++) formants[f]![frame] = phone.formants[f]!;
    }
    for (let frame = to; frame < frames; frame++) {
      for (let f = 0; f < 3; f++) formants[f]![frame] = phone.formants[f]!; // holds through the end
    }
    at = end;
  });
  smooth(pitchSteps, 0.045);
  smooth(voice, 0.012);
  smooth(hiss, 0.012);
  for (const track of formants) smooth(track, 0.02);
  const pitchHz = pitchSteps.map((semitones, frame) => {
    const line = cues.contourSemitones * (Math.min(1, Math.max(0, (frame * FRAME_SECONDS - edges[0]) / bounded)) - 0.5);
    return speaker.pitchHz * 2 ** ((cues.pitchSemitones + line + semitones) / 12);
  });
  return { frames, pitchHz, voice, hiss, formants: formants as [Float64Array, Float64Array, Float64Array], cues };
}

/** First-order smoothing forwards and then backwards, which moves nothing in time. */
function smooth(track: Float64Array, seconds: number): void {
  const gain = 1 - Math.exp(-FRAME_SECONDS / seconds);
  for (let i = 1; i < track.length; i++) track[i] = track[i - 1]! + gain * (track[i]! - track[i - 1]!);
  for (let i = track.length - 2; i >= 0; i--) track[i] = track[i + 1]! + gain * (track[i]! - track[i + 1]!);
}
