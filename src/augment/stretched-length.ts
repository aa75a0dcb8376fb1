import { roundHalfToEven } from './samples-in.ts';

/**
 * How many samples are left of `length` at `rate` times the speed: length / rate, rounded to the nearest whole number and
 * halves to the even one, as Python's round (and so librosa) does; at least one, as no recording is empty.
 */
export function stretchedLength(length: number, rate: number): number {
  return Math.max(1, roundHalfToEven(length / rate));
}
