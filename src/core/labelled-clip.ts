import { quote, SerKitError } from './errors.ts';
import type { Waveform } from './waveform.ts';

/** One recording of a corpus, with what is known of it. `load` reads and decodes it when it is wanted. */
export interface LabelledClip<L extends string = string> {
  /** Unique within its corpus. */
  readonly id: string;
  /** Who speaks. Not optional, so that an honest split is always possible. */
  readonly speakerId: string;
  /** False where nobody knows who speaks: `speakerId` then stands for this clip alone. @default true */
  readonly speakerKnown?: boolean;
  readonly label: L;
  load(): Promise<Waveform>;
  /** A changed copy of a clip has it, and is no LabelledClip: it may be learnt from, and nothing may be judged by it. */
  readonly augmentedFrom?: undefined;
}

/**
 * A changed copy of a clip. It has no `path`: the file that the clip lies in holds other samples.
 */
export type AugmentedClip<C extends LabelledClip = LabelledClip> = Omit<C, 'augmentedFrom' | 'path'> & {
  /** The id of the clip that it was made of. */
  readonly augmentedFrom: string;
};

/** What may be learnt from: a clip, or a changed copy of one. */
export type TrainingClip<L extends string = string> = LabelledClip<L> | AugmentedClip<LabelledClip<L>>;

/** For those who do not compile with types. @throws SerKitError 'bad-input' for a changed copy of a clip */
export function refuseCopy(who: string, clip: TrainingClip): void {
  if (clip?.augmentedFrom === undefined) return;
  throw new SerKitError(
    'bad-input',
    `${who} expected clips as they were recorded, got ${quote(clip.id)}, a changed copy of ${quote(clip.augmentedFrom)}; copies are for training alone`,
  );
}
