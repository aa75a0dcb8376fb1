import { SerKitError } from '../../core/errors.ts';
import type { Resolved } from '../../core/options.ts';
import { kaldi } from './kaldi.ts';
import { librosa } from './librosa.ts';
import { opensmile } from './opensmile.ts';
import type { CepstrumNumbers, LogMelNumbers, Preset } from './preset.ts';
import { torchaudio } from './torchaudio.ts';

/** Whose defaults the options of mfcc and logMel start from. Options that are given count before them. */
export type PresetName = 'librosa' | 'torchaudio' | 'kaldi' | 'opensmile';

/** Their names, for schemas. */
export const PRESET_NAMES = ['librosa', 'torchaudio', 'kaldi', 'opensmile'] as const satisfies readonly PresetName[];

const PRESETS: Readonly<Record<PresetName, Preset>> = { librosa, torchaudio, kaldi, opensmile };

/** The defaults, replaced by what is given. */
function override<T extends object>(defaults: T, given: { readonly [K in keyof T]?: T[K] | undefined }): T {
  const decided = { ...defaults };
  for (const key of Object.keys(defaults) as (keyof T)[]) {
    const value = given[key];
    if (value !== undefined) decided[key] = value as T[keyof T];
  }
  return decided;
}

/**
 * Every number of a log-mel spectrum.
 *
 * @throws SerKitError 'bad-option' where the preset's times are less than a sample at the rate
 */
export function logMelNumbers(
  who: string,
  preset: PresetName,
  sampleRate: number,
  given: LogMelNumbers,
): Resolved<LogMelNumbers> {
  const numbers = override(PRESETS[preset].logMel(sampleRate, given), given);
  if (numbers.hopLength < 1 || numbers.winLength < 1) {
    throw new SerKitError(
      'bad-option',
      `${who}: preset ${preset} expected a sampleRate at which 10 ms are at least a sample, got ${sampleRate}`,
    );
  }
  return numbers;
}

/** Every number of the step from log-mel spectrum to cepstrum. */
export function cepstrumNumbers(preset: PresetName, given: CepstrumNumbers): Resolved<CepstrumNumbers> {
  return override(PRESETS[preset].cepstrum, given);
}
