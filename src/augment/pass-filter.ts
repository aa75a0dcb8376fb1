import * as z from 'zod/mini';
import { parseOptions } from '../core/options.ts';
import type { Random } from '../core/random.ts';
import type { Waveform } from '../core/waveform.ts';
import { filterBiquads } from '../dsp/biquad.ts';
import { butterworth } from '../dsp/butterworth.ts';
import { drawLogFrom, type Range, rangeFrom } from './range.ts';
import { toSamples } from './to-samples.ts';
import { type Transform, waveformTransform } from './transform.ts';

// What lowPass() and highPass() have in common.

export interface PassOptions {
  readonly cutoffHz?: Range | undefined;
  readonly order?: number | readonly [least: number, most: number] | undefined;
}

export interface PassDraw {
  readonly cutoffHz: number;
  readonly order: number;
}

/** Lower cutoffs are no filter for speech, and above them the rounding of float64 stays far away. */
const LEAST_HZ = 1;
const MOST_HZ = 192_000;
const MOST_ORDER = 12;

const orderValue = z.int().check(z.minimum(1), z.maximum(MOST_ORDER));
const schema = z.strictObject({
  cutoffHz: z.optional(rangeFrom(LEAST_HZ, MOST_HZ)),
  order: z.optional(
    z.union([
      orderValue,
      z
        .tuple([orderValue, orderValue])
        .check(z.refine(([least, most]) => least <= most, { message: '[least, most] with least <= most' })),
    ]),
  ),
});
const drawn = z.strictObject({
  cutoffHz: z.number().check(z.minimum(LEAST_HZ), z.maximum(MOST_HZ)),
  order: orderValue,
});

export function passFilter(
  kind: 'lowPass' | 'highPass',
  options: PassOptions,
  defaults: { readonly cutoffHz: Range; readonly order: readonly [number, number] },
  /** What comes of a clip that has nothing above the cutoff. */
  beyond: (waveform: Waveform, drawn: PassDraw) => Waveform,
): Transform<PassDraw> {
  const { cutoffHz = defaults.cutoffHz, order = defaults.order } = parseOptions(kind, schema, options);
  const [least, most] = typeof order === 'number' ? [order, order] : order;
  return waveformTransform<PassDraw>({
    kind,
    options: { cutoffHz, order },
    drawn,
    draw: (_, random: Random) => ({
      cutoffHz: drawLogFrom(cutoffHz, random),
      order: least + Math.floor(random() * (most - least + 1)),
    }),
    apply: (waveform, drawn) => {
      const { samples, sampleRate } = waveform;
      if (2 * drawn.cutoffHz >= sampleRate) return beyond(waveform, drawn);
      const work = new Float64Array(samples);
      filterBiquads(butterworth(kind, drawn.order, drawn.cutoffHz, sampleRate), work);
      return { samples: toSamples(work), sampleRate };
    },
  });
}
