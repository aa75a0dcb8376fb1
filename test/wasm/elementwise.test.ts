import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestDifference, randomArray, sizeOf } from '../support/reference-arrays.ts';
import { tensorOf, useWasm } from '../support/wasm.ts';

type Op = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;
const arithmetic: [string, Op, (a: number, b: number) => number][] = [
  ['add', tf.add, (a, b) => a + b],
  ['sub', tf.sub, (a, b) => a - b],
  ['mul', tf.mul, (a, b) => a * b],
  ['div', tf.div, (a, b) => a / b],
];
const comparisons: [string, Op, (a: number, b: number) => boolean][] = [
  ['equal', tf.equal, (a, b) => a === b],
  ['notEqual', tf.notEqual, (a, b) => a !== b],
  ['greater', tf.greater, (a, b) => a > b],
  ['greaterEqual', tf.greaterEqual, (a, b) => a >= b],
  ['less', tf.less, (a, b) => a < b],
  ['lessEqual', tf.lessEqual, (a, b) => a <= b],
];

describe.each(arithmetic)('tf.%s() of a matrix and a row on wasm', (_, operation, reference) => {
  useWasm();

  it('equals float64, either way round, for rows of any length', () => {
    fc.assert(
      fc.property(
        fc.record({
          // From 2,048 numbers on it is our own kernel; below, the stock one.
          columns: fc.integer({ min: 1, max: 70 }),
          rows: fc.integer({ min: 1, max: 150 }),
          ones: fc.integer({ min: 0, max: 2 }),
          swapped: fc.boolean(),
          seed: fc.nat(1e6),
        }),
        ({ columns, rows, ones, swapped, seed }) => {
          const whole = randomArray([rows, 2, columns], seed);
          const row = randomArray([...new Array<number>(ones).fill(1), columns], seed + 1);
          for (const { data } of [whole, row]) data.set(data.map((v) => Math.fround(v + 3 * Math.sign(v)))); // no tiny divisor
          const expected = Array.from(whole.data, (v, i) => {
            const r = row.data[i % columns]!;
            return swapped ? reference(r, v) : reference(v, r);
          });
          tf.tidy(() => {
            const [a, b] = [tensorOf(whole), tensorOf(row)];
            const y = swapped ? operation(b, a) : operation(a, b);
            expect(y.shape).toEqual(whole.shape);
            expect(largestDifference(y.dataSync(), expected)).toBeLessThan(1e-6);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('leaves other shapes and whole numbers to the stock kernel', () => {
    const a = randomArray([40, 60], 1);
    for (const shape of [[40, 60], [40, 1], [], [1, 60]]) {
      const b = randomArray(shape, 2);
      const expected = Array.from(a.data, (v, i) =>
        reference(v, b.data[sizeOf(shape) === 40 ? Math.floor(i / 60) : i % sizeOf(shape)]!),
      );
      expect(largestDifference(operation(tensorOf(a), tensorOf(b)).dataSync(), expected)).toBeLessThan(1e-5);
    }
    const whole = operation(tf.fill([1000, 3], 12, 'int32'), tf.tensor1d([2, 3, 4], 'int32'));
    expect(Array.from(whole.dataSync().slice(0, 3))).toEqual([2, 3, 4].map((v) => reference(12, v)));
    expect(() => operation(tf.ones([1000, 3]), tf.ones([4]))).toThrow();
  });

  it('has the stock gradients', () => {
    const x = randomArray([500, 5], 3);
    const row = { shape: [5], data: Float64Array.from([1, 2, 3, 4, 5]) };
    const [dx, dRow] = tf.grads(operation)([tensorOf(x), tensorOf(row)]) as [tf.Tensor, tf.Tensor];
    expect(dx.shape).toEqual([500, 5]);
    expect(dRow.shape).toEqual([5]);
    const step = 1e-6;
    const numeric = row.data.map((v, c) => {
      let sum = 0;
      for (let i = c; i < x.data.length; i += 5)
        sum += (reference(x.data[i]!, v + step) - reference(x.data[i]!, v - step)) / (2 * step);
      return sum;
    });
    expect(largestDifference(dRow.dataSync(), numeric)).toBeLessThan(1e-4);
  });
});

describe.each(comparisons)('tf.%s() on wasm', (_, operation, reference) => {
  useWasm();
  const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1, -1];

  it('equals the comparison of the numbers, for any length, with a tensor or a number', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...odd), fc.constantFrom(...odd)), { minLength: 1, maxLength: 50 }),
        (pairs) => {
          const [a, b] = [pairs.map(([v]) => v), pairs.map(([, v]) => v)];
          tf.tidy(() => {
            const each = operation(tf.tensor1d(a), tf.tensor1d(b));
            expect(each.dtype).toBe('bool');
            expect(Array.from(each.dataSync())).toEqual(a.map((v, i) => Number(reference(v, b[i]!))));
            const one = operation(tf.tensor1d(a), tf.scalar(b[0]!));
            expect(Array.from(one.dataSync())).toEqual(a.map((v) => Number(reference(v, b[0]!))));
          });
        },
      ),
      { numRuns: 100 },
    );
  });

  it('takes empty tensors, scalars, rows and whole numbers', () => {
    expect(operation(tf.zeros([0, 2]), tf.zeros([0, 2])).shape).toEqual([0, 2]);
    expect(operation(tf.scalar(1), tf.scalar(2)).dataSync()[0]).toBe(Number(reference(1, 2)));
    expect(Array.from(operation(tf.ones([2, 2]), tf.tensor1d([1, 2])).dataSync())).toEqual(
      [1, 2, 1, 2].map((v) => Number(reference(1, v))),
    );
    expect(operation(tf.tensor1d([3], 'int32'), tf.tensor1d([2], 'int32')).dataSync()[0]).toBe(Number(reference(3, 2)));
  });
});

