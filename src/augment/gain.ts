import * as z from 'zod/mini';
import { parseOptions } from '../core/options.ts';
import { drawFrom, type Range, rangeFrom } from './range.ts';
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

/** Loops run over so many samples a call: V8 compiles what is called often better than one long loop that it meets once. */
const BLOCK = 4096;

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
      const factor = 10 ** (gainDb / 20);
      const out = new Float32Array(samples.length);
      for (let at = 0; at < out.length; at += BLOCK) scale(samples, factor, out, at, Math.min(at + BLOCK, out.length));
      return { samples: out, sampleRate };
    },
  });
}

function scale(samples: Float32Array, factor: number, out: Float32Array, from: number, to: number): void {
  let i = from;
  for (; i < to - 3; i += 4) {
    out[i] = factor * samples[i]!;
    out[i + 1] = factor * samples[i + 1]!;
    out[i + 2] = factor * samples[i + 2]!;
    out[i + 3] = factor * samples[i + 3]!;
  }
  for (; i < to; i++) out[i] = factor * samples[i]!;
}
