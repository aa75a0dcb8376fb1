// ser-kit's side of `npm run bench:epoch`: `node scripts/bench-epoch-side.mjs FOLDER`, where FOLDER holds the batches.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { buildCnnLstm, buildLstm } from '../dist/models.js';
import '../dist/wasm.js';
import { answerQuestions, peakMegabytes } from './bench-sides.mjs';

const folder = process.argv[2];
const { dims, classes, batches } = JSON.parse(readFileSync(join(folder, 'batches.json'), 'utf8'));
const { buffer, byteOffset, byteLength } = readFileSync(join(folder, 'batches.f32'));
const data = new Float32Array(buffer, byteOffset, byteLength / 4);

const common = { dims, classes, seed: 1, units: 128, layers: 1, summary: 'average', denseUnits: [64] };
const dropout = { dropout: 0.3, inputDropout: 0.1 };
const builders = {
  lstm: () => buildLstm({ ...common, ...dropout }),
  'cnn-lstm': () => buildCnnLstm({ ...common, ...dropout, filters: [64, 128], kernelSize: 5, poolSize: 2 }),
};
let model;

async function step({ offset, frames, clips, labels }) {
  const x = tf.tensor3d(data.subarray(offset, offset + clips * frames * dims), [clips, frames, dims]);
  const y = tf.tensor2d(
    Float32Array.from({ length: clips * classes }, (_, i) => Number(labels[Math.floor(i / classes)] === i % classes)),
    [clips, classes],
  );
  const loss = await model.trainOnBatch(x, y);
  tf.dispose([x, y]);
  return loss;
}

await tf.setBackend('wasm');
await answerQuestions(`wasm, 1 thread, Node ${process.version}`, {
  async prepare({ model: name }) {
    model?.dispose();
    model = builders[name]();
    const weights = model.getWeights().map((w) => w.clone());
    model.compile({ optimizer: tf.train.adam(1e-3), loss: 'categoricalCrossentropy' });
    await step(batches[0]); // compilers start, memory grows
    model.setWeights(weights);
    tf.dispose(weights);
  },
  async train({ begin, end }) {
    let loss = 0;
    const began = performance.now();
    for (const batch of batches.slice(begin, end)) loss += await step(batch);
    return { ms: performance.now() - began, loss };
  },
  memory: () => ({ peak: peakMegabytes() }),
});
