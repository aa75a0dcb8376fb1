import * as z from 'zod/mini';
import { SerKitError } from '../core/errors.ts';
import type { FeatureMatrix, StreamingExtractor } from '../core/feature-matrix.ts';
import { nonNegative, parseOptions, positive, type Resolved, size } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { type Framing, frameCount, visitRuns } from '../dsp/frames.ts';
import { type AtRate, createExtractor, oneShot, type Prepare } from './extractor.ts';
import { dropRuns, holdRuns, type LevelThresholds, speechFrames } from './speech-frames.ts';

/** Options of {@link voiceActivity}. */
export interface VoiceActivityOptions {
  /** Samples in a frame. @default 25 ms of them, an even number */
  readonly frameLength?: number | undefined;
  /** Samples from one frame to the next. @default 10 ms of them */
  readonly hopLength?: number | undefined;
  /** True: frame t is centred on sample t * hopLength. False: it begins there. @default true */
  readonly center?: boolean | undefined;
  /** Where speech may begin and end, as a share of the way from the noise level to the peak level. @default 0.03 */
  readonly lower?: number | undefined;
  /** What speech reaches somewhere, as such a share, at least `lower`. @default 0.1 */
  readonly upper?: number | undefined;
  /** The percentile of the frames' levels that is taken for the noise. @default 10 */
  readonly noisePercentile?: number | undefined;
  /** A clip whose peak is less than this above its noise holds no speech. @default 6 */
  readonly minContrastDb?: number | undefined;
  /** How far from its loud part speech may go on as frication, which is soft but crosses zero often. @default 0.25 */
  readonly fricationSec?: number | undefined;
  /** Pauses shorter than this are speech. @default 0.1 */
  readonly minPauseSec?: number | undefined;
  /** Speech shorter than this is none: a click. @default 0.06 */
  readonly minSpeechSec?: number | undefined;
  /** Speech goes on for this long before and after it. @default 0.03 */
  readonly hangoverSec?: number | undefined;
}

/** VoiceActivityOptions with every option decided, and the sample rate. */
export type VoiceActivityConfig = Resolved<VoiceActivityOptions> & AtRate;

const share = () => z.optional(z.number().check(z.gt(0), z.lt(1)));

const voiceActivitySchema = () =>
  z.strictObject({
    sampleRate: positive,
    frameLength: z.optional(size),
    hopLength: z.optional(size),
    center: z.optional(z.literal([true, false])),
    lower: share(),
    upper: share(),
    noisePercentile: z.optional(z.number().check(z.minimum(0), z.maximum(100))),
    minContrastDb: z.optional(nonNegative),
    fricationSec: z.optional(nonNegative),
    minPauseSec: z.optional(nonNegative),
    minSpeechSec: z.optional(nonNegative),
    hangoverSec: z.optional(nonNegative),
  });

function voiceActivityConfig(who: string, o: VoiceActivityOptions & AtRate): VoiceActivityConfig {
  const { sampleRate, center = true, lower = 0.03, upper = Math.max(0.1, lower), noisePercentile = 10 } = o;
  const { frameLength = Math.max(2, 2 * Math.round(0.0125 * sampleRate)) } = o;
  const { hopLength = Math.max(1, Math.round(0.01 * sampleRate)) } = o;
  const { minContrastDb = 6, fricationSec = 0.25, minPauseSec = 0.1, minSpeechSec = 0.06, hangoverSec = 0.03 } = o;
  if (upper < lower) {
    throw new SerKitError('bad-option', `${who}: upper expected >= lower = ${lower}, got ${upper}`);
  }
  const levels = { lower, upper, noisePercentile, minContrastDb };
  const durations = { fricationSec, minPauseSec, minSpeechSec, hangoverSec };
  return { sampleRate, frameLength, hopLength, center, ...levels, ...durations };
}

/** Frames in so many seconds, to the nearest. */
function framesOf(seconds: number, { sampleRate, hopLength }: VoiceActivityConfig): number {
  return Math.round((seconds * sampleRate) / hopLength);
}

const NAMES = ['voiceActivity'] as const;

