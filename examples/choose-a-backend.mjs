// ser-kit computes on whatever backend tfjs has been given. This trains one small network on the one named.
//
//   node choose-a-backend.mjs wasm         npm install @tensorflow/tfjs-backend-wasm@4.22.0   anywhere (the default)
//   node choose-a-backend.mjs cpu          npm install @tensorflow/tfjs-backend-cpu@4.22.0    plain JavaScript, slow
//   node choose-a-backend.mjs tensorflow   npm install @tensorflow/tfjs-node@4.22.0           TensorFlow's C library
import * as tf from '@tensorflow/tfjs-core';
import { createRandom } from 'ser-kit';
import { buildLstm, trainModel } from 'ser-kit/models';

const [backend = 'wasm'] = process.argv.slice(2);
const load = {
  wasm: () => import('ser-kit/wasm'), // not the bare package: convolutions cannot train there
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
  tensorflow: () => import('@tensorflow/tfjs-node'),
};
if (load[backend] === undefined) {
  console.error(`usage: node choose-a-backend.mjs ${Object.keys(load).join(' | ')}`);
  process.exit(2);
}
await load[backend]();
await tf.setBackend(backend);

// Two classes of noise, one louder than the other, in clips of 20 to 39 frames.
const random = createRandom(1);
const dims = 8;
const examples = Array.from({ length: 64 }, (_, i) => {
  const frames = 20 + (i % 20);
  const data = Float32Array.from({ length: frames * dims }, () => (random() - 0.5) * (i % 2 === 0 ? 1 : 4));
  return { features: { data, frames, dims }, target: i % 2 };
});

const model = buildLstm({ dims, classes: 2, units: 16, denseUnits: [], dropout: 0, seed: 1 });
const began = performance.now();
const { epochs } = await trainModel(
  model,
  { train: examples.slice(0, 48), validation: examples.slice(48) },
  { seed: 1, epochs: 5, batchSize: 16, learningRate: 0.02 },
);
const seconds = ((performance.now() - began) / 1000).toFixed(2);
const losses = epochs.map(({ loss }) => loss.toFixed(3)).join(', ');
console.log(`${tf.getBackend()}: 5 epochs in ${seconds} s, losses ${losses}`);
model.dispose();
