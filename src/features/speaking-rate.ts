import * as z from 'zod/mini';
import { nonNegative, parseOptions, positive } from '../core/options.ts';
import { checkWaveform, type Waveform } from '../core/waveform.ts';
import { gaussianWindow } from '../dsp/gaussian-window.ts';
import { NormalizedAutocorrelation } from '../dsp/normalized-autocorrelation.ts';
import { createWindow } from '../dsp/window.ts';
import { voiceRange } from './voice-range.ts';

/** Options of {@link speakingRate}. Defaults are de Jong and Wempe's, but for voicingThreshold. */
export interface SpeakingRateOptions {
  /** How far below the loudest (the 99th percentile of the intensity) a nucleus may lie, dB. @default 25 */
  readonly silenceDb?: number | undefined;
  /** How far the intensity has to fall on either side of a nucleus, dB. @default 2 */
  readonly minDipDb?: number | undefined;
  /** Softer stretches of at least so many seconds are pauses. @default 0.3 */
  readonly minPauseSec?: number | undefined;
  /** The normalized autocorrelation from which on a peak is voiced, and so a nucleus: 0 to 1. @default 0.5 */
  readonly voicingThreshold?: number | undefined;
  /** The lowest fundamental frequency of a voice, Hz. @default 75 */
  readonly fMin?: number | undefined;
  /** The highest, Hz, up to half the rate. @default 600, or half the rate where that is less */
  readonly fMax?: number | undefined;
}

/** How fast a clip is spoken. */
export interface SpeakingRate {
  /** How many syllable nuclei were found. */
  readonly syllables: number;
  /** Syllables over the whole clip's duration, pauses included (the speech rate). */
  readonly syllablesPerSecond: number;
  /** Syllables over the time without pauses; 0 where none is spoken. */
  readonly articulationRate: number;
  /** The time without pauses, seconds. */
  readonly phonationSec: number;
  /** When the nuclei are, seconds, ascending. */
  readonly nucleiSec: readonly number[];
}

const speakingRateSchema = () =>
  z.strictObject({
    silenceDb: z.optional(positive),
    minDipDb: z.optional(positive),
    minPauseSec: z.optional(nonNegative),
    voicingThreshold: z.optional(z.number().check(z.minimum(0), z.maximum(1))),
    fMin: z.optional(positive),
    fMax: z.optional(positive),
  });

/** Seconds from one value of the intensity to the next, and that its window spans (half of it weighs). */
const STEP_SEC = 0.01;
const WINDOW_SEC = 0.128;

/** Below this the mean square is silence: -200 dB of full scale. */
const LEAST_POWER = 1e-20;

/** The intensity in dB of full scale, every `hop` samples from sample 0 on: the mean square under a Gaussian window. */
function intensity(samples: Float32Array, sampleRate: number, hop: number): Float64Array {
  const window = gaussianWindow(2 * Math.round((WINDOW_SEC / 2) * sampleRate) + 1);
  const half = (window.length - 1) / 2;
  const mean = samples.reduce((sum, x) => sum + x, 0) / samples.length;
  return Float64Array.from({ length: 1 + Math.floor((samples.length - 1) / hop) }, (_, t) => {
    const centre = t * hop;
    const first = Math.max(0, centre - half);
    const last = Math.min(samples.length - 1, centre + half);
    let sum = 0;
    let weight = 0;
    for (let n = first; n <= last; n++) {
      const w = window[n - centre + half];
      sum += w * (samples[n] - mean) ** 2;
      weight += w;
    }
    return 10 * Math.log10(Math.max(LEAST_POWER, sum / weight));
  });
}

/**
 * The places of maxima from which the values fall by at least `dip` on either side, if they do not first come to an end
 * of the clip: what is cut off there has no dip that could be measured.
 */
