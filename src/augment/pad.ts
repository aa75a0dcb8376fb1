import * as z from 'zod/mini';
import { parseOptions } from '../core/options.ts';
import { drawFrom, type Range, rangeFrom } from './range.ts';
import { samplesIn } from './samples-in.ts';
import { type Transform, waveformTransform } from './transform.ts';

export interface PadOptions {
  /** How long the clip becomes, at least, in seconds, up to 3600. */
  readonly durationSec: Range;
  /** Where it grows: 'center' at both ends alike, 'random' anyhow between them. @default 'end' */
  readonly place?: 'end' | 'start' | 'center' | 'random' | undefined;
  /** What it grows by: zeros, the clip mirrored at its ends, or the clip over and over. @default 'silence' */
  readonly mode?: 'silence' | 'reflect' | 'wrap' | undefined;
}

/** What pad() draws: how many samples are added at either end. */
export interface PadDraw {
  readonly beforeSamples: number;
  readonly afterSamples: number;
}

const schema = z.strictObject({
  durationSec: rangeFrom(0.001, 3600),
  place: z.optional(z.literal(['end', 'start', 'center', 'random'])),
  mode: z.optional(z.literal(['silence', 'reflect', 'wrap'])),
});
const samples = z.int().check(z.nonnegative(), z.maximum(2 ** 30));
const drawn = z.strictObject({ beforeSamples: samples, afterSamples: samples });

/**
 * The recording grown to round(durationSec * sampleRate) samples, halves to the even number; longer ones stay as they are.
 * Of an odd number of samples at both ends, the end gets one more. 'reflect' and 'wrap' are numpy.pad's: the sample at
 * the mirror is not repeated, and what is too short is mirrored or repeated again. In training, batches were cut by the clips as
 * they are: what all of them grow by, their memory grows by.
 *
 * @throws SerKitError 'bad-option'; the transform 'bad-input', 'empty', 'not-finite'
 * @example
 * const atLeastThreeSeconds = pad({ durationSec: 3, place: 'random' });
 */
export function pad(options: PadOptions): Transform<PadDraw> {
  const { durationSec, place = 'end', mode = 'silence' } = parseOptions('pad', schema, options);
  return waveformTransform<PadDraw>({
    kind: 'pad',
    options: { durationSec, place, mode },
    drawn,
    draw: ({ samples, sampleRate }, random) => {
      const missing = Math.max(0, samplesIn('pad', drawFrom(durationSec, random), sampleRate) - samples.length);
      const u = random();
      const before = Math.floor({ end: 0, start: missing, center: missing / 2, random: u * (missing + 1) }[place]);
      return { beforeSamples: before, afterSamples: missing - before };
    },
    apply: (waveform, { beforeSamples: before, afterSamples: after }) => {
      if (before + after === 0) return waveform;
      const { samples, sampleRate } = waveform;
      const out = new Float32Array(before + samples.length + after);
      out.set(samples, before);
      if (mode !== 'silence') {
        const at = mode === 'wrap' ? wrapped : reflected;
        for (let i = 0; i < before; i++) out[i] = samples[at(i - before, samples.length)]!;
        for (let i = before + samples.length; i < out.length; i++) out[i] = samples[at(i - before, samples.length)]!;
      }
      return { samples: out, sampleRate };
    },
  });
}

function wrapped(i: number, n: number): number {
  return ((i % n) + n) % n;
}

function reflected(i: number, n: number): number {
  if (n === 1) return 0;
  const at = wrapped(i, 2 * (n - 1));
  return at < n ? at : 2 * (n - 1) - at;
}
