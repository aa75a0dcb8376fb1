import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { trainModel } from '../../src/models/train-model.ts';
import { useWasm } from '../support/wasm.ts';
import { builders, smallProblem } from './small-problem.ts';

useWasm();

/** How large the wasm backend's heap is, which never shrinks. */
function heapBytes(): number {
  const { wasm } = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } };
  return wasm.HEAPU8.buffer.byteLength;
}

it.each([builders[1], builders[3]])('fifty epochs of $name leave memory as two did', async ({ build }) => {
  const model = build(1);
  const seen: { tensors: number; bytes: number; heap: number }[] = [];
  await trainModel(
    model,
    { train: smallProblem(20, 1), validation: smallProblem(6, 2) },
    {
      seed: 1,
      epochs: 50,
      batchSize: 8,
      accumulate: 2,
      weightAverage: { decay: 0.9 },
      mixup: { alpha: 0.3 },
      weightDecay: 0.01,
      onCheckpoint: () => {
        const { numTensors: tensors, numBytes: bytes } = tf.memory();
        seen.push({ tensors, bytes, heap: heapBytes() });
      },
    },
  );
  expect(seen).toHaveLength(50);
  for (const epoch of seen.slice(2)) expect(epoch).toEqual(seen[1]);
});
