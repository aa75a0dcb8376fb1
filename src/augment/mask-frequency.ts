import * as z from 'zod/mini';
import { parseOptions } from '../core/options.ts';
import type { MaskDraw } from './mask-time.ts';
import { drawStretches, MASKED, type MaskFill, maskFields, maskMatrix, stretchesDrawn, widest } from './masks.ts';
import { type FeatureTransform, featureTransform } from './transform.ts';

export interface MaskFrequencyOptions {
  /** The most neighbouring dimensions that a mask hides (F of the paper). @default 15 */
  readonly maxDims?: number | undefined;
  /** How many masks there are; they can overlap. @default 2 */
  readonly count?: number | undefined;
  /** The largest share of the dimensions that one mask hides, for features of fewer than the paper's 80. @default 0.2 */
  readonly maxShare?: number | undefined;
  /** What hidden values become, as in maskTime(). @default 1e-6 */
  readonly fill?: MaskFill | undefined;
}

const schema = z.strictObject({ maxDims: z.optional(widest), ...maskFields });

/**
 * Features with bands of neighbouring dimensions hidden in all frames, [frames, dims] as before: SpecAugment's frequency
 * masks (Park et al. 2019), by default those of its policy SM. Each mask's width is drawn from 0 to
 * min(maxDims, floor(maxShare * dims)), both included, then its place from all that it fits into. Frames of nothing but
 * zeros are padding and stay so. Which neighbours belong together is for the features to say: bands of a mel spectrogram
 * do, coefficients of an MFCC hardly.
 *
 * torchaudio's FrequencyMasking draws widths below `freq_mask_param`, and never hides the last dimension.
 *
 * @throws SerKitError 'bad-option'; the transform 'bad-input', 'not-finite'
 * @example
 * const masked = maskFrequency({ maxDims: 8 })(features, createRandom(1));
 */
export function maskFrequency(options: MaskFrequencyOptions = {}): FeatureTransform<MaskDraw> {
  const given = parseOptions('maskFrequency', schema, options);
  const { maxDims = 15, count = 2, maxShare = 0.2, fill = MASKED } = given;
  return featureTransform<MaskDraw>({
    kind: 'maskFrequency',
    options: { maxDims, count, maxShare, fill },
    drawn: stretchesDrawn(count),
    draw: ({ dims }, random) => drawStretches(dims, { count, widest: maxDims, maxShare }, random),
    apply: (matrix, { masks }) => maskMatrix('maskFrequency', matrix, 'dims', masks, fill),
  });
}
