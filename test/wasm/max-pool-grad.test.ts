import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestDifference, type NdArray, offsetOf, randomArray, zerosOf } from '../support/reference-arrays.ts';
import { planConvolution } from '../support/reference-kernels.ts';
import { tensorOf, useWasm } from '../support/wasm.ts';

type Pair = readonly [number, number];

/** dy added where its window's largest value lies. */
function reference(x: NdArray, dy: NdArray, size: Pair, strides: Pair, pad: 'same' | 'valid'): NdArray {
  const [batch, height, width, channels] = x.shape as readonly [number, number, number, number];
  const plan = planConvolution([height, width], size, strides, pad);
  const dx = zerosOf(x.shape);
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      for (let oy = 0; oy < plan.outSize[0]; oy++) {
        for (let ox = 0; ox < plan.outSize[1]; ox++) {
          let best = -1;
          for (let fy = 0; fy < size[0]; fy++) {
            for (let fx = 0; fx < size[1]; fx++) {
              const y = oy * strides[0] - plan.before[0] + fy;
              const z = ox * strides[1] - plan.before[1] + fx;
              if (y < 0 || z < 0 || y >= height || z >= width) continue;
              const at = offsetOf(x.shape, [n, y, z, c]);
              if (best < 0 || x.data[at]! > x.data[best]!) best = at;
            }
          }
          dx.data[best]! += dy.data[offsetOf(dy.shape, [n, oy, ox, c])]!;
        }
      }
    }
  }
  return dx;
}

const upTo = (max: number, min = 1): fc.Arbitrary<number> => fc.integer({ min, max });

describe('MaxPoolGrad on wasm', () => {
  useWasm();

  it('equals the float64 gradient for any window, stride and padding, whatever the sign of the values', () => {
    fc.assert(
      fc.property(
        fc.record({
          shape: fc.tuple(upTo(2), upTo(7, 3), upTo(7, 3), upTo(3)),
          size: fc.tuple(upTo(3), upTo(3)),
          strides: fc.tuple(upTo(3), upTo(3)),
          pad: fc.constantFrom<'same' | 'valid'>('same', 'valid'),
          shift: fc.constantFrom(-4, 0, 4),
          seed: fc.nat(1e6),
        }),
        ({ shape, size, strides, pad, shift, seed }) => {
          const normal = randomArray(shape, seed);
          const x = { shape, data: normal.data.map((v) => Math.fround(v + shift)) };
          const plan = planConvolution([shape[1], shape[2]], size, strides, pad);
          const dy = randomArray([shape[0], ...plan.outSize, shape[3]], seed + 1);
          const dx = tf.tidy(() =>
            tf
              .grad((t: tf.Tensor) => tf.maxPool(t as tf.Tensor4D, [...size], [...strides], pad))(
                tensorOf(x),
                tensorOf(dy),
              )
              .dataSync(),
          );
          expect(largestDifference(dx, reference(x, dy, size, strides, pad).data)).toBeLessThan(1e-5);
        },
      ),
      { numRuns: 80 },
    );
  });

  it('of windows without a positive value is not lost', () => {
    const dx = tf.grad((t: tf.Tensor) => tf.maxPool(t as tf.Tensor4D, [2, 1], [2, 1], 'valid'))(
      tf.tensor4d([-3, -2, -5, -7], [1, 4, 1, 1]),
      tf.tensor4d([10, 20], [1, 2, 1, 1]),
    );
    expect(Array.from(dx.dataSync())).toEqual([0, 10, 20, 0]);
  });

  it('goes to the first of equals', () => {
    const dx = tf.grad((t: tf.Tensor) => tf.maxPool(t as tf.Tensor4D, [3, 1], [3, 1], 'valid'))(
      tf.tensor4d([1, 2, 2], [1, 3, 1, 1]),
      tf.tensor4d([5], [1, 1, 1, 1]),
    );
    expect(Array.from(dx.dataSync())).toEqual([0, 5, 0]);
  });
});
