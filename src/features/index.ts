export type {
  Extractor,
  FeatureFraming,
  FeatureMatrix,
  FeatureStream,
  StreamingExtractor,
} from '../core/feature-matrix.ts';
export type { PadMode } from '../dsp/frames.ts';
export { type MelFilterBank, type MelOptions, melFilterBank } from '../dsp/mel.ts';
export { type ComplexSpectrogram, type StftOptions, stft } from '../dsp/stft.ts';
export type { WindowName } from '../dsp/window.ts';
export { type DeltasOptions, deltas } from './deltas.ts';
export type { AtRate } from './extractor.ts';
export { createFeatureSet, describeFeatureSet, type FeatureSet, featureSets } from './feature-sets.ts';
export type { FrameConfig, FrameOptions } from './frame-options.ts';
export { type FrameTimesOptions, frameTimes } from './frame-times.ts';
export { asMatrix, type FeatureVector, type JoinableVector, join } from './join.ts';
export { createLogMel, type LogMelConfig, type LogMelOptions, logMel } from './log-mel.ts';
export { createMfcc, type MfccConfig, type MfccOptions, mfcc } from './mfcc.ts';
export type { FeatureName, NamedFeatureOptions } from './named-features.ts';
export { createRecipe, type FeatureChoice, type Recipe, type RecipeConfig, type RecipeOptions } from './recipe.ts';
export { fitPca, type Pca, type PcaJson, type PcaOptions, parsePca } from './pca.ts';
export { createPitch, type PitchConfig, type PitchOptions, pitch } from './pitch.ts';
export { createRms, type RmsConfig, type RmsOptions, rms } from './rms.ts';
export { createSpectrogram, type SpectrogramConfig, type SpectrogramOptions, spectrogram } from './spectrogram.ts';
export { stack } from './stack.ts';
export {
  fitStandardizer,
  parseStandardizer,
  type Standardizer,
  type StandardizeOptions,
  type StandardizerOptions,
  type StandardizerScope,
} from './standardize.ts';
export type {
  ClipStandardizerJson,
  CorpusStandardizerJson,
  SpeakerStandardizerJson,
  StandardizerJson,
} from './standardizer-json.ts';
export { createZcr, type ZcrOptions, zcr } from './zcr.ts';
