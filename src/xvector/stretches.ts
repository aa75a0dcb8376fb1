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
      const { left, right } = reaches[layer]!;
      const limits = whole[layer]!;
      const after = ranges[0]!;
      ranges.unshift({ from: Math.max(limits.from, after.from - left), to: Math.min(limits.to, after.to + right) });
    }
    return { ranges, whole };
  });
}
