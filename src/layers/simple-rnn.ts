import type * as tf from '@tensorflow/tfjs-core';
import { parseOptions } from '../core/options.ts';
import type { Recurrence, RecurrenceAttributes } from './recurrence.ts';
import { type RecurrentArgs, simpleRnnSchema } from './recurrent-args.ts';
import { RecurrentLayer } from './recurrent-layer.ts';
import { registerLayer } from './register-layer.ts';
import { composedSimpleRnn } from './simple-rnn-composed.ts';

/** A plain recurrent layer (Elman 1990): h[t] = tanh(x[t] W + h[t-1] U + b). Made by `simpleRnn()`. */
export class SimpleRnn extends RecurrentLayer {
  static readonly className = 'SerKitSimpleRnn';
  protected readonly gates = 1;

  constructor(args: RecurrentArgs) {
    super(parseOptions('simpleRnn', simpleRnnSchema, args) as RecurrentArgs);
  }

  protected compose(recurrence: Recurrence, attributes: RecurrenceAttributes): tf.Tensor {
    return composedSimpleRnn(recurrence, attributes);
  }
}

/**
 * A plain recurrent layer, [batch, frames, dims] -> [batch, units], or [batch, frames, units] with `returnSequences`,
 * that honours masks. Weights: kernel [dims, units], recurrent_kernel [units, units], bias [units], as tfjs's
 * `layers.simpleRNN` has them.
 *
 * On tfjs's wasm backend it is fast where `ser-kit/wasm` is imported, too; without that it is about as slow as tfjs's own.
 *
 * @throws SerKitError 'bad-option', when it is built 'no-backend'
 * @example
 * const model = tfl.sequential({ layers: [simpleRnn({ units: 32, seed: 1, inputShape: [100, 40] })] });
 */
export function simpleRnn(args: RecurrentArgs): SimpleRnn {
  registerLayer(SimpleRnn);
  return new SimpleRnn(args);
}
