import { createRandom, deriveSeed, gaussian } from '../../core/random.ts';
import type { CremadActor } from '../cremad/label-files.ts';
import { SYNTHETIC_FIRST_ACTOR } from './mark.ts';

/** A synthetic voice: what stays the same in all that it says. */
export interface SyntheticSpeaker {
  /** From `9001` on. */
  readonly id: string;
  readonly actor: CremadActor;
  /** Mean pitch of neutral speech, in Hz. */
  readonly pitchHz: number;
  /** Factor on all formants: above 1 for a vocal tract shorter than the average man's. */
  readonly formantScale: number;
  /** Cut-off of the source's spectral tilt in neutral speech, in Hz. */
  readonly tiltHz: number;
  /** Factor on the speech rate. */
  readonly rate: number;
  /** How far the speaker goes in showing emotions: 1 is as the table of cues says. */
  readonly expressiveness: number;
  /** Level, in dB above the corpus's. */
  readonly levelDb: number;
}

/**
 * The speaker of this number (from 0 on) in the corpus of this seed. Women and men alternate; pitch and tract length
 * have the means of Peterson and Barney 1952 (132 and 223 Hz, formants 1.16 times as high), with a spread of speakers.
 */
export function syntheticSpeaker(seed: number, number: number): SyntheticSpeaker {
  const random = createRandom(deriveSeed(seed, 'synthetic-speaker', number));
  const sex = number % 2 === 0 ? 'female' : 'male';
  const spread = (deviation: number): number => deviation * Math.max(-2, Math.min(2, gaussian(random)));
  return {
    id: String(SYNTHETIC_FIRST_ACTOR + number),
    actor: { age: 20 + Math.floor(random() * 50), sex, race: 'Synthetic', ethnicity: 'Synthetic' },
    pitchHz: (sex === 'female' ? 205 : 118) * Math.exp(spread(0.08)),
    formantScale: (sex === 'female' ? 1.15 : 1) * Math.exp(spread(0.03)),
    tiltHz: 1300 * Math.exp(spread(0.1)),
    rate: Math.exp(spread(0.05)),
    expressiveness: 1 + spread(0.08),
    levelDb: spread(2),
  };
}
