import type { Resolved } from '../../core/options.ts';
import type { ConditioningOptions } from '../../dsp/conditioning.ts';
import type { DecibelOptions } from '../../dsp/decibel.ts';
import type { MelOptions } from '../../dsp/mel.ts';
import type { StftOptions } from '../../dsp/stft.ts';

/**
 * Every number of a log-mel spectrum that a preset decides.
 */
export interface LogMelNumbers extends ConditioningOptions, StftOptions, MelOptions, DecibelOptions {
  /** 2: bands sum powers; 1: they sum magnitudes. @default 2 */
  readonly power?: 1 | 2 | undefined;
}

/** Every number that turns a log-mel spectrum into cepstral coefficients. */
export interface CepstrumNumbers {
  /** How many coefficients, at most nMels. @default 20 */
  readonly nMfcc?: number | undefined;
  /**
   * 'ortho': the cosine transform is orthonormal. 'htk': every coefficient, the first too, is sqrt(2 / nMels) times the
   * plain sum. null: it is scipy's unscaled one, twice the plain sum. @default 'ortho'
   */
  readonly dctNorm?: 'ortho' | 'htk' | null | undefined;
  /** L > 0 multiplies coefficient n by 1 + L / 2 sin(pi (n + lifterShift) / L); 0 does not. @default 0 */
  readonly lifter?: number | undefined;
  /** What is added to n in the lifter: 1 in librosa, 0 in HTK and Kaldi, which leave coefficient 0 as it is. @default 1 */
  readonly lifterShift?: 0 | 1 | undefined;
  /** Where coefficient 0 stands: before the others, or after them as in HTK's files. @default 'first' */
  readonly c0?: 'first' | 'last' | undefined;
}

/** Where the defaults come from: see PRESETS. */
export interface Preset {
  /**
   * The defaults at a sample rate, where the sizes that the caller did choose are given: what hangs on them follows them.
   */
  logMel(sampleRate: number, given: LogMelNumbers): Resolved<LogMelNumbers>;
  readonly cepstrum: Resolved<CepstrumNumbers>;
}

/** The least power of two that is not below `length`, at least 2. */
export function powerOfTwo(length: number): number {
  let size = 2;
  while (size < length) size *= 2;
  return size;
}
