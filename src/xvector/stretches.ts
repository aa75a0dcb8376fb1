import type { XvectorFrameLayer, XvectorWeights } from './weights.ts';

/** Frames `from` to before `to` of a clip. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A stretch of a clip, long clips having several: what of each layer's input it needs, and last what it gives to the pooling. */
export interface Stretch {
  /** One for each frame layer's input, and one for the last one's output. */
  readonly ranges: readonly Range[];
  /** The clip's frames at each of these places. */
  readonly whole: readonly Range[];
}

/** How far a layer looks: frames before the one it stands for, and after it. */
export function reach({ offsets }: Pick<XvectorFrameLayer, 'offsets'>): {
  readonly left: number;
  readonly right: number;
} {
  return { left: -offsets[0]!, right: offsets.at(-1)! };
}

/** How many frames one of the last layer's sees. */
export function receptiveFrames(frameLayers: readonly Pick<XvectorFrameLayer, 'offsets'>[]): number {
  return frameLayers.map(reach).reduce((sum, { left, right }) => sum + left + right, 1);
}

/** The fewest frames for which every layer and the pooling have what they need, whatever `leastFrames` says. */
export function fewestFrames({ frameLayers, padding, pooling, leastFrames }: XvectorWeights): number {
  const pooled = pooling.deviation === 'unbiased' ? 2 : 1;
  const reaches = frameLayers.map(reach);
  const own =
    padding === 'valid'
      ? pooled - 1 + receptiveFrames(frameLayers)
      : padding === 'reflect'
        ? Math.max(pooled, ...reaches.map(({ left, right }) => 1 + Math.max(left, right)))
        : pooled;
  return Math.max(own, leastFrames);
}

/**
 * Cuts a clip into stretches of at most about `most` frames each, which overlap where layers look beyond them: together they give
 * the frames that the whole would, and the memory that they take does not grow with the clip.
 */
export function stretchesOf(weights: XvectorWeights, frames: number, most: number): Stretch[] {
  const { frameLayers, padding } = weights;
  const reaches = frameLayers.map(reach);
  const whole: Range[] = [{ from: 0, to: frames }];
  for (const { left, right } of reaches) {
    const { from, to } = whole.at(-1)!;
    whole.push(padding === 'valid' ? { from: from + left, to: to - right } : { from, to });
  }
  const { from, to } = whole.at(-1)!;
  const count = Math.ceil((to - from) / most);
  return Array.from({ length: count }, (_, i) => {
    const at = (part: number): number => from + Math.round(((to - from) * part) / count);
    const ranges: Range[] = [{ from: at(i), to: at(i + 1) }];
    for (let layer = frameLayers.length - 1; layer >= 0; layer--) {
      ranges.unshift(neededFor(ranges[0]!, reaches[layer]!, whole[layer]!, padding));
    }
    return { ranges, whole };
  });
}

/** What a layer sees of its input, to give `gives`: places beyond the clip's ends among them. */
export function seen(gives: Range, { left, right }: { readonly left: number; readonly right: number }): Range {
  return { from: gives.from - left, to: gives.to + right };
}

/** The frames of the clip that it needs to have for that: at least one, so that no layer is without rows. */
function neededFor(
  gives: Range,
  reaches: { readonly left: number; readonly right: number },
  { from, to }: Range,
  padding: XvectorWeights['padding'],
): Range {
  const sees = seen(gives, reaches);
  const needs: Range[] = [{ from: Math.max(from, sees.from), to: Math.min(to, sees.to) }];
  if (padding === 'reflect') {
    // Mirrors, where it sees beyond the first frame and the last.
    needs.push(
      { from: 2 * from - Math.min(sees.to, from) + 1, to: 2 * from - sees.from + 1 },
      { from: 2 * to - 1 - sees.to, to: 2 * to - 1 - Math.max(sees.from, to) },
    );
  }
  const some = needs.filter((range) => range.from < range.to);
  if (some.length === 0) return { from, to: from + 1 };
  return { from: Math.min(...some.map((range) => range.from)), to: Math.max(...some.map((range) => range.to)) };
}
