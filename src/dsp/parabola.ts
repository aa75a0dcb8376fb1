/**
 * Where between -1 and 1 the parabola through values at -1, 0 and 1 has its top, and 0 where it has none. Of a trough, the
 * values' negatives have it.
 */
export function parabolaPlace(before: number, middle: number, after: number): number {
  const bend = after + before - 2 * middle;
  return bend < 0 ? Math.max(-1, Math.min(1, (before - after) / 2 / bend)) : 0;
}
