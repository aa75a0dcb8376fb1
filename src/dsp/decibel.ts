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

/**
 * Replaces `length` powers, from the first on, by 10 log10(max(amin, power) / max(amin, ref)), and raises those more
 * than `topDb` below the greatest.
 */
export function powerToDb(values: Float64Array, length: number, ref: number, amin: number, topDb: number | null): void {
  const zero = DECIBELS_PER_NEPER * Math.log(Math.max(amin, ref));
  let greatest = Number.NEGATIVE_INFINITY;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < length; i++) {
    let power = values[i];
    if (power < amin) power = amin;
    const db = DECIBELS_PER_NEPER * Math.log(power) - zero;
    values[i] = db;
    if (db > greatest) greatest = db;
    if (db < least) least = db;
  }
  if (topDb === null || least >= greatest - topDb) return;
  const floor = greatest - topDb;
  for (let i = 0; i < length; i++) if (values[i] < floor) values[i] = floor;
}
