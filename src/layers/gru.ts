import type * as tf from '@tensorflow/tfjs-core';
import { parseOptions } from '../core/options.ts';
import { composedGru } from './gru-composed.ts';
import type { Recurrence, RecurrenceAttributes } from './recurrence.ts';
import { type GatedArgs, gruSchema } from './recurrent-args.ts';
import { RecurrentLayer } from './recurrent-layer.ts';
import { registerLayer } from './register-layer.ts';

/**
 * Gated recurrent unit (Cho et al. 2014), gates in Keras's order z, r, h, the reset gate before the product, as in tfjs.
 * Made by `gru()`.
 */
export class Gru extends RecurrentLayer {
  static readonly className = 'SerKitGru';
  protected readonly gates = 3;

  constructor(args: GatedArgs) {
    super(parseOptions('gru', gruSchema, args) as GatedArgs);
  }

  protected compose(recurrence: Recurrence, attributes: RecurrenceAttributes): tf.Tensor {
    return composedGru(recurrence, attributes);
  }
}

/**
 * A GRU layer, [batch, frames, dims] -> [batch, units], or [batch, frames, units] with `returnSequences`, that honours
 * masks. Weights: kernel [dims, 3 units], recurrent_kernel [units, 3 units], bias [3 units], as tfjs's `layers.gru` has
 * them; unlike there, gates are true sigmoids unless told.
 *
 * On tfjs's wasm backend it is fast where `ser-kit/wasm` is imported, too; without that it is about as slow as tfjs's own.
 *
 * @throws SerKitError 'bad-option', when it is built 'no-backend'
 * @example
 * const model = tfl.sequential({ layers: [gru({ units: 32, seed: 1, inputShape: [100, 40] })] });
 */
export function gru(args: GatedArgs): Gru {
  registerLayer(Gru);
  return new Gru(args);
}
