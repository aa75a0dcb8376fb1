const DECIBELS_PER_NEPER = 10 / Math.LN10;

/** How powers become decibels; librosa's power_to_db, where the names come from. */
export interface DecibelOptions {
  /** The power that is 0 dB. @default 1 */
  readonly ref?: number | undefined;
  /** Powers below this count as this. @default 1e-10 */
  readonly amin?: number | undefined;
  /** Values further than this below the greatest of the clip are raised to that; null leaves them. @default 80 */
  readonly topDb?: number | null | undefined;
}

/** Replaces `length` powers, from values[at] on, by 10 log10(max(amin, power) / max(amin, ref)). */
export function powerToDb(values: Float64Array, at: number, length: number, ref: number, amin: number): void {
  const zero = DECIBELS_PER_NEPER * Math.log(Math.max(amin, ref));
  for (let i = at; i < at + length; i++) {
    values[i] = DECIBELS_PER_NEPER * Math.log(values[i] < amin ? amin : values[i]) - zero;
  }
}

/** Raises those of the first `length` decibels that lie more than `topDb` below the greatest of them. */
export function limitRange(values: Float64Array, length: number, topDb: number): void {
  let greatest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < length; i++) if (values[i] > greatest) greatest = values[i];
  const floor = greatest - topDb;
  for (let i = 0; i < length; i++) if (values[i] < floor) values[i] = floor;
}
