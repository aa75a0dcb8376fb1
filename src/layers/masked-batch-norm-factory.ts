import * as z from 'zod/mini';
import { parseOptions, positive } from '../core/options.ts';
import { type LayerArgs, layerFields } from './layer-args.ts';
import { MaskedBatchNorm } from './masked-batch-norm.ts';
import { registerLayer } from './register-layer.ts';

export interface MaskedBatchNormOptions extends LayerArgs {
  /** How much of the running statistics each step keeps, in [0, 1). @default 0.95 */
  readonly momentum?: number | undefined;
  /** What is added to the variances. @default 1e-3 */
  readonly epsilon?: number | undefined;
}

const schema = /* @__PURE__ */ z.strictObject({
  ...layerFields,
  momentum: /* @__PURE__ */ z.optional(
    /* @__PURE__ */ z.number().check(/* @__PURE__ */ z.minimum(0), /* @__PURE__ */ z.lt(1)),
  ),
  epsilon: /* @__PURE__ */ z.optional(positive),
});

/**
 * Batch normalisation over a batch's real frames, [batch, frames, dims] -> the same; see MaskedBatchNorm.
 *
 * @throws SerKitError 'bad-option', when it is built 'no-backend'
 * @example
 * model.add(maskedBatchNorm());
 */
export function maskedBatchNorm(options: MaskedBatchNormOptions = {}): MaskedBatchNorm {
  registerLayer(MaskedBatchNorm);
  const checked = parseOptions('maskedBatchNorm', schema, options);
  return new MaskedBatchNorm(checked as ConstructorParameters<typeof MaskedBatchNorm>[0]);
}
