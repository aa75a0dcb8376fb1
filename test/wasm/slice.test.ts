import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomArray, zerosOf } from '../support/reference-arrays.ts';
import { slice as reference } from '../support/reference-kernels.ts';
import { tensorOf, useWasm } from '../support/wasm.ts';

describe('Slice on wasm', () => {
  useWasm();

  /** Shapes of rank 1 to 6 with a piece of them; the last axis may be long, and the piece empty. */
  const pieces = fc
    .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 6 })
    .chain((shape) =>
      fc.tuple(
        fc.constantFrom(1, 1, 40).map((factor) => shape.map((n, axis) => (axis === shape.length - 1 ? n * factor : n))),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })), {
          minLength: shape.length,
          maxLength: shape.length,
        }),
      ),
    )
    .map(([shape, parts]) => {
      const begin = shape.map((n, axis) => Math.min(n - 1, Math.floor(parts[axis]![0] * n)));
      const size = shape.map((n, axis) => Math.round(parts[axis]![1] * (n - begin[axis]!)));
      return { shape, begin, size };
    });

  it('copies exactly the numbers asked for, at every rank, and lays its gradient back among zeros', () => {
    fc.assert(
      fc.property(pieces, fc.nat(1e6), ({ shape, begin, size }, seed) => {
        const x = randomArray(shape, seed);
        const expected = reference(x, begin, size);
        tf.tidy(() => {
          const piece = tf.slice(tensorOf(x), begin, size);
          expect(piece.shape).toEqual(size);
          expect(Array.from(piece.dataSync())).toEqual(Array.from(expected.data));
          if (size.includes(0)) return;
          const dy = randomArray(size, seed + 1);
          const dx = tf.grad((t: tf.Tensor) => tf.slice(t, begin, size))(tensorOf(x), tensorOf(dy));
          expect(Array.from(tf.slice(dx, begin, size).dataSync())).toEqual(Array.from(dy.data));
          const outside = zerosOf(shape).data.length - dy.data.length;
          expect(Array.from(dx.dataSync()).filter((v) => v === 0)).toHaveLength(outside);
        });
      }),
      { numRuns: 150 },
    );
  });

  it('takes -1 as "all the rest"', () => {
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
    expect(Array.from(tf.slice(x, [1, 0], [-1, 1]).dataSync())).toEqual([3, 5]);
  });

  it('leaves other types to the stock kernel', () => {
    expect(Array.from(tf.slice(tf.tensor1d([1, 2, 3], 'int32'), [1], [2]).dataSync())).toEqual([2, 3]);
    const flags = tf.slice(
      tf.tensor2d(
        [
          [1, 0],
          [0, 1],
        ],
        [2, 2],
        'bool',
      ),
      [0, 1],
      [2, 1],
    );
    expect([flags.dtype, ...flags.dataSync()]).toEqual(['bool', 0, 1]);
    expect(tf.slice(tf.tensor1d(['a', 'b', 'c']), [1], [2]).dataSync()).toEqual(['b', 'c']);
  });

  it('refuses a piece that lies outside', () => {
    expect(() => tf.slice(tf.tensor1d([1, 2, 3, 4]), [2], [5])).toThrow(/begin\[0\] \+ size\[0\] \(7\)/);
    expect(() => tf.slice(tf.ones([2, 2]), [1, 0], [2, 2])).toThrow(/overflow/);
  });
});
