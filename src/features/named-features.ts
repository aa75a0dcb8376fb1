import type { StreamingExtractor } from '../core/feature-matrix.ts';
import type { AtRate } from './extractor.ts';
import { createLogMel, type LogMelOptions } from './log-mel.ts';
import { createMfcc, type MfccOptions } from './mfcc.ts';
import { createRms, type RmsOptions } from './rms.ts';
import { createSpectrogram, type SpectrogramOptions } from './spectrogram.ts';
import { createZcr, type ZcrOptions } from './zcr.ts';

/** The options of every feature that a recipe can name. */
export interface NamedFeatureOptions {
  mfcc: MfccOptions;
  logMel: LogMelOptions;
  spectrogram: SpectrogramOptions;
  zcr: ZcrOptions;
  rms: RmsOptions;
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
};

/** All names, in the order of the table. */
export const FEATURE_NAMES = Object.keys(NAMED_FEATURES) as readonly FeatureName[];
