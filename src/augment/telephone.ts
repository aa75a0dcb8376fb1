import * as z from 'zod/mini';
import { parseOptions } from '../core/options.ts';
import { filterBiquads } from '../dsp/biquad.ts';
import { butterworth } from '../dsp/butterworth.ts';
import { throughMuLaw } from '../dsp/mu-law.ts';
import { CHANNEL_RATE, type ChannelRate, createChannelRate } from './telephone-rate.ts';
import { toSamples } from './to-samples.ts';
import { type Transform, waveformTransform } from './transform.ts';

export interface TelephoneOptions {
  /** What the line does to the samples: 8 bits of mu-law (ITU-T G.711), or nothing. @default 'muLaw' */
  readonly codec?: 'muLaw' | 'none' | undefined;
}

/** What telephone() draws: nothing. */
export type TelephoneDraw = Readonly<Record<string, never>>;

/** Chosen for at most 0.5 dB of loss from 300 to 3000 Hz, and 0.9 dB at 3400 Hz. */
const LOW_HZ = 220;
const HIGH_HZ = 3500;
const ORDER = 4;

const schema = z.strictObject({ codec: z.optional(z.enum(['muLaw', 'none'])) });
const nothing = z.strictObject({}) as z.ZodMiniType<TelephoneDraw>;

/**
 * The recording as it comes over a telephone line: 300 to 3400 Hz, as a channel at 8 kHz carries it, at the clip's own rate
 * and length.
 *
 * The clip goes to 8 kHz, through Butterworth filters of order 4 at 220 and 3500 Hz, through the codec, and back.
 * Measured: within 0.5 dB from 300 to 3000 Hz (as ITU-T G.712 asks), 0.9 dB down at 3400 Hz, 27 dB at 100 Hz, 51 dB at
 * 50 Hz, 30 dB at 4400 Hz, 42 dB from 4600 Hz on (G.712: 25). The codec's noise lies below 4 kHz, 35 to 40 dB under the
 * speech. The filters are causal, as a line's are; speech comes later by less than 1.5 ms from 300 Hz on.
 *
 * A clip at 8 kHz or less keeps its samples' places: it is filtered at its own rate. The codec clips what lies beyond
 * [-1, 1] in the channel. Silence stays silence. Nothing is random.
 *
 * @throws SerKitError 'bad-option'; the transform 'bad-input', 'empty', 'not-finite'
 * @example
 * const called = telephone()(waveform, createRandom(1));
 */
export function telephone(options: TelephoneOptions = {}): Transform<TelephoneDraw> {
  const { codec = 'muLaw' } = parseOptions('telephone', schema, options);
  // A corpus has one rate: what is made for the last one is kept.
  let rate = 0;
  let ways: ChannelRate | undefined;
  return waveformTransform<TelephoneDraw>({
    kind: 'telephone',
    options: { codec },
    drawn: nothing,
    draw: () => ({}),
    apply: ({ samples, sampleRate }) => {
      if (sampleRate <= CHANNEL_RATE) return { samples: channel(samples, sampleRate, codec), sampleRate };
      if (sampleRate !== rate) [rate, ways] = [sampleRate, createChannelRate(sampleRate)];
      const wide = ways!.up(channel(ways!.down(samples), CHANNEL_RATE, codec), samples.length);
      return { samples: toSamples(wide), sampleRate };
    },
  });
}

function channel(samples: Float32Array, rate: number, codec: 'muLaw' | 'none'): Float32Array<ArrayBuffer> {
  const work = new Float64Array(toSamples(samples));
  const high = 2 * LOW_HZ < rate ? butterworth('highPass', ORDER, LOW_HZ, rate) : [];
  const low = 2 * HIGH_HZ < rate ? butterworth('lowPass', ORDER, HIGH_HZ, rate) : [];
  filterBiquads([...high, ...low], work);
  const out = toSamples(work);
  if (codec === 'muLaw') throughMuLaw(out, out);
  return out;
}
