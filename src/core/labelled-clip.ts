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
}
