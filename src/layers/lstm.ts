import type * as tf from '@tensorflow/tfjs-core';
import { parseOptions } from '../core/options.ts';
import { composedLstm } from './lstm-composed.ts';
import type { Recurrence, RecurrenceAttributes } from './recurrence.ts';
import { type LstmArgs, lstmSchema } from './recurrent-args.ts';
import { RecurrentLayer } from './recurrent-layer.ts';
import { registerLayer } from './register-layer.ts';

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000), gates in Keras's
 * order i, f, c, o. Made by `lstm()`.
 */
export class Lstm extends RecurrentLayer {
  static readonly className = 'SerKitLstm';
  protected readonly gates = 4;

  constructor(args: LstmArgs) {
    super(parseOptions('lstm', lstmSchema, args) as LstmArgs);
  }

  protected override initialBias(): Float32Array {
    const { units, unitForgetBias = true } = this.config;
    const bias = super.initialBias();
    return unitForgetBias ? bias.fill(1, units, 2 * units) : bias;
  }

  protected compose(recurrence: Recurrence, attributes: RecurrenceAttributes): tf.Tensor {
    return composedLstm(recurrence, attributes);
  }
}

/**
 * An LSTM layer, [batch, frames, dims] -> [batch, units], or [batch, frames, units] with `returnSequences`, that honours
 * masks. Weights: kernel [dims, 4 units], recurrent_kernel [units, 4 units], bias [4 units], as tfjs's `layers.lstm` has
 * them; unlike there, gates are true sigmoids unless told.
 *
 * On tfjs's wasm backend it is fast where `ser-kit/wasm` is imported, too; without that it is about as slow as tfjs's own.
 *
 * @throws SerKitError 'bad-option', when it is built 'no-backend'
 * @example
 * const model = tfl.sequential({ layers: [lstm({ units: 32, seed: 1, inputShape: [100, 40] })] });
 */
export function lstm(args: LstmArgs): Lstm {
  registerLayer(Lstm);
  return new Lstm(args);
}
