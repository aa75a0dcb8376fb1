// Trains a recognizer on CREMA-D, judges it on actors that it never heard, and saves it.
//
//   node train-on-cremad.mjs CREMA-D RUN [EPOCHS]
import * as tf from '@tensorflow/tfjs-core';
import { checkCorpus, describeSplit, splitBySpeaker } from 'ser-kit/datasets';
import { CREMAD_EMOTIONS, openCremad } from 'ser-kit/datasets/cremad';
import { formatReport } from 'ser-kit/metrics';
import { openDirectory, writeDirectory } from 'ser-kit/node';
import { saveRecognizer, trainRecognizer } from 'ser-kit/recognizer';
import 'ser-kit/wasm'; // tfjs's wasm backend, with the kernels it lacks

if (process.argv.length < 4) {
  console.error('usage: node train-on-cremad.mjs CREMA-D RUN [EPOCHS]');
  process.exit(2);
}

const [dir, run, epochs = 20] = process.argv.slice(2);
await tf.setBackend('wasm');

const corpus = await openCremad(openDirectory(dir));
const { clips, problems } = await checkCorpus(corpus); // without what cannot be read, is silent, or is there twice
for (const { code, message } of problems) console.error(`${code}: ${message}`);

const split = splitBySpeaker(clips, { seed: 1 });
console.error(describeSplit(split));

const recognizer = await trainRecognizer(split, {
  seed: 1,
  model: 'cnn-lstm',
  labels: CREMAD_EMOTIONS,
  epochs: Number(epochs),
  about: { corpus: corpus.name, attribution: corpus.attribution, split: 'speakers' },
  onEvent(event) {
    if (event.type !== 'epoch') return;
    const uar = event.validation.unweightedAverageRecall.toFixed(3);
    console.error(`epoch ${event.epoch}: loss ${event.loss.toFixed(3)}, validation UAR ${uar}`);
  },
});

console.log(formatReport(recognizer.provenance.metrics.test));
await writeDirectory(run, await saveRecognizer(recognizer));
recognizer.dispose();
