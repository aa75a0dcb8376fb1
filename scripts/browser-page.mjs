// What check-browser.mjs runs inside a browser: `?backend=webgl` or `?backend=wasm`. Layers against tfjs's own on its cpu
// backend (another implementation on another engine), forwards and backwards, and training against the same there.
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgl';
import { getThreadsCount, setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { fromStockModel } from '../dist/layers.js';
import { buildCnnLstm } from '../dist/models.js';
import '../dist/wasm.js';
import { apart } from './browser-answer.mjs';

const backend = new URLSearchParams(location.search).get('backend');
const CLIPS = 5;
const FRAMES = 9;
const DIMS = 6;
const units = 7;

/** Numbers in (-1, 1) that are the same everywhere. */
function noise(size, seed) {
  let state = seed;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** Clips of which the later ones end in padding: frames of zeros. */
function clips() {
  const data = noise(CLIPS * FRAMES * DIMS, 1);
  for (let n = 0; n < CLIPS; n++) data.fill(0, (n * FRAMES + FRAMES - n) * DIMS, (n + 1) * FRAMES * DIMS);
  return data;
}

const recurrentInitializer = 'glorotUniform';
const plain = { units, recurrentInitializer };
const masking = () => tfl.layers.masking({ maskValue: 0, inputShape: [FRAMES, DIMS] });
const conv = (filters) => tfl.layers.conv1d({ filters, kernelSize: 3, padding: 'same', activation: 'relu' });
const networks = {
  SimpleRNN: () => [masking(), tfl.layers.simpleRNN(plain)],
  LSTM: () => [masking(), tfl.layers.lstm({ ...plain, recurrentActivation: 'sigmoid' })],
  'LSTM, sequences': () => [masking(), tfl.layers.lstm({ ...plain, returnSequences: true })],
  GRU: () => [masking(), tfl.layers.gru({ ...plain, recurrentActivation: 'sigmoid' })],
  // tfjs's own Bidirectional does not pass the mask on as Keras does, so this one has none.
  Bidirectional: () => [
    tfl.layers.bidirectional({ layer: tfl.layers.lstm(plain), mergeMode: 'concat', inputShape: [FRAMES, DIMS] }),
  ],
  'Conv1D + batch norm + LSTM': () => [
    tfl.layers.inputLayer({ inputShape: [FRAMES, DIMS] }),
    conv(8),
    tfl.layers.batchNormalization(),
    tfl.layers.maxPooling1d({ poolSize: 2 }),
    tfl.layers.lstm(plain),
  ],
};

/** What a network gives, and the gradients of a weighted sum of it by all weights. */
async function forwardAndBackward(model) {
  const x = tf.tensor3d(clips(), [CLIPS, FRAMES, DIMS]);
  const variables = model.trainableWeights.map((weight) => weight.read());
  const weigh = () => {
    const y = model.apply(x, { training: true });
    return tf.sum(tf.mul(y, tf.tensor(noise(y.size, 2), y.shape)));
  };
  const y = model.predict(x);
  const { grads } = tf.variableGrads(weigh, variables);
  return Promise.all([y, ...variables.map(({ name }) => grads[name])].map((tensor) => tensor.data()));
}

/** A network with weights that are the same everywhere: matrices around 0, vectors around 0.5 (a variance is positive). */
function withFixedWeights(model) {
  const draw = (w, i) => noise(w.size, 10 + i).map((v) => (w.rank > 1 ? 0.5 * v : 0.5 + 0.3 * v));
  model.setWeights(model.getWeights().map((w, i) => tf.tensor(draw(w, i), w.shape)));
  return model;
}

/** Losses of a few steps of the CNN-LSTM without dropout. */
async function losses(steps) {
  const model = buildCnnLstm({ dims: DIMS, classes: 2, seed: 1, filters: [8, 8], units, dropout: 0, inputDropout: 0 });
  model.compile({ optimizer: tf.train.adam(3e-3), loss: 'categoricalCrossentropy' });
  const x = tf.tensor3d(clips(), [CLIPS, FRAMES, DIMS]);
  const y = tf.tensor2d(Array.from({ length: CLIPS }, (_, n) => (n % 2 === 0 ? [1, 0] : [0, 1])));
  const list = [];
  for (let i = 0; i < steps; i++) list.push(await model.trainOnBatch(x, y));
  return list;
}

async function check() {
  setWasmPaths('/wasm/');
  if (crossOriginIsolated) setThreadsCount(2);
  const tolerance = backend === 'webgl' ? 1e-3 : 1e-5;
  const checks = [];
  const on = async (which, run) => {
    if (!(await tf.setBackend(which))) throw new Error(`this browser has no ${which}`);
    await tf.ready();
    return run();
  };
  for (const [title, layers] of Object.entries(networks)) {
    const stock = () => withFixedWeights(tfl.sequential({ layers: layers() }));
    const expected = await on('cpu', () => forwardAndBackward(stock()));
    const actual = await on(backend, async () => forwardAndBackward(await fromStockModel(stock())));
    checks.push({ title, difference: apart(actual, expected), tolerance });
  }
  // Adam divides by a gradient's size, so that webgl's rounding grows with every step: one there.
  const steps = backend === 'webgl' ? 2 : 10;
  const expected = await on('cpu', () => losses(steps));
  const actual = await on(backend, () => losses(steps));
  checks.push({ title: `CNN-LSTM, losses of ${steps} steps`, difference: apart([actual], [expected]), tolerance });
  return {
    about: `${tf.getBackend()}, ${backend === 'wasm' ? howWasmRuns() : `version ${tf.env().get('WEBGL_VERSION')}`}`,
    checks,
  };
}

function howWasmRuns() {
  const shared =
    typeof SharedArrayBuffer !== 'undefined' && tf.backend().wasm.HEAPU8.buffer instanceof SharedArrayBuffer;
  if (shared !== crossOriginIsolated) throw new Error(`isolated: ${crossOriginIsolated}, memory shared: ${shared}`);
  return shared ? `memory shared by ${getThreadsCount()} threads` : 'memory of its own';
}

const report = (body) => fetch('/result', { method: 'POST', body: JSON.stringify(body) });
check().then(report, (error) => report({ error: `${error.stack ?? error}` }));
