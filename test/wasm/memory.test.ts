import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inWordsOfMemory } from '../../src/models/out-of-memory.ts';
import { registerWasmKernels } from '../../src/wasm/register.ts';

interface Module {
  _malloc: (bytes: number) => number;
}

const backend = (): {
  wasm: Module;
  makeOutput: (shape: number[], dtype: string) => unknown;
  numDataIds: () => number;
} => tf.backend() as never;

/** So many allocations succeed, then one gives 0, as it does where 4 GB are full. */
let untilFull = Number.POSITIVE_INFINITY;

function thrown(run: () => unknown, after = Number.POSITIVE_INFINITY): Error | undefined {
  untilFull = after;
  try {
    run();
    return undefined;
  } catch (error) {
    return error as Error;
  } finally {
    untilFull = Number.POSITIVE_INFINITY;
  }
}

describe('where the memory is full, on wasm', () => {
  let undo = (): void => {};
  let stock: Module['_malloc'];

  beforeAll(async () => {
    await tf.setBackend('wasm');
    tf.tensor1d([1]).dispose(); // Emscripten puts its final _malloc in place at the first call.
    const module = backend().wasm;
    const malloc = module._malloc;
    stock = (bytes) => (untilFull-- === 0 ? 0 : malloc(bytes));
    module._malloc = stock;
    undo = registerWasmKernels();
  });
  afterAll(() => undo());

  const recurrent = (): tf.Tensor => {
    const [x, kernel, weights, bias] = [tf.ones([2, 3, 4]), tf.ones([4, 8]), tf.ones([2, 8]), tf.ones([8])];
    const attrs = { returnSequences: false, reverse: false, hardSigmoid: false };
    const run = (input: tf.Tensor): tf.Tensor[] =>
      tf.engine().runKernel('SerKitLstm', { x: input, kernel, recurrent: weights, bias }, attrs) as never;
    return tf.grad((input: tf.Tensor) => run(input)[0]!)(x);
  };
  const rows = (): tf.Tensor4D => tf.ones([1, 4, 4, 2]);
  const runs: Record<string, () => unknown> = {
    "one of tfjs's own kernels": () => tf.exp(tf.ones([64])),
    'a kernel of ours': () => tf.tanh(tf.ones([64])),
    'a slice': () => tf.slice(tf.ones([64]), 1, 62),
    'numbers from JavaScript': () => tf.tensor1d([1, 2, 3]),
    'a convolution and its gradients': () =>
      tf.grad((x: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, tf.ones([3, 3, 2, 4]), 1, 'same'))(rows()),
    'a batch norm and its gradients': () =>
      tf.grad((x: tf.Tensor) => tf.batchNorm(x, tf.zeros([2]), tf.ones([2]), tf.zeros([2]), tf.ones([2])))(rows()),
    'a recurrent kernel and its gradients': recurrent,
  };

  for (const [title, run] of Object.entries(runs)) {
    it(`${title}: whichever allocation fails, it says so, leaves no memory without a tensor, and works the next time`, () => {
      const witness = tf.range(0, 100);
      tf.tidy(() => void run()); // what stays for good, such as the scalars of gradients, is made here
      let failures = 0;
      for (let after = 0; ; after++) {
        const error = thrown(() => tf.tidy(() => void run()), after);
        if (error === undefined) break;
        failures++;
        expect(error.message).toContain('memory access out of bounds');
        expect(inWordsOfMemory('fit', error)).toMatchObject({ code: 'out-of-memory' });
        expect(backend().numDataIds()).toBe(tf.memory().numDataBuffers);
      }
      expect(failures).toBeGreaterThan(0);
      expect(Array.from(witness.dataSync())).toEqual(Array.from({ length: 100 }, (_, i) => i));
      tf.tidy(() => void run());
      witness.dispose();
    });
  }

  it('a tensor of more than 32 bits of bytes does not get a piece that is too small', () => {
    const error = thrown(() => backend().makeOutput([2 ** 30 + 4], 'float32'));
    expect(error?.message).toContain(`no room for ${2 ** 32 + 16} bytes`);
  });

  it('an empty tensor needs no room', () => {
    expect(thrown(() => tf.zeros([0, 3]).dispose(), 0)).toBeUndefined();
  });

  it("tfjs's own allocation is back after undoing, and checked again after registering", () => {
    undo();
    expect(backend().wasm._malloc).toBe(stock);
    undo = registerWasmKernels();
    expect(thrown(() => tf.tensor1d([1]), 0)?.message).toContain('memory access out of bounds');
  });
});
