// How alike the voices of two recordings are: the cosine of their x-vectors, by the network that comes with ser-kit.
//
//   node xvector-of-a-file.mjs A.wav B.wav
import { readFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import { decodeWav } from 'ser-kit';
import { cosineScore, createXvector } from 'ser-kit/features/xvector';
import { compactXvector } from 'ser-kit/features/xvector/compact';
import 'ser-kit/wasm';

if (process.argv.length < 4) {
  console.error('usage: node xvector-of-a-file.mjs A.wav B.wav');
  process.exit(2);
}
const [a, b] = process.argv.slice(2);
await tf.setBackend('wasm');

const xvector = createXvector(compactXvector()); // or parseXvector(await readFile('embedding_model.ckpt'))
const one = await xvector.extract(decodeWav(await readFile(a))); // a Float32Array of 128 numbers
const other = await xvector.extract(decodeWav(await readFile(b)));
console.log(`x-vectors of ${xvector.dims} numbers, cosine ${cosineScore(one, other).toFixed(3)}`);
// From which cosine on it is one speaker depends on the recordings: `ser-kit xvector evaluate` measures it on yours.
xvector.dispose();
