// Run in a process of its own, where ser-kit is not loaded: reads { artifacts, x } from stdin, loads the model with
// tfjs alone and prints its outputs.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

let text = '';
for await (const chunk of process.stdin) text += chunk;
const { topology, specs, weights, x } = JSON.parse(text);
await tf.setBackend('cpu');
const artifacts = {
  modelTopology: topology,
  weightSpecs: specs,
  weightData: new Uint8Array(Buffer.from(weights, 'base64')).buffer,
};
const model = await tfl.loadLayersModel(tf.io.fromMemory(artifacts));
const outputs = x.map((clip) => Array.from(model.predict(tf.tensor(clip)).dataSync()));
process.stdout.write(`\n${JSON.stringify({ outputs, layers: model.layers.map((layer) => layer.getClassName()) })}`);
