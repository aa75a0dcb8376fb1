import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { registerWasmKernels } from '../../src/wasm/register.ts';
import { largestDifference, type NdArray, randomArray } from '../support/reference-arrays.ts';
import { tensorOf, useWasm } from '../support/wasm.ts';

const EPSILON = 1e-3;

interface Case {
  readonly x: NdArray;
  readonly dy: NdArray;
  readonly gamma: NdArray;
  readonly beta: NdArray;
  readonly valid: readonly boolean[];
}

/** Training in float64, written out: y, mean, variance, and the gradients by the chain rule over mean and variance. */
function reference({ x, dy, gamma, beta, valid }: Case): Record<string, Float64Array> {
  const [rows, columns] = x.shape as [number, number];
  const n = Math.max(1, valid.filter(Boolean).length);
  const zeros = (size: number): Float64Array => new Float64Array(size);
  const [y, dx] = [zeros(rows * columns), zeros(rows * columns)];
  const [mean, variance, dGamma, dBeta] = [zeros(columns), zeros(columns), zeros(columns), zeros(columns)];
  for (let c = 0; c < columns; c++) {
    const at = valid.flatMap((ok, r) => (ok ? [r * columns + c] : []));
    for (const i of at) mean[c]! += x.data[i]! / n;
    for (const i of at) variance[c]! += (x.data[i]! - mean[c]!) ** 2 / n;
    const inverse = 1 / Math.sqrt(variance[c]! + EPSILON);
    let dVariance = 0;
    let dMean = 0;
    for (const i of at) {
      const centred = x.data[i]! - mean[c]!;
      y[i] = centred * inverse * gamma.data[c]! + beta.data[c]!;
      dBeta[c]! += dy.data[i]!;
      dGamma[c]! += dy.data[i]! * centred * inverse;
      dVariance += dy.data[i]! * gamma.data[c]! * centred * -0.5 * inverse ** 3;
      dMean -= dy.data[i]! * gamma.data[c]! * inverse;
    }
    for (const i of at) {
      const centred = x.data[i]! - mean[c]!;
      dx[i] = dy.data[i]! * gamma.data[c]! * inverse + (dVariance * 2 * centred) / n + dMean / n;
    }
  }
  return { y, mean, variance, dx, dGamma, dBeta };
}

const anyCase = (mask: fc.Arbitrary<'none' | 'some' | 'empty'>): fc.Arbitrary<Case & { masked: boolean }> =>
  fc
    .record({
      rows: fc.integer({ min: 1, max: 40 }),
      columns: fc.integer({ min: 1, max: 21 }),
      level: fc.constantFrom(0, 5),
      mask,
      seed: fc.nat(1e6),
    })
    .map(({ rows, columns, level, mask, seed }) => {
      const x = randomArray([rows, columns], seed);
      x.data.forEach((v, i) => {
        x.data[i] = Math.fround(v + level);
      });
      const dice = randomArray([rows], seed + 4).data;
      return {
        x,
        dy: randomArray([rows, columns], seed + 1),
        gamma: randomArray([columns], seed + 2),
        beta: randomArray([columns], seed + 3),
        valid: Array.from(dice, (v) => mask === 'none' || (mask === 'some' && v > -0.5)),
        masked: mask !== 'none',
      };
    });

