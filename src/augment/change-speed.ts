import * as z from 'zod/mini';
import { parseOptions } from '../core/options.ts';
import { greatestCommonDivisor } from '../dsp/greatest-common-divisor.ts';
import { drawLogFrom, type Range, rangeFrom } from './range.ts';
import { stretchedLength } from './stretched-length.ts';
import { readAtSpeed } from './tape.ts';
import { type Transform, waveformTransform } from './transform.ts';

export interface ChangeSpeedOptions {
  /**
   * How many times as fast, from 0.1 to 10: 2 halves the duration and doubles every frequency. Drawn in equal steps of
   * its logarithm, and rounded to thousandths; so is a single number.
   * @default [0.9, 1.1]
   */
  readonly factor?: Range | undefined;
}

/** What changeSpeed() draws. */
export interface ChangeSpeedDraw {
  readonly factor: number;
}

const schema = z.strictObject({ factor: z.optional(rangeFrom(0.1, 10)) });
const drawn = z.strictObject({ factor: z.number().check(z.minimum(0.1), z.maximum(10)) });

/** Factors lie on a grid, so that outputs come around to the same places between inputs. */
const GRID = 1000;

/**
 * The recording faster or slower and higher or lower at once, as a tape that runs at another speed: a tone of f Hz
 * becomes one of f * factor Hz, and n samples become round(n / factor), halves to even as timeStretch() has them; one
 * sample where that is 0. Output i is what lies at i * factor samples of the input. A factor of 1 gives the input itself.
 *
 * A windowed sinc of 24 zero crossings a side, summed in float64. Seen from the Nyquist frequency of the slower of the
 * two rates: flat up to 0.82 of it, and what lies above 1.06 of it comes back 90 dB down or less. Outside the recording
 * there is silence. Samples can leave [-1, 1] a little.
 *
 * @throws SerKitError 'bad-option'; the transform 'bad-input', 'empty', 'not-finite'
 * @example
 * const faster = changeSpeed({ factor: 1.1 })(waveform, createRandom(1));
 */
export function changeSpeed(options: ChangeSpeedOptions = {}): Transform<ChangeSpeedDraw> {
  const { factor = [0.9, 1.1] } = parseOptions('changeSpeed', schema, options);
  return waveformTransform<ChangeSpeedDraw>({
    kind: 'changeSpeed',
    options: { factor },
    drawn,
    draw: (_, random) => ({ factor: Math.round(GRID * drawLogFrom(factor, random)) / GRID }),
    apply: (waveform, { factor }) => {
      const steps = Math.round(GRID * factor);
      if (steps === GRID) return waveform;
      const { samples, sampleRate } = waveform;
      const out = new Float32Array(stretchedLength(samples.length, steps / GRID));
      const divisor = greatestCommonDivisor(steps, GRID);
      readAtSpeed(samples, GRID / divisor, steps / divisor, out);
      return { samples: out, sampleRate };
    },
  });
}
