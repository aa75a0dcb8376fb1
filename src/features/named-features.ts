import type { StreamingExtractor } from '../core/feature-matrix.ts';
import type { AtRate } from './extractor.ts';
import { createFormants, type FormantsOptions } from './formants.ts';
import type { PerturbationOptions } from './frame-perturbation.ts';
import { createHarmonicity, type HarmonicityOptions } from './harmonicity.ts';
import { createJitter } from './jitter.ts';
import { createLogMel, type LogMelOptions } from './log-mel.ts';
import { createMfcc, type MfccOptions } from './mfcc.ts';
import { createPitch, type PitchOptions } from './pitch.ts';
import { createRms, type RmsOptions } from './rms.ts';
import { createShimmer } from './shimmer.ts';
import { createSpectralBandwidth, type SpectralBandwidthOptions } from './spectral-bandwidth.ts';
import { createSpectralCentroid } from './spectral-centroid.ts';
import { createSpectralContrast, type SpectralContrastOptions } from './spectral-contrast.ts';
import { createSpectralFlatness, type SpectralFlatnessOptions } from './spectral-flatness.ts';
import { createSpectralFlux, type SpectralFluxOptions } from './spectral-flux.ts';
import type { SpectralOptions } from './spectral-frames.ts';
import { createSpectralRolloff, type SpectralRolloffOptions } from './spectral-rolloff.ts';
import { createSpectrogram, type SpectrogramOptions } from './spectrogram.ts';
import { createVoiceActivity, type VoiceActivityOptions } from './voice-activity.ts';
import { createWaveformFrames, type WaveformFramesOptions } from './waveform-frames.ts';
import { createZcr, type ZcrOptions } from './zcr.ts';

/** The options of every feature that a recipe can name. */
export interface NamedFeatureOptions {
  mfcc: MfccOptions;
  logMel: LogMelOptions;
  spectrogram: SpectrogramOptions;
  zcr: ZcrOptions;
  rms: RmsOptions;
  pitch: PitchOptions;
  harmonicity: HarmonicityOptions;
  jitter: PerturbationOptions;
  shimmer: PerturbationOptions;
  formants: FormantsOptions;
  spectralCentroid: SpectralOptions;
  spectralBandwidth: SpectralBandwidthOptions;
  spectralRolloff: SpectralRolloffOptions;
  spectralFlatness: SpectralFlatnessOptions;
  spectralFlux: SpectralFluxOptions;
  spectralContrast: SpectralContrastOptions;
  voiceActivity: VoiceActivityOptions;
  waveformFrames: WaveformFramesOptions;
}

/** A feature that a recipe can name: its function's name. */
export type FeatureName = keyof NamedFeatureOptions;

type Factory<N extends FeatureName> = (options: NamedFeatureOptions[N] & AtRate) => StreamingExtractor<unknown>;

/** The factories by name. */
export const NAMED_FEATURES: { readonly [N in FeatureName]: Factory<N> } = {
  mfcc: createMfcc,
  logMel: createLogMel,
  spectrogram: createSpectrogram,
  zcr: createZcr,
  rms: createRms,
  pitch: createPitch,
  harmonicity: createHarmonicity,
  jitter: createJitter,
  shimmer: createShimmer,
  formants: createFormants,
  spectralCentroid: createSpectralCentroid,
  spectralBandwidth: createSpectralBandwidth,
  spectralRolloff: createSpectralRolloff,
  spectralFlatness: createSpectralFlatness,
  spectralFlux: createSpectralFlux,
  spectralContrast: createSpectralContrast,
  voiceActivity: createVoiceActivity,
  waveformFrames: createWaveformFrames,
};

/** All names, in the order of the table. */
export const FEATURE_NAMES = Object.keys(NAMED_FEATURES) as readonly FeatureName[];
