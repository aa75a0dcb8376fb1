import { GlottalPeriods } from '../glottal-periods.ts';
import type { PeriodContour } from './period-contour.ts';

/**
 * Marks every voiced stretch of a contour, period by period.
 *
 * @param every  see {@link GlottalPeriods}
 */
export function markContour(samples: Float32Array, contour: PeriodContour, every = false): GlottalPeriods {
  const { periods, hop, first, loudest } = contour;
  const marks = new GlottalPeriods(every);
  for (let begin = 0; begin < periods.length; ) {
    if (periods[begin] === 0) {
      begin++;
      continue;
    }
    let end = begin;
    while (end + 1 < periods.length && periods[end + 1] > 0) end++;
    const stretch = [begin, end] as const;
    // Frequencies between frames lie on straight lines.
    const periodAt = (place: number): number => {
      const at = Math.max(stretch[0], Math.min(stretch[1], (place - first) / hop));
      const before = Math.floor(at);
      const after = Math.min(stretch[1], before + 1);
      return 1 / ((1 - at + before) / periods[before] + (at - before) / periods[after]);
    };
    const [from, to] = [first + (begin - 0.5) * hop, first + (end + 0.5) * hop];
    marks.mark(samples, from, to, loudest, periodAt);
    begin = end + 1;
  }
  return marks;
}