function prominentPeaks(values: Float64Array, dip: number): number[] {
  const peaks: number[] = [];
  let lowest = values[0];
  let top = 0;
  for (let t = 0; t < values.length; t++) {
    if (top < 0) {
      // Climbing out of a dip.
      lowest = Math.min(lowest, values[t]);
      if (values[t] - lowest >= dip) top = t;
    } else if (values[t] > values[top]) {
      top = t;
    } else if (values[top] - values[t] >= dip) {
      peaks.push(top);
      top = -1;
      lowest = values[t];
    }
  }
  if (top >= 0) peaks.push(top);
  return peaks;
}

/** How many values lie in runs of at least `least` values below a threshold. */
function pausedSteps(values: Float64Array, threshold: number, least: number): number {
  let paused = 0;
  let run = 0;
  for (let t = 0; t <= values.length; t++) {
    if (t < values.length && values[t] < threshold) run++;
    else {
      if (run > 0 && run >= least) paused += run;
      run = 0;
    }
  }
  return paused;
}

/** Tells whether the frame around a sample is voiced: its normalized autocorrelation has a peak as high as told. */
function voicedTest(samples: Float32Array, sampleRate: number, fMin: number, fMax: number, least: number) {
  const length = 2 * Math.ceil((1.5 * sampleRate) / fMin);
  const correlation = new NormalizedAutocorrelation(createWindow('hann', length), sampleRate / fMin);
  const frame = new Float32Array(length);
  return (centre: number): boolean => {
    for (let n = 0; n < length; n++) frame[n] = samples[centre - length / 2 + n] ?? 0;
    if (!correlation.load(frame, 0)) return false;
    correlation.best(sampleRate / fMax, sampleRate / fMin, 0);
    return correlation.strength >= least;
  };
}

/**
 * Syllables a second: { syllables, syllablesPerSecond, articulationRate, phonationSec, nucleiSec }, rates in 1/s, times
 * in seconds; 0 syllables in silence.
 *
 * After de Jong and Wempe 2009 ("Praat script to detect syllable nuclei and measure speech rate automatically"): a
 * nucleus is a peak of the intensity (mean square under a Gaussian window of 64 ms effective length, every 10 ms) that
 * lies at most silenceDb below the clip's 99th percentile, is minDipDb above the dips on either side (an end of the clip is
 * one), and is voiced. It
 * needs no transcript, and misses about what they report: vowels that run into one another count as one. The percentile
 * needs the whole clip, so nothing is streamed.
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'empty', 'not-finite'
 * @example
 * const { syllables, articulationRate } = speakingRate(waveform);
 */
export function speakingRate(waveform: Waveform, options: SpeakingRateOptions = {}): SpeakingRate {
  const who = 'speakingRate';
  checkWaveform(who, waveform);
  const parsed = parseOptions(who, speakingRateSchema(), options);
  const { silenceDb = 25, minDipDb = 2, minPauseSec = 0.3, voicingThreshold = 0.5 } = parsed;
  const { samples, sampleRate } = waveform;
  const { fMin, fMax } = voiceRange(who, parsed, sampleRate);
  const hop = Math.max(1, Math.round(STEP_SEC * sampleRate));
  const values = intensity(samples, sampleRate, hop);
  const sorted = values.slice().sort();
  const threshold = Math.max(sorted[Math.floor(0.99 * (sorted.length - 1))] - silenceDb, 10 * Math.log10(LEAST_POWER));
  const isVoiced = voicedTest(samples, sampleRate, fMin, fMax, voicingThreshold);
  const nuclei = prominentPeaks(values, minDipDb).filter((t) => values[t] > threshold && isVoiced(t * hop));
  const durationSec = samples.length / sampleRate;
  const silent = values.every((value) => value <= 10 * Math.log10(LEAST_POWER));
  const share = silent ? 1 : pausedSteps(values, threshold, (minPauseSec * sampleRate) / hop) / values.length;
  const phonationSec = durationSec * (1 - share);
  return {
    syllables: nuclei.length,
    syllablesPerSecond: nuclei.length / durationSec,
    articulationRate: phonationSec > 0 ? nuclei.length / phonationSec : 0,
    phonationSec,
    nucleiSec: nuclei.map((t) => (t * hop) / sampleRate),
  };
}
