import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { trainModel } from '../../src/models/train-model.ts';
import { useWasm } from '../support/wasm.ts';
import { builders, smallProblem } from './small-problem.ts';

useWasm();

it.each([builders[1], builders[3]])("the first 20 losses of $name are the cpu backend's", async ({ build }) => {
  const lossesOn = async (backend: 'cpu' | 'wasm'): Promise<number[]> => {
    await tf.setBackend(backend);
    const losses: number[] = [];
    const model = build(1, 0);
    await trainModel(
      model,
      { train: smallProblem(40, 1), validation: smallProblem(6, 2) },
      {
        seed: 1,
        epochs: 4,
        batchSize: 8,
        learningRate: 0.01,
        weightDecay: 0.05,
        onEvent: (event) => {
          if (event.type === 'batch') losses.push(event.loss);
        },
      },
    );
    model.dispose();
    return losses;
  };
  const wasm = await lossesOn('wasm');
  const cpu = await lossesOn('cpu');
  await tf.setBackend('wasm');
  expect(wasm).toHaveLength(20);
  expect(Math.max(...wasm.map((loss, i) => Math.abs(loss / cpu[i]! - 1)))).toBeLessThan(1e-4);
  expect(wasm[19]).toBeLessThan(0.95 * wasm[0]!);
});
