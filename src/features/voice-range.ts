import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { positive, size } from '../core/options.ts';
import type { AtRate } from './extractor.ts';

/** Options of measures that look for a voice's period in frames of several periods. */
export interface VoiceFrameOptions {
  /** The lowest fundamental frequency that is looked for, in Hz. @default 75 */
  readonly fMin?: number | undefined;
  /** The highest, in Hz, up to half the rate. @default 600, or half the rate where that is less */
  readonly fMax?: number | undefined;
  /** Samples in a frame: at least three periods of fMin. @default so many periods of fMin as the feature says, made even */
  readonly frameLength?: number | undefined;
  /** Samples from one frame to the next. @default 512 */
  readonly hopLength?: number | undefined;
  /** True: frame t is centred on sample t * hopLength, zeros beyond the ends. False: it begins there. @default true */
  readonly center?: boolean | undefined;
}

/** The longest period that is looked for, in samples. */
const MOST_PERIOD = 2 ** 20;

/** The schemas of VoiceFrameOptions and of the sample rate. */
export const voiceFrameShape = () => ({
  sampleRate: positive,
  fMin: z.optional(positive),
  fMax: z.optional(positive),
  frameLength: z.optional(size),
  hopLength: z.optional(size),
  center: z.optional(z.literal([true, false])),
});

/**
 * Fills in the range of the fundamental frequency.
 *
 * @throws SerKitError 'bad-option' where it is empty or reaches beyond half the rate
 */
export function voiceRange(who: string, o: Pick<VoiceFrameOptions, 'fMin' | 'fMax'>, sampleRate: number) {
  const { fMin = 75, fMax = Math.min(600, sampleRate / 2) } = o;
  checkRange(who, fMin, fMax, sampleRate);
  const least = sampleRate / MOST_PERIOD;
  if (fMin < least) {
    throw new SerKitError('bad-option', `${who}: fMin expected >= ${least} at ${sampleRate} Hz, got ${quote(fMin)}`);
  }
  return { fMin, fMax };
}

/** @throws SerKitError 'bad-option' where the range from fMin to fMax is empty or reaches beyond half the rate */
export function checkRange(who: string, fMin: number, fMax: number, sampleRate: number): void {
  if (fMax > sampleRate / 2) {
    throw new SerKitError(
      'bad-option',
      `${who}: fMax expected <= half the sample rate = ${sampleRate / 2}, got ${quote(fMax)}`,
    );
  }
  if (fMin >= fMax) {
    throw new SerKitError('bad-option', `${who}: fMin expected < fMax = ${fMax}, got ${quote(fMin)}`);
  }
}

/**
 * Fills in the defaults.
 *
 * @param periods  how many periods of fMin a frame has unless told
 * @throws SerKitError 'bad-option' where the range is empty, or the frame too short for it
 */
export function voiceFrameConfig(who: string, o: VoiceFrameOptions & AtRate, periods: number) {
  const { sampleRate, hopLength = 512, center = true } = o;
  const { fMin, fMax } = voiceRange(who, o, sampleRate);
  // Even, so that there are as many frames as of rms.
  const { frameLength = 2 * Math.ceil((periods * sampleRate) / fMin / 2) } = o;
  const least = Math.ceil((3 * sampleRate) / fMin);
  if (frameLength < least) {
    throw new SerKitError(
      'bad-option',
      `${who}: frameLength expected at least three periods of fMin = ${least} samples, got ${quote(frameLength)}`,
    );
  }
  return { sampleRate, fMin, fMax, frameLength, hopLength, center };
}