const prepareVoiceActivity: Prepare<VoiceActivityOptions, VoiceActivityConfig> = (who, options) => {
  const config = voiceActivityConfig(who, parseOptions(who, voiceActivitySchema(), options));
  const { sampleRate, frameLength, hopLength } = config;
  // Mirrored ends have the level of what lies next to them; zeros would count as noise.
  const framing: Framing = { ...config, padMode: 'reflect' };
  const frication = framesOf(config.fricationSec, config);
  const pause = framesOf(config.minPauseSec, config);
  const speech = framesOf(config.minSpeechSec, config);
  const hangover = framesOf(config.hangoverSec, config);
  const thresholds: LevelThresholds = config;
  return {
    config,
    names: NAMES,
    framing,
    streamed: 'the whole clip, so use extract(): its levels decide the thresholds',
    compute(samples) {
      const frames = frameCount(who, samples.length, framing);
      let offset = 0;
      for (let n = 0; n < samples.length; n++) offset += samples[n];
      offset /= samples.length;
      const levels = new Float64Array(frames);
      const crossings = new Float64Array(frames);
      visitRuns(samples, framing, frames, (buffer, first, frame, some) => {
        for (let t = 0; t < some; t++) {
          const start = first + t * hopLength;
          let sum = 0;
          let turns = 0;
          let before = buffer[start] < offset;
          for (let n = start; n < start + frameLength; n++) {
            const negative = buffer[n] < offset;
            sum += Math.abs(buffer[n] - offset);
            if (negative !== before) turns++;
            before = negative;
          }
          levels[frame + t] = sum / frameLength;
          crossings[frame + t] = (turns / frameLength) * sampleRate;
        }
      });
      const active = speechFrames(levels, crossings, thresholds, frication);
      dropRuns(active, 0, pause);
      dropRuns(active, 1, speech);
      holdRuns(active, hangover);
      dropRuns(active, 0, pause);
      return { data: active, frames, dims: 1, names: NAMES };
    },
  };
};

/**
 * Where there is speech, [frames, 1]: 1 in frames of speech, 0 in others. By level and zero crossings, after Rabiner and
 * Sambur 1975, with thresholds relative to the clip, so that its gain does not count:
 *
 * 1. A frame's level is its mean magnitude, the clip's mean taken off. The noise level is a percentile of the levels (and
 *    at least a thousandth of the peak), the peak level is the greatest. A clip without contrast between them has no
 *    speech: silence, steady noise, a steady tone.
 * 2. Runs of frames above noise + `lower` * (peak - noise) are speech where they reach noise + `upper` * (peak - noise).
 * 3. Up to `fricationSec` before and after, speech goes on to the outermost of at least three frames that cross zero more
 *    often than 2,500 times a second and than the noise does (mean and two deviations).
 * 4. Short pauses are filled, short bursts dropped, and what is left is held on for `hangoverSec`.
 *
 * Unlike the paper, the noise is not the first 100 ms, so a clip may begin with speech; the upper threshold is a share
 * of the peak and not five times the lower one, which a noisy clip never reaches; and crossings have to exceed both
 * limits, where the paper asks for the lesser.
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'empty', 'not-finite'; 'too-short' without centring
 * @example
 * const speech = voiceActivity(waveform, { hopLength: 160 });
 * const spoken = functionals(rms(waveform, { hopLength: 160 }), { voiced: { mask: speech } });
 */
export const voiceActivity: (waveform: Waveform, options?: VoiceActivityOptions) => FeatureMatrix =
  /* @__PURE__ */ oneShot('voiceActivity', prepareVoiceActivity);

/**
 * {@link voiceActivity} prepared for many waveforms of one sample rate. It does not stream: the thresholds need the clip.
 *
 * @throws SerKitError 'bad-option'; its `extract` throws 'wrong-rate' at another sample rate
 * @example
 * const extractor = createVoiceActivity({ sampleRate: 16000, minPauseSec: 0.2 });
 * const matrices = waveforms.map((waveform) => extractor.extract(waveform));
 */
export function createVoiceActivity(options: VoiceActivityOptions & AtRate): StreamingExtractor<VoiceActivityConfig> {
  return createExtractor('createVoiceActivity', prepareVoiceActivity, options);
}