describe('Identity and Cast on wasm', () => {
  useWasm();

  it('share memory that outlives either tensor', () => {
    for (const copy of [(x: tf.Tensor) => tf.clone(x), (x: tf.Tensor) => tf.cast(x, 'float32')]) {
      const before = tf.memory().numTensors;
      const x = tf.tensor1d([1, 2, 3]);
      const y = copy(x);
      x.dispose();
      for (let i = 0; i < 50; i++) tf.dispose(tf.fill([3], 9)); // what would be written where x lay
      expect(Array.from(y.dataSync())).toEqual([1, 2, 3]);
      const z = copy(y);
      z.dispose();
      expect(Array.from(y.dataSync())).toEqual([1, 2, 3]);
      y.dispose();
      expect(tf.memory().numTensors).toBe(before);
    }
  });

  it('give their memory back', () => {
    const heap = (): number => (tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } }).wasm.HEAPU8.byteLength;
    const use = (): void => tf.dispose(tf.tidy(() => tf.clone(tf.cast(tf.clone(tf.ones([1 << 18])), 'float32'))));
    for (let i = 0; i < 4; i++) use();
    const before = heap();
    for (let i = 0; i < 60; i++) use();
    expect(heap()).toBe(before);
  });

  it('casts to another type as ever', () => {
    expect(Array.from(tf.cast(tf.tensor1d([1.7, -1.7, 0]), 'int32').dataSync())).toEqual([1, -1, 0]);
    expect(Array.from(tf.cast(tf.tensor1d([1.7, 0]), 'bool').dataSync())).toEqual([1, 0]);
    const text = tf.clone(tf.tensor1d(['a', 'b']));
    expect(Array.from(text.dataSync() as unknown as string[])).toEqual(['a', 'b']);
  });

  it('leaves a variable alone when what was read from it is changed', () => {
    const variable = tf.variable(tf.tensor1d([1, 2]));
    const copy = tf.clone(variable);
    variable.assign(tf.add(variable, 1) as tf.Tensor1D);
    expect(Array.from(copy.dataSync())).toEqual([1, 2]);
    expect(Array.from(variable.dataSync())).toEqual([2, 3]);
    variable.dispose();
  });
});
