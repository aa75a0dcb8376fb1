import * as z from 'zod/mini';
import { SerKitError } from '../../core/errors.ts';
import { checkOption, parseOptions, positive, type Resolved, size } from '../../core/options.ts';
import { PAD_MODES, type PadMode } from '../../dsp/frames.ts';
import type { AtRate } from '../extractor.ts';
import { checkRange } from '../voice-range.ts';
import { withDefaults } from '../with-defaults.ts';
import type { PeriodRange } from './yin-difference.ts';

/** Options of `pitch`. Names are librosa 0.11's pyin and yin, and so are defaults except those of fMin and fMax. */
export interface PitchOptions {
  /**
   * 'pyin': several candidates a frame, and the likeliest path through them over the whole clip. 'yin': each frame for
   * itself, which streams. @default 'pyin'
   */
  readonly method?: 'pyin' | 'yin' | undefined;
  /** Lowest pitch looked for, in Hz. librosa has no default, and advises C2, 65.4. @default 65 */
  readonly fMin?: number | undefined;
  /**
   * Highest pitch looked for, in Hz, at most half the rate. Adults speak between about 75 and 300 Hz and reach 500 when
   * they are agitated; what is above would only be taken for a voice that it is not. @default 500
   */
  readonly fMax?: number | undefined;
  /** Samples in a frame: two periods of fMin or more are sound, one is needed. @default 2048 */
  readonly frameLength?: number | undefined;
  /** Samples from one frame to the next. @default floor(frameLength / 4) */
  readonly hopLength?: number | undefined;
  /** True: frame t is centred on sample t * hopLength, and the signal is padded. False: it begins there. @default true */
  readonly center?: boolean | undefined;
  /** What lies beyond the ends when centred. @default 'constant' */
  readonly padMode?: PadMode | undefined;
  /**
   * True: f0 is the peak of the autocorrelation of the samples that overlap, interpolated, within 0.1 % on steady tones.
   * False: librosa's numbers, which for pyin lie on a grid of `resolution`, and for yin, whose periods begin at a whole
   * number of samples, up to one sample's worth above fMax. @default true
   */
  readonly refine?: boolean | undefined;
  /** yin: the first trough of the normalized difference below this is the period; with none, the deepest. @default 0.1 */
  readonly troughThreshold?: number | undefined;
  /** yin: a frame is voiced from this similarity of neighbouring periods on, from 0 to 1. @default 0.6 */
  readonly voicingThreshold?: number | undefined;
  /** pyin: how many thresholds are tried. @default 100 */
  readonly nThresholds?: number | undefined;
  /** pyin: the beta distribution that thresholds have. @default [2, 18] */
  readonly betaParameters?: readonly [number, number] | undefined;
  /** pyin: how much likelier each trough is than the next; larger favours short periods. @default 2 */
  readonly boltzmannParameter?: number | undefined;
  /** pyin: the distance of pitches that the path is made of, in semitones, in (0, 1). @default 0.1 */
  readonly resolution?: number | undefined;
  /** pyin: how fast pitch may move, in octaves per second. @default 35.92 */
  readonly maxTransitionRate?: number | undefined;
  /** pyin: the chance of passing from voiced to unvoiced or back, in (0, 1). @default 0.01 */
  readonly switchProb?: number | undefined;
  /** pyin: the most that the deepest trough gets where none is below a threshold, in (0, 1). @default 0.01 */
  readonly noTroughProb?: number | undefined;
}

/** PitchOptions with every option decided, and the sample rate. */
export type PitchConfig = Resolved<PitchOptions> & AtRate;

const share = z.number().check(z.positive(), z.lt(1));

const pitchSchema = () =>
  z.strictObject({
    sampleRate: positive,
    method: z.optional(z.literal(['pyin', 'yin'])),
    fMin: z.optional(positive),
    fMax: z.optional(positive),
    frameLength: z.optional(size),
    hopLength: z.optional(size),
    center: z.optional(z.literal([true, false])),
    padMode: z.optional(z.literal(PAD_MODES)),
    refine: z.optional(z.literal([true, false])),
    troughThreshold: z.optional(positive),
    voicingThreshold: z.optional(z.number().check(z.nonnegative(), z.maximum(1))),
    nThresholds: z.optional(z.int().check(z.positive(), z.maximum(2 ** 16))),
    betaParameters: z.optional(z.array(positive)),
    boltzmannParameter: z.optional(positive),
    resolution: z.optional(share),
    maxTransitionRate: z.optional(positive),
    switchProb: z.optional(share),
    noTroughProb: z.optional(share),
  });

/**
 * Checks the options and fills in the defaults.
 *
 * @throws SerKitError 'bad-option', also where fMin does not fit into a frame or fMax is above half the rate
 */
export function pitchConfig(who: string, options: PitchOptions & AtRate): PitchConfig {
  const o = parseOptions(who, pitchSchema(), options) as PitchOptions & AtRate;
  const { betaParameters: pair = [2, 18] } = o;
  checkOption(who, 'betaParameters', pair.length === 2, 'two numbers > 0', pair);
  const { sampleRate, fMin = 65, fMax = 500, frameLength = 2048 } = o;
  checkRange(who, fMin, fMax, sampleRate);
  if (sampleRate / fMin >= frameLength - 1) {
    const least = Math.floor(sampleRate / fMin) + 2;
    throw new SerKitError(
      'bad-option',
      `${who}: frameLength expected >= ${least} for a period of fMin = ${fMin}, got ${frameLength}`,
    );
  }
  const defaults: PitchConfig = {
    sampleRate,
    method: 'pyin',
    fMin,
    fMax,
    frameLength,
    hopLength: Math.max(1, Math.floor(frameLength / 4)),
    center: true,
    padMode: 'constant',
    refine: true,
    troughThreshold: 0.1,
    voicingThreshold: 0.6,
    nThresholds: 100,
    betaParameters: [2, 18],
    boltzmannParameter: 2,
    resolution: 0.1,
    maxTransitionRate: 35.92,
    switchProb: 0.01,
    noTroughProb: 0.01,
  };
  const config = withDefaults(defaults, o);
  if (2 * pitchBins(config).nBins > MOST_STATES) {
    throw new SerKitError(
      'bad-option',
      `${who}: resolution expected to give at most ${MOST_STATES / 2} pitches, got ${config.resolution}`,
    );
  }
  return config;
}

/** The states of a path, pitches voiced and unvoiced, are kept in 16 bits each. */
const MOST_STATES = 2 ** 16;

/** The pitches that pyin's path is made of: bin b lies at fMin * 2 ** (b / perOctave). */
export function pitchBins({ fMin, fMax, resolution }: PitchConfig): {
  readonly perOctave: number;
  readonly nBins: number;
} {
  const perOctave = 12 * Math.ceil(1 / resolution);
  return { perOctave, nBins: Math.floor(perOctave * Math.log2(fMax / fMin)) + 1 };
}

/** The periods from fMax to fMin, in whole samples. */
export function periodRange({ sampleRate, fMin, fMax, frameLength }: PitchConfig): PeriodRange {
  return {
    minPeriod: Math.floor(sampleRate / fMax),
    maxPeriod: Math.min(Math.ceil(sampleRate / fMin), frameLength - 1),
  };
}
