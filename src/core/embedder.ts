import type { Waveform } from './waveform.ts';

/** From a recording to a list of numbers of one length, such as an x-vector: who speaks, or how. */
export interface Embedder {
  /** How many numbers it gives. */
  readonly dims: number;
  /** The embedding of one recording, of any rate: it is resampled to the embedder's. */
  extract(waveform: Waveform): Promise<Float32Array<ArrayBuffer>>;
  /** Those of many, in the order given: each what extract() gives of it alone, up to float32 rounding. */
  extractBatch(waveforms: readonly Waveform[]): Promise<Float32Array<ArrayBuffer>[]>;
  /** Frees its memory. It cannot be used afterwards. */
  dispose(): void;
}
