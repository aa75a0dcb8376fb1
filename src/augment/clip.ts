import * as z from 'zod/mini';
import { parseOptions } from '../core/options.ts';
import { magnitudeOfRank } from '../dsp/magnitude-rank.ts';
import { drawFrom, type Range, rangeFrom } from './range.ts';
import { type Transform, waveformTransform } from './transform.ts';

export interface ClipOptions {
  /** How many of the samples that are not 0 are clipped, in percent, from 0 to 99. @default [0, 40] */
  readonly clippedPercent?: Range | undefined;
}

/** What clip() draws. */
export interface ClipDraw {
  readonly clippedPercent: number;
}

const schema = z.strictObject({ clippedPercent: z.optional(rangeFrom(0, 99)) });
const drawn = z.strictObject({ clippedPercent: z.number().check(z.minimum(0), z.maximum(99)) });

/**
 * The recording as if it had been recorded too loud: the loudest samples, as many as were asked for, are cut off at one
 * amplitude, the same above and below 0 (hard clipping).
 *
 * Of N samples that are not 0, floor(N clippedPercent / 100) become +-a, where a is the magnitude of the next softer one.
 * Where many samples have the same magnitude (a square wave; a clip that was clipped before) fewer are changed. The level
 * is not made up for: what comes out is softer. Silence stays silence, one sample stays as it is. The default is that of
 * audiomentations' ClippingDistortion, which counts silence, too, and cuts off above and below apart.
 *
 * @throws SerKitError 'bad-option'; the transform 'bad-input', 'empty', 'not-finite'
 * @example
 * const tooLoud = clip({ clippedPercent: [1, 10] })(waveform, createRandom(1));
 */
export function clip(options: ClipOptions = {}): Transform<ClipDraw> {
  const { clippedPercent = [0, 40] } = parseOptions('clip', schema, options);
  return waveformTransform<ClipDraw>({
    kind: 'clip',
    options: { clippedPercent },
    drawn,
    draw: (_, random) => ({ clippedPercent: drawFrom(clippedPercent, random) }),
    apply: (waveform, { clippedPercent }) => {
      const { samples, sampleRate } = waveform;
      let sounding = 0;
      for (let i = 0; i < samples.length; i++) if (samples[i] !== 0) sounding++;
      const clipped = Math.floor((sounding * clippedPercent) / 100);
      if (clipped === 0) return waveform;
      const limit = magnitudeOfRank(samples, samples.length - clipped - 1);
      const out = new Float32Array(samples.length);
      for (let i = 0; i < out.length; i++) {
        const x = samples[i]!;
        out[i] = Math.max(-limit, Math.min(limit, x));
      }
      return { samples: out, sampleRate };
    },
  });
}
