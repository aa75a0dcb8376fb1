import { SerKitError } from '../../core/errors.ts';
import type { Resolved } from '../../core/options.ts';
import { withDefaults } from '../with-defaults.ts';
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
  const numbers = withDefaults(PRESETS[preset].logMel(sampleRate, given), given);
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
  return withDefaults(PRESETS[preset].cepstrum, given);
}
