import * as z from 'zod/mini';
import { checkOption, parseOptions } from '../core/options.ts';
import { drawFrom, type Range, rangeFrom } from './range.ts';
import { checkDrawn, roundHalfToEven } from './samples-in.ts';
import { type Transform, waveformTransform } from './transform.ts';

export interface ShiftOptions {
  /** How far, as a share of the clip, from -1 to 1; negative: earlier. @default [-0.5, 0.5], without `shiftSec` */
  readonly share?: Range | undefined;
  /** How far, in seconds, from -3600 to 3600; negative: earlier. Give this or `share`. */
  readonly shiftSec?: Range | undefined;
  /** True: what leaves at one end comes in at the other. False: silence comes in. @default false */
  readonly rollover?: boolean | undefined;
  /** How long what was the beginning fades in, and what was the end fades out, where they are inside. @default 0.005 */
  readonly fadeSec?: number | undefined;
}

/** What shift() draws: by how many samples the clip comes later (negative: earlier). */
export interface ShiftDraw {
  readonly shiftSamples: number;
}

const schema = z.strictObject({
  share: z.optional(rangeFrom(-1, 1)),
  shiftSec: z.optional(rangeFrom(-3600, 3600)),
  rollover: z.optional(z.boolean()),
  fadeSec: z.optional(z.number().check(z.minimum(0), z.maximum(10))),
});
const drawn = z.strictObject({ shiftSamples: z.int() });

/**
 * The recording moved in time, its length kept: round(share * n) or round(shiftSec * sampleRate) samples later, halves
 * to the even number, at most n. The clip's own first samples fade in and its own last ones fade out where they come to
 * lie inside, over floor(fadeSec * sampleRate) samples, so that nothing clicks. Fades have constant power, and are
 * audiomentations' own; `rollover` is true there unless told.
 *
 * @throws SerKitError 'bad-option'; the transform 'bad-input', 'empty', 'not-finite'
 * @example
 * const moved = shift({ shiftSec: [-0.2, 0.2] });
 */
export function shift(options: ShiftOptions = {}): Transform<ShiftDraw> {
  const given = parseOptions('shift', schema, options);
  const { shiftSec, rollover = false, fadeSec = 0.005 } = given;
  checkOption(
    'shift',
    'share',
    shiftSec === undefined || given.share === undefined,
    'none beside shiftSec',
    given.share,
  );
  const share = given.share ?? [-0.5, 0.5];
  return waveformTransform<ShiftDraw>({
    kind: 'shift',
    options: { ...(shiftSec === undefined ? { share } : { shiftSec }), rollover, fadeSec },
    drawn,
    draw: ({ samples: { length }, sampleRate }, random) => {
      const asked = shiftSec === undefined ? drawFrom(share, random) * length : drawFrom(shiftSec, random) * sampleRate;
      // + 0: a rounded -0.2 is -0, which JSON does not know.
      return { shiftSamples: Math.max(-length, Math.min(length, roundHalfToEven(asked))) + 0 };
    },
    apply: (waveform, { shiftSamples: by }) => {
      const { samples, sampleRate } = waveform;
      const n = samples.length;
      checkDrawn('shift', Math.abs(by) <= n, `a shift by at most ${n} samples`, by);
      if (by === 0 || (rollover && Math.abs(by) === n)) return waveform;
      const out = new Float32Array(n);
      if (by > 0) out.set(samples.subarray(0, n - by), by);
      else out.set(samples.subarray(-by));
      if (rollover && by > 0) out.set(samples.subarray(n - by));
      if (rollover && by < 0) out.set(samples.subarray(0, -by), n + by);
      const seam = by > 0 ? by : n + by;
      fade(out, seam, Math.floor(fadeSec * sampleRate), rollover || by > 0, rollover || by < 0);
      return { samples: out, sampleRate };
    },
  });
}

/** Fades in what begins at `seam`, and fades out what ends before it. */
function fade(samples: Float32Array, seam: number, length: number, fadeIn: boolean, fadeOut: boolean): void {
  const within = Math.min(length, fadeIn ? samples.length - seam : 0);
  for (let i = 0; i < within; i++) samples[seam + i]! *= shape(i, length);
  const ahead = Math.min(length, fadeOut ? seam : 0);
  for (let i = 1; i <= ahead; i++) samples[seam - i]! *= shape(i - 1, length);
}

/**
 * Fade number `i` of `length`, from 0 to 1, so that the squares of a fade in and out add up to about 1
 * (signalsmith-audio.co.uk/writing/2021/cheap-energy-crossfade).
 */
function shape(i: number, length: number): number {
  if (length < 2) return 1;
  const x = i / (length - 1);
  const a = x * (1 - x);
  return (a * (1 + 1.4186 * a) + x) ** 2;
}
