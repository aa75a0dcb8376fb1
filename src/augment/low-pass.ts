import { passFilter } from './pass-filter.ts';
import type { Range } from './range.ts';
import type { Transform } from './transform.ts';

export interface LowPassOptions {
  /**
   * Where the amplitude is 1 / sqrt(2), in Hz, from 1 to 192,000; drawn in equal steps of the logarithm.
   * @default [1000, 7500]
   */
  readonly cutoffHz?: Range | undefined;
  /** How steep: 6 dB an octave for each, from 1 to 12. A range of whole numbers, each as likely. @default [2, 4] */
  readonly order?: number | readonly [least: number, most: number] | undefined;
}

/** What lowPass() draws. */
export interface LowPassDraw {
  readonly cutoffHz: number;
  readonly order: number;
}

/**
 * The recording without what lies above a cutoff: a muffled microphone, a wall, a blanket. A Butterworth filter, down by
 * 3.01 dB at the cutoff and by 6 dB more an octave for each order beyond.
 *
 * The filter is causal, as `scipy.signal.sosfilt` runs `scipy.signal.butter(order, cutoffHz, fs=sampleRate, output='sos')`:
 * before the clip there is silence, and speech comes later by up to about order / (9 cutoffHz) seconds (0.4 ms at 1 kHz and
 * order 4). A cutoff at or above half the clip's rate gives the clip itself. Silence stays silence; samples can leave
 * [-1, 1] a little. audiomentations draws from 150 Hz on, where little speech is left; the least here is 1 kHz.
 *
 * @throws SerKitError 'bad-option'; the transform 'bad-input', 'empty', 'not-finite'
 * @example
 * const muffled = lowPass({ cutoffHz: 2000, order: 4 })(waveform, createRandom(1));
 */
export function lowPass(options: LowPassOptions = {}): Transform<LowPassDraw> {
  return passFilter('lowPass', options, { cutoffHz: [1000, 7500], order: [2, 4] }, (waveform) => waveform);
}
