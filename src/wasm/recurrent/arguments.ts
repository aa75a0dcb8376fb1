import type * as tf from '@tensorflow/tfjs-core';
import type { KernelArguments } from '../backend.ts';
import { HARD_SIGMOID, REVERSE, SEQUENCES } from './native.ts';

/** How a recurrent kernel is called, checked. */
export interface RecurrentArguments {
  readonly rows: number;
  readonly frames: number;
  readonly dims: number;
  readonly units: number;
  readonly returnSequences: boolean;
  /** Bits of ./native.ts. */
  readonly flags: number;
  readonly x: tf.TensorInfo;
  readonly kernel: tf.TensorInfo;
  readonly recurrent: tf.TensorInfo;
  readonly bias: tf.TensorInfo;
  readonly mask: tf.TensorInfo | undefined;
  readonly stateScale: tf.TensorInfo | undefined;
}

/** The bits that the attributes stand for; a hard sigmoid is only for cells that have gates. */
export function flagsOf(attrs: Record<string, unknown>): number {
  return (
    (attrs.reverse === true ? REVERSE : 0) |
    (attrs.hardSigmoid === true ? HARD_SIGMOID : 0) |
    (attrs.returnSequences === true ? SEQUENCES : 0)
  );
}

/**
 * Reads and checks the inputs of a recurrent kernel: native code checks nothing.
 *
 * @throws Error naming the input, the shape that it has to have and the one it has
 */
export function readArguments(name: string, gates: number, { inputs, attrs }: KernelArguments): RecurrentArguments {
  const { x, kernel, recurrent, bias, mask, stateScale } = inputs;
  const require = (input: string, info: tf.TensorInfo | undefined, shape: readonly (number | string)[]) => {
    const fits =
      info !== undefined &&
      info.dtype === 'float32' &&
      info.shape.length === shape.length &&
      shape.every((n, axis) => typeof n === 'string' || n === info.shape[axis]);
    if (!fits) {
      const got = info === undefined ? 'none' : `${info.dtype} [${info.shape.join(', ')}]`;
      throw new Error(`${name}: ${input} expected float32 [${shape.join(', ')}], got ${got}`);
    }
    return info;
  };
  const [rows, frames, dims] = require('x', x, ['batch', 'frames', 'dims']).shape as [number, number, number];
  const units = require('recurrent', recurrent, ['units', `${gates} * units`]).shape[0]!;
  const width = gates * units;
  return {
    rows,
    frames,
    dims,
    units,
    returnSequences: attrs.returnSequences === true,
    flags: flagsOf(attrs),
    x: x!,
    kernel: require('kernel', kernel, [dims, width]),
    recurrent: require('recurrent', recurrent, [units, width]),
    bias: require('bias', bias, [width]),
    mask: mask && require('mask', mask, [rows, frames]),
    stateScale: stateScale && require('stateScale', stateScale, [rows, units]),
  };
}
