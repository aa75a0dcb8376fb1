// Fast training of any tfjs-layers network in Node, without a native install, and nothing of speech:
//   npm install ser-kit @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-layers@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0
//   node fast-tfjs.mjs 5
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { fromStockModel, toStockModel } from 'ser-kit/layers';
import 'ser-kit/wasm';

const epochs = Number(process.argv[2]);
if (!(epochs > 0)) {
  console.error('usage: node fast-tfjs.mjs EPOCHS');
  process.exit(2);
}
await tf.setBackend('wasm');

// Sequences of 50 frames; which of two numbers is larger on average is to be told.
const [count, frames, dims] = [256, 50, 2];
const x = tf.randomNormal([count, frames, dims], 0, 1, 'float32', 1);
const larger = tf.argMax(tf.mean(x, 1), 1);
const y = tf.cast(tf.oneHot(larger, 2), 'float32');

// A network as tfjs has it (from a file, from Keras); its recurrent layers are replaced, all others stay.
const glorot = { recurrentInitializer: 'glorotUniform' }; // tfjs's orthogonal default needs all of @tensorflow/tfjs
const stock = tfl.sequential({
  layers: [
    tfl.layers.conv1d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [frames, dims] }),
    tfl.layers.bidirectional({ layer: tfl.layers.lstm({ units: 16, ...glorot }), mergeMode: 'concat' }),
    tfl.layers.dense({ units: 2, activation: 'softmax' }),
  ],
});
const model = await fromStockModel(stock);
model.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
const began = performance.now();
const { history } = await model.fit(x, y, { epochs, batchSize: 32, verbose: 0 });
const seconds = ((performance.now() - began) / 1000).toFixed(2);
console.log(`${epochs} epochs in ${seconds} s, accuracy ${history.acc.map((value) => value.toFixed(2)).join(', ')}`);

// And back: tfjs's own layers with what was learnt, for programs without ser-kit.
const plain = await toStockModel(model);
const difference = tf.max(tf.abs(tf.sub(plain.predict(x), model.predict(x)))).dataSync()[0];
console.log(`tfjs's own layers with these weights give the same within ${difference.toExponential(0)}`);
