import * as tf from '@tensorflow/tfjs-core';
import { reach, type Stretch } from './stretches.ts';
import type { XvectorWeights } from './weights.ts';

/** A layer on the backend. */
export interface LayerTensors {
  readonly kernel: tf.Tensor2D;
  readonly bias: tf.Tensor1D;
  readonly slope: number | null;
  readonly norm: { readonly scale: tf.Tensor1D; readonly shift: tf.Tensor1D } | null;
}

/** y = norm(rectifier(x kernel + bias)), [rows, outputs]. */
export function applyLayer(x: tf.Tensor2D, { kernel, bias, slope, norm }: LayerTensors): tf.Tensor2D {
  const activation = slope === null ? 'linear' : slope === 0 ? 'relu' : 'leakyrelu';
  const y = tf.fused.matMul({ a: x, b: kernel, bias, activation, leakyreluAlpha: slope ?? 0 }) as tf.Tensor2D;
  return norm === null ? y : tf.add(tf.mul(y, norm.scale), norm.shift);
}

/** Rows of stretches one after the other, [rows, dims]; `starts` says where each begins. */
export interface Rows {
  readonly x: tf.Tensor2D;
  readonly starts: readonly number[];
}

/**
 * One frame layer over several stretches at once: their frames with what surrounds them, the layer's taps side by side, and one
 * product. Rows between two stretches, where a tap looks into the neighbour, are computed and never looked at.
 *
 * @param layer  its number; stretch i's frames lie in `rows` as its ranges[layer] says, and come out as ranges[layer + 1]
 */
export function applyFrameLayer(
  rows: Rows,
  stretches: readonly Stretch[],
  layer: number,
  offsets: readonly number[],
  tensors: LayerTensors,
  padding: XvectorWeights['padding'],
): Rows {
  if (offsets.length === 1 && offsets[0] === 0) return { x: applyLayer(rows.x, tensors), starts: rows.starts };
  const { left, right } = reach({ offsets });
  const { x, starts } = padding === 'valid' ? rows : surrounded(rows, stretches, layer, left, right, padding);
  const count = x.shape[0] - left - right;
  const taps = offsets.map((offset) => tf.slice(x, [offset + left, 0], [count, x.shape[1]]));
  return { x: applyLayer(tf.concat(taps, 1), tensors), starts };
}

/** The stretches' frames with what the layer sees beyond a clip's ends. */
function surrounded(
  { x, starts }: Rows,
  stretches: readonly Stretch[],
  layer: number,
  left: number,
  right: number,
  padding: 'reflect' | 'zeros',
): Rows {
  const dims = x.shape[1];
  const parts: tf.Tensor2D[] = [];
  const newStarts: number[] = [];
  let length = 0;
  const add = (part: tf.Tensor2D): void => {
    parts.push(part);
    length += part.shape[0];
  };
  stretches.forEach(({ ranges, whole }, i) => {
    const has = ranges[layer]!;
    const gives = ranges[layer + 1]!;
    const { from, to } = whole[layer]!;
    const row = (frame: number): tf.Tensor2D => tf.slice(x, [starts[i]! + frame - has.from, 0], [1, dims]);
    const before = Math.max(0, from - (gives.from - left));
    const after = Math.max(0, gives.to + right - to);
    newStarts.push(length);
    if (padding === 'zeros') {
      if (before > 0) add(tf.zeros([before, dims]));
    } else for (let frame = before; frame > 0; frame--) add(row(from + frame));
    // What an uneven layer does not look at is left out.
    const first = Math.max(has.from, gives.from - left);
    const last = Math.min(has.to, gives.to + right);
    const core = last - first;
    add(core === x.shape[0] ? x : tf.slice(x, [starts[i]! + first - has.from, 0], [core, dims]));
    if (padding === 'zeros') {
      if (after > 0) add(tf.zeros([after, dims]));
    } else for (let frame = 1; frame <= after; frame++) add(row(to - 1 - frame));
  });
  return { x: tf.concat(parts, 0), starts: newStarts };
}
