export type { Embedder } from './embedder.ts';
export { isSerKitError, SerKitError, type SerKitErrorCode } from './errors.ts';
export type { Extractor, FeatureFraming, FeatureMatrix, FeatureStream, StreamingExtractor } from './feature-matrix.ts';
export type { FileSource } from './file-source.ts';
export type { AugmentedClip, LabelledClip, TrainingClip } from './labelled-clip.ts';
export { createRandom, type Random } from './random.ts';
export type { Waveform } from './waveform.ts';
