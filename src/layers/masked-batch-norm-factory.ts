import * as z from 'zod/mini';
import { parseOptions, positive } from '../core/options.ts';
import { type LayerOptions, layerFields } from './layer-options.ts';
import { MaskedBatchNorm } from './masked-batch-norm.ts';

export interface MaskedBatchNormOptions extends LayerOptions {
  /** How much of the running statistics each step keeps, in [0, 1). @default 0.95 */
  readonly momentum?: number | undefined;
  /** What is added to the variances. @default 1e-3 */
  readonly epsilon?: number | undefined;
}

const schema = z.strictObject({
  ...layerFields,
  momentum: z.optional(z.number().check(z.minimum(0), z.lt(1))),
  epsilon: z.optional(positive),
});

/**
 * Batch normalisation over a batch's real frames, [batch, frames, dims] -> the same; see MaskedBatchNorm.
 *
 * @throws SerKitError 'bad-option'
 * @example
 * model.add(maskedBatchNorm());
 */
export function maskedBatchNorm(options: MaskedBatchNormOptions = {}): MaskedBatchNorm {
  const checked = parseOptions('maskedBatchNorm', schema, options);
  return new MaskedBatchNorm(checked as ConstructorParameters<typeof MaskedBatchNorm>[0]);
}
