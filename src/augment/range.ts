import * as z from 'zod/mini';
import type { Random } from '../core/random.ts';

/** One value, or the least and the greatest of those that are drawn, each as likely as any other. */
export type Range = number | readonly [min: number, max: number];

/** A schema for a Range whose values lie from `least` to `most`. */
export function rangeFrom(least: number, most: number) {
  const value = z.number().check(z.minimum(least), z.maximum(most));
  const pair = z
    .tuple([value, value])
    .check(z.refine(([min, max]) => min <= max, { message: '[min, max] with min <= max' }));
  return z.union([value, pair], { error: `a number from ${least} to ${most} or [min, max] of such` });
}

/** A value of the range. One number is drawn also where there is nothing to choose, so that streams stay in step. */
export function drawFrom(range: Range, random: Random): number {
  const u = random();
  if (typeof range === 'number') return range;
  const [min, max] = range;
  return Math.min(max, min + (max - min) * u);
}

/** Like drawFrom, in equal steps of the logarithm: 0.5 to 1 is as likely as 1 to 2. The range lies above 0. */
export function drawLogFrom(range: Range, random: Random): number {
  if (typeof range === 'number') return drawFrom(range, random);
  const [min, max] = range;
  return Math.min(max, Math.max(min, Math.exp(drawFrom([Math.log(min), Math.log(max)], random))));
}
