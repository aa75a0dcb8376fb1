import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import { count, parseOptions, positive } from '../core/options.ts';

/** Options of {@link frameTimes}: those that the features were made with. */
export interface FrameTimesOptions {
  /** In Hz. */
  readonly sampleRate: number;
  /** Samples from one frame to the next. @default 512 */
  readonly hopLength?: number | undefined;
  /** Samples in a frame (nFft or frameLength); matters without centring. @default 2048 */
  readonly frameLength?: number | undefined;
  /** Whether frames are centred on their times. @default true */
  readonly center?: boolean | undefined;
}

const frameTimesSchema = () =>
  z.strictObject({
    sampleRate: positive,
    hopLength: z.optional(count),
    frameLength: z.optional(count),
    center: z.optional(z.literal([true, false])),
  });

/**
 * The time of each frame's middle in seconds, one a frame: t * hopLength / sampleRate when centred, and
 * floor(frameLength / 2) samples later when not (librosa.frames_to_time with n_fft).
 *
 * @param frames  a matrix, or how many frames
 * @throws SerKitError 'bad-option', 'bad-input'
 * @example
 * frameTimes(mfcc(waveform), { sampleRate: waveform.sampleRate })[1]; // 512 / sampleRate
 */
export function frameTimes(frames: FeatureMatrix | number, options: FrameTimesOptions): Float64Array<ArrayBuffer> {
  const parsed = parseOptions('frameTimes', frameTimesSchema(), options);
  const { sampleRate, hopLength = 512, frameLength = 2048, center = true } = parsed;
  const length = typeof frames === 'number' ? frames : frames?.frames;
  if (!Number.isInteger(length) || length < 0) {
    throw new SerKitError(
      'bad-input',
      `frameTimes: frames expected a FeatureMatrix or a whole number >= 0, got ${quote(frames)}`,
    );
  }
  const offset = center ? 0 : Math.floor(frameLength / 2);
  return Float64Array.from({ length }, (_, t) => (t * hopLength + offset) / sampleRate);
}
