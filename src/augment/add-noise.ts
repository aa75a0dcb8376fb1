import * as z from 'zod/mini';
import { parseOptions, seedNumber } from '../core/options.ts';
import { coloredNoise, type NoiseColor } from './colored-noise.ts';
import { mixAtSnr } from './power.ts';
import { drawFrom, type Range, rangeFrom } from './range.ts';
import { type Transform, waveformTransform } from './transform.ts';

export interface AddNoiseOptions {
  /** Power per Hz: alike everywhere (white), ~ 1/f (pink) or ~ 1/f^2 (brown). @default 'white' */
  readonly color?: NoiseColor | undefined;
  /** How far the noise lies below the clip, in dB, from -60 (far above it) to 100. @default [5, 30] */
  readonly snrDb?: Range | undefined;
}

/** What addNoise() draws: the ratio, and the seed of all that the noise is made of. */
export interface AddNoiseDraw {
  readonly snrDb: number;
  readonly seed: number;
}

const schema = z.strictObject({
  color: z.optional(z.enum(['white', 'pink', 'brown'])),
  snrDb: z.optional(rangeFrom(-60, 100)),
});
const drawn = z.strictObject({ snrDb: z.number().check(z.minimum(-60), z.maximum(100)), seed: seedNumber });

/**
 * The recording with gaussian noise at a signal-to-noise ratio: snrDb = 10 log10(P(clip) / P(noise)), P(x) = sum x[n]^2 / n over
 * the whole clip, pauses included. The noise is scaled by its own power in this very clip, so the ratio is met, not met on
 * average: within 0.01 dB from one sample up. (Float32 itself rounds sums about 150 dB below the clip; samples below 1e-38
 * it hardly tells apart, and what would pass 3.4e38 stays there.)
 *
 * White noise has the same power in each Hz, pink 3.01 dB less with each octave, brown 6.02 dB less, in Hz whatever the
 * rate: within 0.5 dB from 50 Hz to 0.9 of half the rate. Below 20 Hz pink and brown noise fall off to nothing at 0 Hz, so
 * they do not drift.
 *
 * Silence comes back unchanged: no noise has a ratio to it. Samples can leave [-1, 1]. The same draw gives the same bytes
 * on every engine.
 *
 * @throws SerKitError 'bad-option'; the transform 'bad-input', 'empty', 'not-finite'
 * @example
 * const noisy = addNoise({ color: 'pink', snrDb: [0, 20] })(waveform, createRandom(1));
 */
export function addNoise(options: AddNoiseOptions = {}): Transform<AddNoiseDraw> {
  const { color = 'white', snrDb = [5, 30] } = parseOptions('addNoise', schema, options);
  return waveformTransform<AddNoiseDraw>({
    kind: 'addNoise',
    options: { color, snrDb },
    drawn,
    draw: (_, random) => ({ snrDb: drawFrom(snrDb, random), seed: Math.floor(random() * 2 ** 32) }),
    apply: (waveform, { snrDb, seed }) => {
      const { samples, sampleRate } = waveform;
      const noise = coloredNoise(color, samples.length, sampleRate, seed);
      const out = mixAtSnr(samples, noise, 0, snrDb, noise);
      return out === samples ? waveform : { samples: out, sampleRate };
    },
  });
}
