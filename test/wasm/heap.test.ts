import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useWasm } from '../support/wasm.ts';

const heap = (): number => (tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } }).wasm.HEAPU8.byteLength;

/** How much the heap grows between the fourth and the fortieth time. */
function growth(run: () => tf.Tensor | tf.Tensor[]): number {
  let early = 0;
  for (let i = 0; i < 40; i++) {
    tf.dispose(tf.tidy(run));
    if (i === 3) early = heap();
  }
  return heap() - early;
}

// Matrices of 1 MB, new ones each time, as weights are after every step of training: what the backend packs for them has
// to be freed with them. 36 of them lost would show.
describe("the wasm backend's heap", () => {
  useWasm();

  it('does not grow from product to product, with their gradients', () => {
    const x = tf.ones([2, 512]);
    const multiply = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => tf.matMul(a, b);
    expect(growth(() => tf.grads(multiply)([x, tf.ones([512, 512])]))).toBe(0);
    const w = (): tf.Tensor3D => tf.ones([1, 512, 512]);
    expect(growth(() => tf.fused.matMul({ a: tf.ones([3, 2, 512]) as tf.Tensor3D, b: w(), activation: 'relu' }))).toBe(
      0,
    );
  });

  it('does not grow from convolution to convolution, with their gradients', () => {
    for (const stride of [1, 2]) {
      const convolve = (x: tf.Tensor, filter: tf.Tensor): tf.Tensor =>
        tf.conv1d(x as tf.Tensor3D, filter as tf.Tensor3D, stride, 'same');
      expect(growth(() => tf.grads(convolve)([tf.ones([1, 4, 256]), tf.ones([4, 256, 256])]))).toBe(0);
    }
  });
});
