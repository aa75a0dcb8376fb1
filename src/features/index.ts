export type {
  Extractor,
  FeatureFraming,
  FeatureMatrix,
  FeatureStream,
  StreamingExtractor,
} from '../core/feature-matrix.ts';
export type { PadMode } from '../dsp/frames.ts';
export { type IstftOptions, istft } from '../dsp/istft.ts';
export { type MelFilterBank, type MelOptions, melFilterBank } from '../dsp/mel.ts';
export { type ComplexSpectrogram, type StftOptions, stft } from '../dsp/stft.ts';
export type { WindowName } from '../dsp/window.ts';
export { type DeltasOptions, deltas } from './deltas.ts';
export type { AtRate } from './extractor.ts';
export { createFeatureSet, describeFeatureSet, type FeatureSet, featureSets } from './feature-sets.ts';
export { createFormants, type FormantsConfig, type FormantsOptions, formants } from './formants.ts';
export type { FrameConfig, FrameOptions } from './frame-options.ts';
export type { PerturbationConfig, PerturbationOptions } from './frame-perturbation.ts';
export { type FrameTimesOptions, frameTimes } from './frame-times.ts';
export { type FunctionalsOptions, functionals, type VoicedOptions } from './functionals.ts';
export { createHarmonicity, type HarmonicityConfig, type HarmonicityOptions, harmonicity } from './harmonicity.ts';
export { createJitter, jitter } from './jitter.ts';
export { asMatrix, type FeatureVector, type JoinableVector, join } from './join.ts';
export { createLogMel, type LogMelConfig, type LogMelOptions, logMel } from './log-mel.ts';
export { createMfcc, type MfccConfig, type MfccOptions, mfcc } from './mfcc.ts';
export type { FeatureName, NamedFeatureOptions } from './named-features.ts';
export { fitPca, type Pca, type PcaJson, type PcaOptions, parsePca } from './pca.ts';
export { createPitch, type PitchConfig, type PitchOptions, pitch } from './pitch.ts';
export type { PresetName } from './presets/presets.ts';
export { createRecipe, type FeatureChoice, type Recipe, type RecipeConfig, type RecipeOptions } from './recipe.ts';
export { createRms, type RmsConfig, type RmsOptions, rms } from './rms.ts';
export { createShimmer, shimmer } from './shimmer.ts';
export { createSlidingCmvn, type SlidingCmvn, type SlidingCmvnOptions, slidingCmvn } from './sliding-cmvn.ts';
export { type SpeakingRate, type SpeakingRateOptions, speakingRate } from './speaking-rate.ts';
export {
  createSpectralBandwidth,
  type SpectralBandwidthConfig,
  type SpectralBandwidthOptions,
  spectralBandwidth,
} from './spectral-bandwidth.ts';
export { createSpectralCentroid, spectralCentroid } from './spectral-centroid.ts';
export {
  createSpectralContrast,
  type SpectralContrastConfig,
  type SpectralContrastOptions,
  spectralContrast,
} from './spectral-contrast.ts';
export {
  createSpectralFlatness,
  type SpectralFlatnessConfig,
  type SpectralFlatnessOptions,
  spectralFlatness,
} from './spectral-flatness.ts';
export {
  createSpectralFlux,
  type SpectralFluxConfig,
  type SpectralFluxOptions,
  spectralFlux,
} from './spectral-flux.ts';
export type { SpectralConfig, SpectralOptions } from './spectral-frames.ts';
export {
  createSpectralRolloff,
  type SpectralRolloffConfig,
  type SpectralRolloffOptions,
  spectralRolloff,
} from './spectral-rolloff.ts';
export { createSpectrogram, type SpectrogramConfig, type SpectrogramOptions, spectrogram } from './spectrogram.ts';
export { stack } from './stack.ts';
export {
  fitStandardizer,
  parseStandardizer,
  type StandardizeOptions,
  type Standardizer,
  type StandardizerOptions,
  type StandardizerScope,
} from './standardize.ts';
export type {
  ClipStandardizerJson,
  CorpusStandardizerJson,
  SpeakerStandardizerJson,
  StandardizerJson,
} from './standardizer-json.ts';
export type { Statistic } from './statistics.ts';
export {
  createVoiceActivity,
  type VoiceActivityConfig,
  type VoiceActivityOptions,
  voiceActivity,
} from './voice-activity.ts';
export type { VoiceFrameOptions } from './voice-range.ts';
export {
  createWaveformFrames,
  type WaveformFramesConfig,
  type WaveformFramesOptions,
  waveformFrames,
} from './waveform-frames.ts';
export { createZcr, type ZcrOptions, zcr } from './zcr.ts';
