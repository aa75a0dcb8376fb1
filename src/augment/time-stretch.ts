import * as z from 'zod/mini';
import { parseOptions } from '../core/options.ts';
import { checkFrame, phaseVocoderStretch, speechFrame } from './phase-vocoder.ts';
import { drawLogFrom, type Range, rangeFrom } from './range.ts';
import { type Transform, waveformTransform } from './transform.ts';
import { wsolaStretch } from './wsola.ts';

export interface TimeStretchOptions {
  /**
   * How many times as fast, from 0.1 to 10: 2 halves the duration. Drawn in equal steps of its logarithm.
   * @default [0.8, 1.25]
   */
  readonly rate?: Range | undefined;
  /**
   * 'wsola' puts pieces of the waveform together, which keeps speech crisp; 'phaseVocoder' turns the phases of a
   * short-time Fourier transform, and gives librosa's numbers.
   * @default 'wsola'
   */
  readonly method?: 'wsola' | 'phaseVocoder' | undefined;
  /**
   * The phase vocoder's frame in samples, from 16 to 65536: a long one tells low harmonics apart, a short one keeps
   * sounds from smearing. librosa's is 2048. It is refused for WSOLA.
   * @default 40 ms of samples, or the next of 2^a and 5 * 2^a: 640 at 16 kHz, 2048 at 44.1 kHz
   */
  readonly nFft?: number | undefined;
  /** The phase vocoder's step in samples, at most nFft / 2; goes with nFft. @default floor(nFft / 4) */
  readonly hopLength?: number | undefined;
}

/** What timeStretch() draws. */
export interface TimeStretchDraw {
  readonly rate: number;
}

const schema = z.strictObject({
  rate: z.optional(rangeFrom(0.1, 10)),
  method: z.optional(z.enum(['wsola', 'phaseVocoder'])),
  nFft: z.optional(z.int().check(z.minimum(16), z.maximum(65536))),
  hopLength: z.optional(z.int().check(z.minimum(1), z.maximum(32768))),
});
const drawn = z.strictObject({ rate: z.number().check(z.minimum(0.1), z.maximum(10)) });

/**
 * The recording faster or slower at the same pitch: round(n / rate) samples of n, halves to even as librosa; one sample
 * where that is 0. A rate of 1 gives the input itself.
 *
 * @throws SerKitError 'bad-option'; the transform 'bad-input', 'empty', 'not-finite'
 * @example
 * const slower = timeStretch({ rate: 0.9 })(waveform, createRandom(1));
 */
export function timeStretch(options: TimeStretchOptions = {}): Transform<TimeStretchDraw> {
  const { rate = [0.8, 1.25], method = 'wsola', nFft, hopLength } = parseOptions('timeStretch', schema, options);
  checkFrame('timeStretch', method === 'phaseVocoder', nFft, hopLength);
  const frameOptions = { ...(nFft !== undefined && { nFft }), ...(hopLength !== undefined && { hopLength }) };
  return waveformTransform<TimeStretchDraw>({
    kind: 'timeStretch',
    options: { rate, method, ...(method === 'phaseVocoder' && frameOptions) },
    drawn,
    draw: (_, random) => ({ rate: drawLogFrom(rate, random) }),
    apply: (waveform, { rate }) => {
      const { samples, sampleRate } = waveform;
      if (rate === 1) return waveform;
      if (method === 'phaseVocoder') {
        const frame = { nFft: nFft ?? speechFrame(sampleRate), hopLength };
        return { samples: phaseVocoderStretch(samples, rate, frame), sampleRate };
      }
      return { samples: wsolaStretch(samples, sampleRate, rate), sampleRate };
    },
  });
}
