import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestDifference, type NdArray, randomArray } from '../support/reference-arrays.ts';
import { matMul } from '../support/reference-kernels.ts';
import { tensorOf, useWasm } from '../support/wasm.ts';

type Activation = NonNullable<Parameters<typeof tf.fused.matMul>[0]['activation']>;

const ALPHA = 0.3;
const activations: Readonly<Record<string, (x: number) => number>> = {
  linear: (x) => x,
  relu: (x) => Math.max(0, x),
  relu6: (x) => Math.min(6, Math.max(0, x)),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  leakyrelu: (x) => (x > 0 ? x : ALPHA * x),
  prelu: (x) => (x > 0 ? x : ALPHA * x),
};

const cases = [
  { name: 'a plain pair', batch: [], transposeA: false, transposeB: false },
  { name: 'a pair with the left one transposed', batch: [], transposeA: true, transposeB: false },
  { name: 'a pair with the right one transposed', batch: [], transposeA: false, transposeB: true },
  { name: 'a batch', batch: [3], transposeA: false, transposeB: false },
  { name: 'a batch with both transposed', batch: [3], transposeA: true, transposeB: true },
];

function apply(x: NdArray, f: (x: number) => number, bias: NdArray): Float64Array {
  return x.data.map((value, i) => f(value + bias.data[i % bias.data.length]!));
}

describe('_FusedMatMul on wasm', () => {
  useWasm();

  it('of 100 ones and a bias of 1 is 101, transposed or not', () => {
    const bias = tf.ones([1]) as tf.Tensor1D;
    for (const transposeB of [false, true]) {
      const b = tf.ones(transposeB ? [1, 100] : [100, 1]) as tf.Tensor2D;
      const y = tf.fused.matMul({ a: tf.ones([1, 100]) as tf.Tensor2D, b, bias, transposeB });
      expect(Array.from(y.dataSync())).toEqual([101]);
    }
  });

  for (const { name, batch, transposeA, transposeB } of cases) {
    it.each(Object.keys(activations))(`of ${name} adds the bias once and applies %s once`, (activation) => {
      const [m, k, n] = [4, 100, 5];
      const a = randomArray([...batch, ...(transposeA ? [k, m] : [m, k])], 1, 0.3);
      const b = randomArray([...batch, ...(transposeB ? [n, k] : [k, n])], 2, 0.3);
      const bias = randomArray([n], 3);
      const expected = apply(matMul(a, b, transposeA, transposeB), activations[activation]!, bias);
      const actual = tf.tidy(() =>
        tf.fused
          .matMul({
            a: tensorOf(a) as tf.Tensor2D,
            b: tensorOf(b) as tf.Tensor2D,
            bias: tensorOf(bias),
            transposeA,
            transposeB,
            activation: activation as Activation,
            leakyreluAlpha: ALPHA,
            ...(activation === 'prelu' ? { preluActivationWeights: tf.fill([n], ALPHA) } : {}),
          })
          .dataSync(),
      );
      expect(largestDifference(actual, expected)).toBeLessThan(1e-5);
    });
  }

  it('equals the float64 one for any sizes, bias and slopes that broadcast', () => {
    const width = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constant(33));
    const rowOr = fc.constantFrom<'scalar' | 'one' | 'row' | 'column' | 'whole'>(
      'scalar',
      'one',
      'row',
      'column',
      'whole',
    );
    fc.assert(
      fc.property(
        fc.record({ m: width, k: fc.oneof(width, fc.constant(259)), n: width, seed: fc.nat(1e6) }),
        fc.record({ tA: fc.boolean(), tB: fc.boolean(), bias: rowOr, slopes: rowOr }),
        fc.constantFrom(...Object.keys(activations)),
        ({ m, k, n, seed }, { tA, tB, bias: biasKind, slopes: slopesKind }, activation) => {
          const shapes = { scalar: [], one: [1], row: [n], column: [m, 1], whole: [m, n] };
          const a = randomArray(tA ? [k, m] : [m, k], seed, 0.3);
          const b = randomArray(tB ? [n, k] : [k, n], seed + 1, 0.3);
          const bias = randomArray(shapes[biasKind], seed + 2);
          const slopes = randomArray(shapes[slopesKind], seed + 3);
          const at = (x: NdArray, kind: keyof typeof shapes, i: number): number =>
            x.data[{ scalar: 0, one: 0, row: i % n, column: Math.floor(i / n), whole: i }[kind]]!;
          const expected = matMul(a, b, tA, tB).data.map((value, i) => {
            const x = value + at(bias, biasKind, i);
            if (activation === 'prelu') return x > 0 ? x : x * at(slopes, slopesKind, i);
            return activations[activation]!(x);
          });
          const actual = tf.tidy(() =>
            tf.fused
              .matMul({
                a: tensorOf(a) as tf.Tensor2D,
                b: tensorOf(b) as tf.Tensor2D,
                bias: tensorOf(bias),
                transposeA: tA,
                transposeB: tB,
                activation: activation as Activation,
                leakyreluAlpha: ALPHA,
                ...(activation === 'prelu' ? { preluActivationWeights: tensorOf(slopes) } : {}),
              })
              .dataSync(),
          );
          expect(largestDifference(actual, expected)).toBeLessThan(1e-5);
        },
      ),
      { numRuns: 80 },
    );
  });

  it.each(['linear', 'relu'] as const)('has the gradients of product, bias and %s', (activation) => {
    const [m, k, n] = [4, 60, 5];
    const a = randomArray([m, k], 1, 0.3);
    const b = randomArray([n, k], 2, 0.3); // transposed
    const bias = randomArray([n], 3);
    const dy = randomArray([m, n], 4);
    const z = apply(matMul(a, b, false, true), (x) => x, bias);
    const dz = { shape: dy.shape, data: dy.data.map((d, i) => (activation === 'relu' && z[i]! <= 0 ? 0 : d)) };
    const expected = [
      matMul(dz, b).data,
      matMul(dz, a, true, false).data,
      Float64Array.from({ length: n }, (_, j) => dz.data.reduce((sum, d, i) => (i % n === j ? sum + d : sum), 0)),
    ];
    const gradients = tf.grads((p, q, r) =>
      tf.fused.matMul({
        a: p as tf.Tensor2D,
        b: q as tf.Tensor2D,
        bias: r,
        transposeB: true,
        activation,
      }),
    )([tensorOf(a), tensorOf(b), tensorOf(bias)], tensorOf(dy));
    gradients.forEach((gradient, i) => {
      expect(largestDifference(gradient.dataSync(), expected[i]!)).toBeLessThan(1e-5);
    });
  });

  it('names an activation that it does not have, and keeps nothing of the attempt', () => {
    const a = tf.ones([2, 3, 4]) as tf.Tensor3D;
    const b = tf.ones([2, 4, 5]) as tf.Tensor3D;
    const before = (tf.backend() as unknown as { numDataIds(): number }).numDataIds();
    expect(() => tf.fused.matMul({ a, b, activation: 'gelu' as Activation })).toThrow(/gelu/);
    expect((tf.backend() as unknown as { numDataIds(): number }).numDataIds()).toBe(before);
  });
});
