import type * as tf from '@tensorflow/tfjs-core';
import { viewAs, type WasmBackend } from '../backend.ts';
import { type Address, addressOf } from '../native/engine.ts';

/**
 * A tensor's memory shown as empty. For every output that nothing depends on, tfjs makes a gradient of zeros as large as
 * that output is said to be: what is kept for the gradient alone would cost as much again. The numbers are found through
 * addressOf() all the same.
 */
export const hidden = (info: tf.TensorInfo): tf.TensorInfo => viewAs(info, [0]);

/** Where an optional tensor lies: 0 where there is none. */
export const addressOrZero = (backend: WasmBackend, info: tf.TensorInfo | undefined): Address =>
  info === undefined ? 0 : addressOf(backend, info);
