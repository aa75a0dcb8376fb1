import * as z from 'zod/mini';
import { parseOptions } from '../core/options.ts';
import { drawFrom, type Range, rangeFrom } from './range.ts';
import { scaleSamples } from './scale-samples.ts';
import { type Transform, waveformTransform } from './transform.ts';

export interface GainOptions {
  /** How much louder, in dB (negative: softer), from -120 to 120. @default [-12, 12] */
  readonly gainDb?: Range | undefined;
}

/** What gain() draws. */
export interface GainDraw {
  readonly gainDb: number;
}

const schema = z.strictObject({ gainDb: z.optional(rangeFrom(-120, 120)) });
const drawn = z.strictObject({ gainDb: z.number().check(z.minimum(-120), z.maximum(120)) });

/**
 * The recording louder or softer: every sample times 10^(gainDb / 20). Nothing is clipped, so samples can leave [-1, 1];
 * silence stays silence.
 *
 * @throws SerKitError 'bad-option'; the transform 'bad-input', 'empty', 'not-finite'
 * @example
 * const softer = gain({ gainDb: -6 })(waveform, createRandom(1));
 */
export function gain(options: GainOptions = {}): Transform<GainDraw> {
  const { gainDb = [-12, 12] } = parseOptions('gain', schema, options);
  return waveformTransform<GainDraw>({
    kind: 'gain',
    options: { gainDb },
    drawn,
    draw: (_, random) => ({ gainDb: drawFrom(gainDb, random) }),
    apply: ({ samples, sampleRate }, { gainDb }) => {
      const out = new Float32Array(samples.length);
      scaleSamples(samples, 10 ** (gainDb / 20), out);
      return { samples: out, sampleRate };
    },
  });
}