describe('SerKitBatchNorm on wasm', () => {
  useWasm();

  it('equals float64, with its gradients, for any size and mask', () => {
    fc.assert(
      fc.property(anyCase(fc.constantFrom('none', 'some', 'some', 'empty')), (given) => {
        const expected = reference(given);
        // An almost constant column divides by the root of epsilon: 30 times float32's own rounding.
        const tolerance = Math.min(...expected.variance!) > 0.05 ? 1e-5 : 1e-4;
        tf.tidy(() => {
          const mask = given.masked ? { mask: tf.tensor1d(given.valid.map(Number)) } : {};
          const all = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor[] =>
            tf
              .engine()
              .runKernel(
                'SerKitBatchNorm',
                { x, gamma, beta, ...mask },
                { epsilon: EPSILON },
              ) as unknown as tf.Tensor[];
          const inputs = [given.x, given.gamma, given.beta].map((t) => tensorOf(t));
          const [y, mean, variance] = all(...(inputs as [tf.Tensor, tf.Tensor, tf.Tensor])) as [
            tf.Tensor,
            tf.Tensor,
            tf.Tensor,
          ];
          const grads = tf.grads((...t: tf.Tensor[]) => all(...(t as [tf.Tensor, tf.Tensor, tf.Tensor]))[0]!);
          const [dx, dGamma, dBeta] = grads(inputs, tensorOf(given.dy)) as [tf.Tensor, tf.Tensor, tf.Tensor];
          for (const [name, actual] of Object.entries({ y, mean, variance, dx, dGamma, dBeta })) {
            expect([name, largestDifference(actual.dataSync(), expected[name]!) < tolerance]).toEqual([name, true]);
          }
        });
      }),
      { numRuns: 150 },
    );
  });

  it('keeps a padded row out, whatever is in it', () => {
    const x = tf.tensor2d([[1], [Number.NaN], [3]]);
    const run = (): tf.Tensor[] =>
      tf
        .engine()
        .runKernel(
          'SerKitBatchNorm',
          { x, gamma: tf.ones([1]), beta: tf.zeros([1]), mask: tf.tensor1d([1, 0, 1]) },
          { epsilon: 0 },
        ) as unknown as tf.Tensor[];
    expect(
      run()
        .slice(0, 3)
        .map((t) => Array.from(t.dataSync())),
    ).toEqual([[-1, 0, 1], [2], [1]]);
  });

  it('leaves no tensor and no memory behind', () => {
    const heap = (): number => (tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } }).wasm.HEAPU8.byteLength;
    const [x, gamma, beta] = [tf.ones([4096, 64]), tf.ones([64]), tf.zeros([64])];
    const step = (): void => {
      const f = (...[a, b, c]: tf.Tensor[]): tf.Tensor =>
        (
          tf
            .engine()
            .runKernel(
              'SerKitBatchNorm',
              { x: a!, gamma: b!, beta: c! },
              { epsilon: EPSILON },
            ) as unknown as tf.Tensor[]
        )[0]!;
      tf.dispose(tf.tidy(() => tf.grads(f)([x, gamma, beta])));
    };
    for (let i = 0; i < 4; i++) step();
    const [tensors, bytes] = [tf.memory().numTensors, heap()];
    for (let i = 0; i < 40; i++) step();
    expect([tf.memory().numTensors, heap()]).toEqual([tensors, bytes]);
  });
});

describe('tf.batchNorm() on wasm', () => {
  useWasm();

  const training = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor => {
    const { mean, variance } = tf.moments(x, [0]);
    return tf.batchNorm(
      x as tf.Tensor2D,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      beta as tf.Tensor1D,
      gamma as tf.Tensor1D,
      EPSILON,
    );
  };

  it("equals float64 behind the batch's own moments, with all gradients", () => {
    fc.assert(
      fc.property(anyCase(fc.constant('none')), (given) => {
        const expected = reference(given);
        tf.tidy(() => {
          const inputs = [given.x, given.gamma, given.beta].map((t) => tensorOf(t)) as [
            tf.Tensor,
            tf.Tensor,
            tf.Tensor,
          ];
          expect(largestDifference(training(...inputs).dataSync(), expected.y!)).toBeLessThan(2e-5);
          const grads = tf.grads(training as (...t: tf.Tensor[]) => tf.Tensor)(inputs, tensorOf(given.dy));
          [expected.dx, expected.dGamma, expected.dBeta].forEach((e, i) => {
            expect(largestDifference(grads[i]!.dataSync(), e!)).toBeLessThan(1e-4);
          });
        });
      }),
      { numRuns: 100 },
    );
  });

  it('takes statistics without scale and offset, and statistics of full shape, from the stock kernel', () => {
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const bare = tf.batchNorm(x, tf.tensor1d([1, 2]), tf.tensor1d([4, 4]), undefined, undefined, 0);
    expect(Array.from(bare.dataSync())).toEqual([0, 0, 1, 1]);
    const full = tf.batchNorm(x, tf.ones([2, 2]), tf.fill([2, 2], 4), undefined, undefined, 0);
    expect(Array.from(full.dataSync())).toEqual([0, 0.5, 1, 1.5]);
  });
});

describe('gradients of sums, means and batch norms', () => {
  it("are tfjs's own before, after, and on other backends, and ours even if tfjs registers its own later", async () => {
    await import('@tensorflow/tfjs-backend-cpu');
    const before = tf.getGradient('Mean');
    const undo = registerWasmKernels();
    await tf.setBackend('wasm');
    const dMean = (): number[] =>
      Array.from(
        tf
          .grad((t: tf.Tensor) => tf.mean(t, 0))(tf.ones([2, 3]))
          .dataSync(),
      );
    expect(dMean()).toEqual(new Array(6).fill(0.5));
    expect(tf.getGradient('Mean')).not.toBe(before);
    tf.unregisterGradient('Mean');
    tf.registerGradient(before!);
    expect(dMean()).toEqual(new Array(6).fill(0.5));
    expect(tf.getGradient('Mean')).not.toBe(before);
    await tf.setBackend('cpu');
    expect(dMean()).toEqual(new Array(6).fill(0.5));
    undo();
    expect(tf.getGradient('Mean')).toBe(before);
    expect(tf.getGradient('SerKitBatchNorm')).toBeUndefined();
  });
});
