// Names the emotion of recordings with a recognizer that was trained and saved before.
//
//   node predict.mjs RUN FILE.wav...
import { readFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import { decodeWav } from 'ser-kit';
import { openDirectory } from 'ser-kit/node';
import { loadRecognizer } from 'ser-kit/recognizer';
import 'ser-kit/wasm';

if (process.argv.length < 4) {
  console.error('usage: node predict.mjs RUN FILE.wav...');
  process.exit(2);
}

const [run, ...files] = process.argv.slice(2);
await tf.setBackend('wasm');

const recognizer = await loadRecognizer(openDirectory(run));
for (const file of files) {
  const { label, probabilities, warnings } = await recognizer.predict(decodeWav(await readFile(file)));
  console.log(`${file}: ${label}`, probabilities);
  for (const { message } of warnings) console.log(`  but: ${message}`);
}
recognizer.dispose();
