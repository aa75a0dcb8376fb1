import * as z from 'zod/mini';
import { resample } from '../audio/resample.ts';
import { parseOptions } from '../core/options.ts';
import { drawLogFrom, type Range, rangeFrom } from './range.ts';
import { stretchedLength } from './stretched-length.ts';
import { type Transform, waveformTransform } from './transform.ts';

export interface ChangeSpeedOptions {
  /**
   * How many times as fast, from 0.1 to 10: 2 halves the duration and doubles every frequency. Drawn in equal steps of
   * its logarithm, to thousandths.
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

/**
 * The recording faster or slower and higher or lower at once, as a tape that runs at another speed.
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
    draw: (_, random) => ({ factor: drawLogFrom(factor, random) }),
    apply: (waveform, { factor }) => {
      if (factor === 1) return waveform;
      const { samples, sampleRate } = waveform;
      const out = new Float32Array(stretchedLength(samples.length, factor));
      const { samples: at } = resample({ samples, sampleRate: factor }, 1);
      out.set(at.subarray(0, out.length));
      return { samples: out, sampleRate };
    },
  });
}
