import * as z from 'zod/mini';
import { parseOptions } from '../core/options.ts';
import {
  drawStretches,
  MASKED,
  type MaskedStretch,
  type MaskFill,
  maskFields,
  maskMatrix,
  stretchesDrawn,
  widest,
} from './masks.ts';
import { type FeatureTransform, featureTransform } from './transform.ts';

export interface MaskTimeOptions {
  /** The most frames that a mask hides (T of the paper). @default 70 */
  readonly maxFrames?: number | undefined;
  /** How many masks there are; they can overlap. @default 2 */
  readonly count?: number | undefined;
  /** The largest share of the clip's frames that one mask hides (p of the paper). @default 0.2 */
  readonly maxShare?: number | undefined;
  /**
   * What hidden values become: a number, or 'mean', each dimension's mean over the clip. The default is right for
   * standardized features: their mean, but not exactly 0, since networks take a frame of zeros for padding.
   *
   * @default 1e-6
   */
  readonly fill?: MaskFill | undefined;
}

/** What the masks of time and of frequency draw: the first frame or dimension, and the number of them, of each mask. */
export interface MaskDraw {
  readonly masks: readonly MaskedStretch[];
}

const schema = z.strictObject({ maxFrames: z.optional(widest), ...maskFields });

/**
 * Features with stretches of frames hidden, [frames, dims] as before: SpecAugment's time masks (Park et al. 2019), by default those of its
 * policy SM. Each mask's width is drawn from 0 to min(maxFrames, floor(maxShare * frames)), both included, then its place
 * from all that it fits into. Frames of nothing but zeros are padding and stay so.
 *
 * torchaudio's TimeMasking draws widths below `time_mask_param`, so that its 71 are 70 here, and never hides the last
 * frame, which is as likely as the first here.
 *
 * @throws SerKitError 'bad-option'; the transform 'bad-input', 'not-finite'
 * @example
 * const masked = maskTime({ maxFrames: 25, count: 1 })(features, createRandom(1));
 */
export function maskTime(options: MaskTimeOptions = {}): FeatureTransform<MaskDraw> {
  const given = parseOptions('maskTime', schema, options);
  const { maxFrames = 70, count = 2, maxShare = 0.2, fill = MASKED } = given;
  return featureTransform<MaskDraw>({
    kind: 'maskTime',
    options: { maxFrames, count, maxShare, fill },
    drawn: stretchesDrawn(count),
    draw: ({ frames }, random) => drawStretches(frames, { count, widest: maxFrames, maxShare }, random),
    apply: (matrix, { masks }) => maskMatrix('maskTime', matrix, 'frames', masks, fill),
  });
}
