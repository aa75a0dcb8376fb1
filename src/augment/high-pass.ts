import { SerKitError } from '../core/errors.ts';
import { passFilter } from './pass-filter.ts';
import type { Range } from './range.ts';
import type { Transform } from './transform.ts';

export interface HighPassOptions {
  /**
   * Where the amplitude is 1 / sqrt(2), in Hz, from 1 to 192,000; drawn in equal steps of the logarithm.
   * @default [20, 500]
   */
  readonly cutoffHz?: Range | undefined;
  /** How steep: 6 dB an octave for each, from 1 to 12. A range of whole numbers, each as likely. @default [2, 4] */
  readonly order?: number | readonly [least: number, most: number] | undefined;
}

/** What highPass() draws. */
export interface HighPassDraw {
  readonly cutoffHz: number;
  readonly order: number;
}

/**
 * The recording without what lies below a cutoff: a small loudspeaker, a microphone's rumble filter. A Butterworth filter,
 * down by 3.01 dB at the cutoff and by 6 dB more an octave for each order beneath.
 *
 * The filter is causal, as `scipy.signal.sosfilt` runs
 * `scipy.signal.butter(order, cutoffHz, 'highpass', fs=sampleRate, output='sos')`: before the clip there is silence, so a
 * constant offset fades out from the start. A cutoff at or above half the clip's rate would leave nothing, and is refused.
 * Silence stays silence; samples can leave [-1, 1]. audiomentations draws up to 2,400 Hz, where pitch and first
 * formants are gone; the most here is 500 Hz.
 *
 * @throws SerKitError 'bad-option'; the transform 'bad-input', also for a cutoff at or above half the rate, 'empty', 'not-finite'
 * @example
 * const thin = highPass({ cutoffHz: 300, order: 2 })(waveform, createRandom(1));
 */
export function highPass(options: HighPassOptions = {}): Transform<HighPassDraw> {
  return passFilter(
    'highPass',
    options,
    { cutoffHz: [20, 500], order: [2, 4] },
    ({ sampleRate }, { cutoffHz: got }) => {
      throw new SerKitError(
        'bad-input',
        `highPass: cutoffHz expected below half the sample rate, ${sampleRate / 2} Hz, got ${got}; nothing would be left`,
      );
    },
  );
}
