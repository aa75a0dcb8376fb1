import * as tf from '@tensorflow/tfjs-core';
import { reach, type Stretch, seen } from './stretches.ts';
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
    const sees = seen(gives, { left, right });
    const own = (first: number, count: number): tf.Tensor2D =>
      count === x.shape[0] ? x : tf.slice(x, [starts[i]! + first - has.from, 0], [count, dims]);
    /** Frames before `last` that the clip does not have. */
    const beyond = (first: number, last: number, mirror: (frame: number) => number): void => {
      if (first >= last) return;
      if (padding === 'zeros') add(tf.zeros([last - first, dims]));
      else for (let frame = first; frame < last; frame++) add(own(mirror(frame), 1));
    };
    newStarts.push(length);
    beyond(sees.from, Math.min(sees.to, from), (frame) => 2 * from - frame);
    const [first, last] = [Math.max(sees.from, from), Math.min(sees.to, to)];
    if (first < last) add(own(first, last - first));
    beyond(Math.max(sees.from, to), sees.to, (frame) => 2 * (to - 1) - frame);
  });
  return { x: tf.concat(parts, 0), starts: newStarts };
}
