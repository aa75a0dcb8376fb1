import * as z from 'zod/mini';
import { checkOption, parseOptions } from '../core/options.ts';
import type { Random } from '../core/random.ts';
import type { Waveform } from '../core/waveform.ts';
import { drawFrom, type Range, rangeFrom } from './range.ts';
import { checkDrawn, roundHalfToEven, samplesIn } from './samples-in.ts';
import { type Transform, waveformTransform } from './transform.ts';
import { voicedStart } from './voiced-start.ts';

export interface CropOptions {
  /** How long what is left is, in seconds, up to 3600. Give this or `share`. */
  readonly durationSec?: Range | undefined;
  /** How long what is left is, as a share of the clip, up to 1. @default [0.8, 1], where `durationSec` is not given */
  readonly share?: Range | undefined;
  /**
   * Where it is taken from: any place as likely as any other; the middle; or one of the places with the most speech,
   * see {@link crop}. @default 'random'
   */
  readonly mode?: 'random' | 'center' | 'voiced' | undefined;
  /** Clips shorter than `durationSec` stay as they are, or are filled up with silence at their end. @default 'keep' */
  readonly shorter?: 'keep' | 'pad' | undefined;
}

/** What crop() draws, in samples: the stretch that is left. Where it is longer than the clip, silence follows. */
export interface CropDraw {
  readonly startSample: number;
  readonly lengthSamples: number;
}

const schema = z.strictObject({
  durationSec: z.optional(rangeFrom(0.001, 3600)),
  share: z.optional(rangeFrom(0.001, 1)),
  mode: z.optional(z.literal(['random', 'center', 'voiced'])),
  shorter: z.optional(z.literal(['keep', 'pad'])),
});
const drawn = z.strictObject({
  startSample: z.int().check(z.nonnegative()),
  lengthSamples: z.int().check(z.positive(), z.maximum(2 ** 30)),
});

/**
 * A stretch of the recording: of n samples at `sampleRate`, round(durationSec * sampleRate) or round(share * n) of them,
 * halves to the even number, at least one.
 *
 * 'center' begins at floor((n - length) / 2). 'voiced' takes the frames of 20 ms that are speech by voiceActivity()'s levels
 * (its steps 1 and 2), and one of the places, 20 ms apart, that hold at least 0.95 of the most such frames that any
 * place holds; a clip without speech (silence, a steady tone or noise) is cropped at random.
 *
 * @throws SerKitError 'bad-option'; the transform 'bad-input', 'empty', 'not-finite'; its apply() 'bad-input' for a
 *   stretch that the clip does not have
 * @example
 * const twoSeconds = crop({ durationSec: 2, mode: 'voiced', shorter: 'pad' });
 */
export function crop(options: CropOptions = {}): Transform<CropDraw> {
  const given = parseOptions('crop', schema, options);
  const { durationSec, mode = 'random', shorter = 'keep' } = given;
  checkOption(
    'crop',
    'share',
    durationSec === undefined || given.share === undefined,
    'none beside durationSec',
    given.share,
  );
  const share = given.share ?? [0.8, 1];
  return waveformTransform<CropDraw>({
    kind: 'crop',
    options: { ...(durationSec === undefined ? { share } : { durationSec }), mode, shorter },
    drawn,
    draw: (waveform, random) => {
      const { samples, sampleRate } = waveform;
      const wanted =
        durationSec === undefined
          ? Math.max(1, roundHalfToEven(drawFrom(share, random) * samples.length))
          : samplesIn('crop', drawFrom(durationSec, random), sampleRate);
      const length = shorter === 'keep' ? Math.min(wanted, samples.length) : wanted;
      return { startSample: startOf(mode, waveform, length, random), lengthSamples: length };
    },
    apply: (waveform, { startSample: start, lengthSamples: length }) => {
      const { samples, sampleRate } = waveform;
      if (start === 0 && length === samples.length) return waveform;
      const fits = start + length <= samples.length || (shorter === 'pad' && start === 0);
      checkDrawn('crop', fits, `a stretch of ${samples.length} samples`, `${start} to ${start + length}`);
      if (length <= samples.length) return { samples: samples.slice(start, start + length), sampleRate };
      const out = new Float32Array(length);
      out.set(samples);
      return { samples: out, sampleRate };
    },
  });
}

/** Where the stretch begins. One number is drawn in every mode. */
function startOf(mode: 'random' | 'center' | 'voiced', waveform: Waveform, length: number, random: Random): number {
  const u = random();
  const places = Math.max(0, waveform.samples.length - length) + 1;
  if (mode === 'center') return Math.floor((places - 1) / 2);
  const voiced = mode === 'voiced' && places > 1 ? voicedStart(waveform, length, u) : undefined;
  return voiced ?? Math.floor(u * places);
}
