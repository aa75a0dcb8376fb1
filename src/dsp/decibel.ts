const DECIBELS_PER_NEPER = 10 / Math.LN10;

/** How many units a factor of e is: of 10 log10, or of the natural logarithm. */
export const LOGARITHMS = { db: DECIBELS_PER_NEPER, ln: 1 } as const;

/** How powers become decibels; librosa's power_to_db, where the names come from. */
export interface DecibelOptions {
  /** 'db': 10 log10. 'ln': the natural logarithm. @default 'db' */
  readonly logarithm?: 'db' | 'ln' | undefined;
  /** The power whose logarithm is 0. @default 1 */
  readonly ref?: number | undefined;
  /** Powers below this count as this. @default 1e-10 */
  readonly amin?: number | undefined;
  /** Values further than this many dB below the greatest of the clip are raised to that; null leaves them. @default 80 */
  readonly topDb?: number | null | undefined;
}

/**
 * Replaces `length` powers, from values[at] on, by 10 log10(max(amin, power) / max(amin, ref)); or, with another unit of
 * LOGARITHMS, by its logarithm.
 */
export function powerToDb(
  values: Float64Array,
  at: number,
  length: number,
  ref: number,
  amin: number,
  unit: number = DECIBELS_PER_NEPER,
): void {
  const zero = unit * Math.log(Math.max(amin, ref));
  for (let i = at; i < at + length; i++) {
    values[i] = unit * Math.log(Math.max(values[i], amin)) - zero;
  }
}

/** Raises those of the first `length` values that lie more than `range` below the greatest of them. */
export function limitRange(values: Float64Array, length: number, range: number): void {
  let greatest = Number.NEGATIVE_INFINITY;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < length; i++) {
    const value = values[i];
    if (value > greatest) greatest = value;
    if (value < least) least = value;
  }
  const floor = greatest - range;
  if (least >= floor) return;
  for (let i = 0; i < length; i++) if (values[i] < floor) values[i] = floor;
}
