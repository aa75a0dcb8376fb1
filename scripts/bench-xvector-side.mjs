// ser-kit's side of bench-xvector.mjs: SpeechBrain's full-size network with random weights, with ser-kit's kernels or (`stock`) on
// tfjs's wasm backend as it comes. One thread: Node without threads in wasm.
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { createXvector } from '../dist/features/xvector.js';
import { createRandom } from '../dist/index.js';
import { answerQuestions } from './bench-sides.mjs';

const [kind = 'ser-kit'] = process.argv.slice(2);
if (kind === 'ser-kit') await import('../dist/wasm.js');
tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
await tf.setBackend('wasm');

const random = createRandom(1);
const many = (length, scale, middle = 0) => Float32Array.from({ length }, () => middle + scale * (2 * random() - 1));
const layer = (name, inputs, taps, outputs, last = false) => ({
  name,
  inputs,
  outputs,
  kernel: many(taps * inputs * outputs, 1.7 / Math.sqrt(taps * inputs)),
  bias: many(outputs, 0.1),
  slope: last ? null : 0.01,
  norm: last ? null : { scale: many(outputs, 0.5, 1), shift: many(outputs, 0.5) },
});
const OFFSETS = [[-2, -1, 0, 1, 2], [-2, 0, 2], [-3, 0, 3], [0], [0]];
const CHANNELS = [24, 512, 512, 512, 512, 1500];
const weights = {
  frontEnd: { kind: 'speechbrain' },
  padding: 'reflect',
  short: 'refuse',
  leastFrames: 4,
  chunkFrames: null,
  frameLayers: OFFSETS.map((offsets, i) => ({
    ...layer(`frame${i + 1}`, CHANNELS[i], offsets.length, CHANNELS[i + 1]),
    offsets,
  })),
  pooling: { deviation: 'unbiased', added: 1e-5, floor: 0 },
  segmentLayers: [layer('segment6', 3000, 1, 512, true)],
};
const xvector = createXvector(weights);
let clips = [];

async function timed(run) {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(cpu);
  return { ms: performance.now() - start, cpu: (user + system) / 1000 };
}

await answerQuestions(`Node ${process.version}, tfjs ${tf.version_core}, ${kind}`, {
  prepare({ seconds, clips: count }) {
    clips = Array.from({ length: count }, () => ({
      samples: many(Math.round(16000 * seconds), 0.3),
      sampleRate: 16000,
    }));
  },
  features: () => timed(() => clips.map((clip) => xvector.features(clip))),
  one: () =>
    timed(async () => {
      for (const clip of clips) await xvector.extract(clip);
    }),
  batch: () => timed(() => xvector.extractBatch(clips)),
});
