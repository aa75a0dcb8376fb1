import * as z from 'zod/mini';
import { parseOptions, positive } from '../../core/options.ts';
import { checkWaveform, type Waveform } from '../../core/waveform.ts';
import { factorShape } from '../frame-perturbation.ts';
import { harmonicity } from '../harmonicity.ts';
import { jitterOf, meanPeriodOf, perturbationLimits, shimmerOf } from '../perturbation.ts';
import { voiceRange } from '../voice-range.ts';
import { markContour } from './mark-contour.ts';
import { type PeriodContour, periodContour } from './period-contour.ts';

/** Options of {@link voiceQuality}. Defaults are Praat's. */
export interface VoiceQualityOptions {
  /** The lowest fundamental frequency that is looked for, in Hz. @default 75 */
  readonly fMin?: number | undefined;
  /** The highest, in Hz, up to half the rate. @default 600, or half the rate where that is less */
  readonly fMax?: number | undefined;
  /** Neighbouring periods that differ by more than this factor are not compared: above 1. @default 1.3 */
  readonly maxPeriodFactor?: number | undefined;
  /** Neighbouring amplitudes that differ by more than this factor are not compared: above 1. @default 1.6 */
  readonly maxAmplitudeFactor?: number | undefined;
}

/** The voice of a whole clip. All is 0 where no voice is found. */
export interface VoiceQuality {
  /** Mean absolute difference of neighbouring periods over the mean period. */
  readonly jitter: number;
  /** Mean absolute difference of neighbouring periods' amplitudes over the mean amplitude. */
  readonly shimmer: number;
  /** Mean harmonics-to-noise ratio of the voiced frames (10 ms apart), dB. */
  readonly hnrDb: number;
  /** The mean period, seconds. */
  readonly meanPeriodSec: number;
  /** The share of the frames that are voiced, from 0 to 1. */
  readonly voicedShare: number;
  /** When the periods begin, seconds. */
  readonly marksSec: Float64Array<ArrayBuffer>;
}

const voiceQualitySchema = () =>
  z.strictObject({ fMin: z.optional(positive), fMax: z.optional(positive), ...factorShape() });

/** The mean harmonicity, in dB, of the frames that are voiced. */
function meanHarmonicity(waveform: Waveform, fMin: number, fMax: number, contour: PeriodContour): number {
  const { periods, hop, first } = contour;
  const hopLength = Math.max(1, Math.round(0.01 * waveform.sampleRate));
  const { data } = harmonicity(waveform, { fMin, fMax, hopLength });
  let sum = 0;
  let voiced = 0;
  for (let t = 0; t < data.length; t++) {
    if (!(periods[Math.round((t * hopLength - first) / hop)] > 0)) continue;
    sum += data[t];
    voiced++;
  }
  return voiced === 0 ? 0 : sum / voiced;
}

/**
 * The voice of a whole clip: { jitter, shimmer, hnrDb, meanPeriodSec, voicedShare, marksSec }; jitter and shimmer without
 * unit, all 0 where no voice is found (silence, a clip shorter than three periods of fMin).
 *
 * The period is followed through the clip (autocorrelation and the best path, Boersma 1993), then marked period by period
 * by waveform matching; jitter and shimmer are Praat's "local" ones, as are the factors and limits, of the samples less
 * their mean, so that an offset does not count. Where the marks agree, as in clear vowels, they differ by less than
 * 0.5 %, in whole sentences mostly by 3 and 1 %. The path needs the whole clip, so nothing here is
 * streamed: {@link jitter}, {@link shimmer} and {@link harmonicity} are the measures by frames.
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'empty', 'not-finite'
 * @example
 * const quality = voiceQuality(waveform);
 * quality.jitter; // 0.01: neighbouring periods differ by 1 %
 */
export function voiceQuality(waveform: Waveform, options: VoiceQualityOptions = {}): VoiceQuality {
  const who = 'voiceQuality';
  checkWaveform(who, waveform);
  const {
    maxPeriodFactor = 1.3,
    maxAmplitudeFactor = 1.6,
    ...range
  } = parseOptions(who, voiceQualitySchema(), options);
  const { sampleRate } = waveform;
  const { fMin, fMax } = voiceRange(who, range, sampleRate);
  // An offset would be the loudest there is, and nothing silent beside it.
  const mean = waveform.samples.reduce((sum, x) => sum + x, 0) / waveform.samples.length;
  const samples = waveform.samples.map((x) => x - mean);
  const contour = periodContour(samples, sampleRate, fMin, fMax);
  const { times, count } = markContour(samples, contour);
  const limits = perturbationLimits(sampleRate, fMin, { maxPeriodFactor, maxAmplitudeFactor });
  const voiced = contour.periods.reduce((sum, period) => sum + (period > 0 ? 1 : 0), 0);
  return {
    jitter: jitterOf(times, count, limits),
    shimmer: shimmerOf(samples, times, count, limits),
    hnrDb: voiced === 0 ? 0 : meanHarmonicity(waveform, fMin, fMax, contour),
    meanPeriodSec: meanPeriodOf(times, count, limits) / sampleRate,
    voicedShare: voiced === 0 ? 0 : voiced / contour.periods.length,
    marksSec: Float64Array.from(times.subarray(0, count), (mark) => mark / sampleRate),
  };
}
