import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { expect } from 'vitest';
import { largestDifference, type NdArray, numericGradient, randomArray } from '../support/reference-arrays.ts';
import type { Mask } from '../support/reference-layers.ts';
import { tensorOf } from '../support/wasm.ts';

export const maskTensor = (mask: Mask): tf.Tensor2D =>
  tf.tensor2d(
    mask.map((row) => row.map(Number)),
    undefined,
    'bool',
  );

/** True for the first `lengths[n]` frames of clip n. */
export function paddingMask(lengths: readonly number[], frames: number): Mask {
  return lengths.map((length) => Array.from({ length: frames }, (_, t) => t < length));
}

interface LayerCheck {
  readonly layer: tfl.layers.Layer;
  readonly x: NdArray;
  /** All weights that are learnt, in the layer's order. */
  readonly weights: readonly NdArray[];
  readonly mask?: Mask | undefined;
  readonly training?: boolean;
  readonly reference: (x: NdArray, weights: readonly NdArray[]) => NdArray;
}

/** Holds a layer's output, and its gradients by input and weights, against a float64 reference. */
export function expectLayerEquals({ layer, x, weights, mask, training = false, reference }: LayerCheck): void {
  const kwargs = { training, ...(mask === undefined ? {} : { mask: maskTensor(mask) }) };
  const input = tensorOf(x);
  layer.build([null, null, x.shape[2]!]);
  layer.trainableWeights.forEach((weight, i) => {
    weight.write(tensorOf(weights[i]!));
  });
  const expected = reference(x, weights);
  const dy = randomArray(expected.shape, 99);
  const objective = (p: NdArray, ws: readonly NdArray[]): number =>
    reference(p, ws).data.reduce((sum, value, i) => sum + value * dy.data[i]!, 0);

  const actual = layer.apply(input, kwargs) as tf.Tensor;
  expect(actual.shape).toEqual(expected.shape);
  expect(largestDifference(actual.dataSync(), expected.data)).toBeLessThan(1e-5);

  const weigh = (t: tf.Tensor): tf.Scalar => tf.sum(tf.mul(layer.apply(t, kwargs) as tf.Tensor, tensorOf(dy)));
  const dx = tf.grad(weigh)(input).dataSync();
  expect(
    largestDifference(
      dx,
      numericGradient((p) => objective(p, weights), x),
    ),
  ).toBeLessThan(1e-5);

  if (weights.length === 0) return;
  const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const { grads } = tf.variableGrads(() => weigh(input), variables);
  variables.forEach((variable, i) => {
    const numeric = numericGradient(
      (w) =>
        objective(
          x,
          weights.map((old, j) => (j === i ? w : old)),
        ),
      weights[i]!,
    );
    expect(largestDifference(grads[variable.name]!.dataSync(), numeric)).toBeLessThan(1e-5);
  });
}
