import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { largestDifference, randomArray } from '../support/reference-arrays.ts';
import { tensorOf, useWasm } from '../support/wasm.ts';

type Reduced = (...inputs: tf.Tensor[]) => tf.Tensor;

/** The gradients of a sum of squares of f's gradients. */
const second =
  (f: Reduced) =>
  (inputs: tf.Tensor[]): tf.Tensor[] =>
    tf.grads((...given: tf.Tensor[]) =>
      tf.addN(
        tf
          .grads(f)(given)
          .map((gradient) => tf.sum(tf.square(gradient))),
      ),
    )(inputs);

async function expectAsOnCpu(f: Reduced, shapes: readonly (readonly number[])[]): Promise<void> {
  const arrays = shapes.map((shape, i) => randomArray(shape, i + 1));
  // Variances are positive; nothing else minds.
  for (const { data } of arrays) data.set(data.map((v) => Math.fround(0.5 + Math.abs(v))));
  const run = async (backend: string): Promise<Float32Array[]> => {
    await tf.setBackend(backend);
    return tf.tidy(() => second(f)(arrays.map((array) => tensorOf(array))).map((t) => t.dataSync() as Float32Array));
  };
  const [expected, actual] = [await run('cpu'), await run('wasm')];
  expected.forEach((gradient, i) => {
    const largest = Math.max(1, ...gradient.map(Math.abs));
    expect(
      largestDifference(
        actual[i]!.map((v) => v / largest),
        Float64Array.from(gradient, (v) => v / largest),
      ),
    ).toBeLessThan(1e-5);
  });
}

describe("gradients of gradients on wasm equal those of tfjs's cpu backend", () => {
  useWasm();

  it('of sums and means, of up to five axes', async () => {
    const shape = [2, 3, 2, 3, 2];
    for (const [rank, axes] of [
      [5, undefined],
      [5, [1, 3]],
      [5, [0, 4]],
      [3, [0, 1]],
      [2, 1],
      [1, 0],
    ] as const) {
      for (const reduce of [tf.sum, tf.mean]) {
        const f = (x: tf.Tensor): tf.Tensor => tf.sum(tf.square(reduce(tf.square(x), axes as never)));
        await expectAsOnCpu(f, [shape.slice(0, rank)]);
      }
    }
  });

  it('of batch norms, by all that they are given', async () => {
    const norm = (...[x, mean, variance, offset, scale]: tf.Tensor[]): tf.Tensor =>
      tf.sum(
        tf.mul(tf.square(tf.batchNorm(x!, mean as never, variance as never, offset as never, scale as never)), x!),
      );
    await expectAsOnCpu(norm, [[2, 3, 2, 5], [5], [5], [5], [5]]);
    await expectAsOnCpu(norm, [[7, 3], [3], [3], [3], [3]]);
  });

  it('of a sum over many numbers take a few kernels, not some for each number', async () => {
    await tf.setBackend('wasm');
    const f = (x: tf.Tensor): tf.Tensor => tf.square(tf.sum(x));
    const { kernels } = await tf.profile(() => tf.tidy(() => second(f)([tf.ones([20_000])])) as never);
    expect(kernels.length).toBeLessThan(60);
  });
});
