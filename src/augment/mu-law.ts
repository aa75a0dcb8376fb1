import * as z from 'zod/mini';
import { parseOptions } from '../core/options.ts';
import { throughMuLaw } from '../dsp/mu-law.ts';
import { type Transform, waveformTransform } from './transform.ts';

/** muLaw() has no options. */
export type MuLawOptions = Readonly<Record<string, never>>;

/** What muLaw() draws: nothing. */
export type MuLawDraw = Readonly<Record<string, never>>;

const nothing = z.strictObject({});

/**
 * The recording as it is after mu-law, the 8-bit code of North American and Japanese telephony: every sample becomes the
 * nearest of 255 values, close together near 0 and far apart near 1 (its noise stays 35 to 40 dB under
 * tones of full scale and of 30 dB less).
 *
 * Exactly table 2 of ITU-T G.711 on its 14-bit scale, full scale 1.0 being 8192; outputs lie within +-8031 / 8192 (0.98).
 * Samples beyond [-1, 1] are clipped to that. The rate stays; for the telephone's band, see telephone(). Silence stays
 * silence. Nothing is random.
 *
 * @throws SerKitError 'bad-option'; the transform 'bad-input', 'empty', 'not-finite'
 * @example
 * const coded = muLaw()(waveform, createRandom(1));
 */
export function muLaw(options: MuLawOptions = {}): Transform<MuLawDraw> {
  parseOptions('muLaw', nothing, options);
  return waveformTransform<MuLawDraw>({
    kind: 'muLaw',
    options: {},
    drawn: nothing as z.ZodMiniType<MuLawDraw>,
    draw: () => ({}),
    apply: ({ samples, sampleRate }) => {
      const out = new Float32Array(samples.length);
      throughMuLaw(samples, out);
      return { samples: out, sampleRate };
    },
  });
}
