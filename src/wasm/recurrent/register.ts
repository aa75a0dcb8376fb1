import * as tf from '@tensorflow/tfjs-core';
import { registerGuarded } from '../memory.ts';
import { type Cell, GRU, LSTM, SIMPLE_RNN } from './cell.ts';
import { createForward } from './forward.ts';
import {
  backwardName,
  createBackward,
  createRecurrentGradient,
  gradientOf,
  recurrentGradientName,
} from './gradient.ts';

const CELLS: readonly Cell[] = [SIMPLE_RNN, LSTM, GRU];

/**
 * Registers the recurrent kernels with their gradients: all frames of a batch in one call. Called as
 * `tf.engine().runKernel(name, inputs, attrs)`, inside of a tf.tidy(), as only the first of the outputs is the caller's.
 *
 * Inputs: x [batch, frames, dims]; kernel [dims, gates * units], recurrent [units, gates * units], bias [gates * units],
 * as tfjs's own layers have them; optionally mask [batch, frames] (1: sound, 0: the state is carried over) and
 * stateScale [batch, units], which multiplies the state before it enters a cell (recurrent dropout). An input that is
 * missing must not be a key. Attributes: returnSequences, reverse (from the last frame to the first), hardSigmoid.
 *
 * @returns a function that removes them
 */
export function registerRecurrentKernels(): () => void {
  const names: string[] = [];
  const register = (kernelName: string, kernel: Parameters<typeof registerGuarded>[1]): void => {
    registerGuarded(kernelName, kernel);
    names.push(kernelName);
  };
  for (const cell of CELLS) {
    register(cell.kernelName, createForward(cell));
    register(backwardName(cell), createBackward(cell));
    register(recurrentGradientName(cell), createRecurrentGradient(cell));
    tf.registerGradient(gradientOf(cell));
  }
  return () => {
    for (const name of names) tf.unregisterKernel(name, 'wasm');
    for (const cell of CELLS) tf.unregisterGradient(cell.kernelName);
  };
}
