// Trains on recordings of one's own, laid out as LABEL/SPEAKER/x.wav, with a small CNN over MFCCs and their deltas.
//
//   node train-on-own-folder.mjs RECORDINGS RUN [EPOCHS]
import * as tf from '@tensorflow/tfjs-core';
import { checkCorpus, describeSplit, openFolder, splitBySpeaker } from 'ser-kit/datasets';
import { formatConfusionMatrix } from 'ser-kit/metrics';
import { openDirectory, writeDirectory } from 'ser-kit/node';
import { saveRecognizer, trainRecognizer } from 'ser-kit/recognizer';
import 'ser-kit/wasm';

if (process.argv.length < 4) {
  console.error('usage: node train-on-own-folder.mjs RECORDINGS RUN [EPOCHS]');
  process.exit(2);
}

const [dir, run, epochs = 20] = process.argv.slice(2);
await tf.setBackend('wasm');

const { clips, problems } = await checkCorpus(await openFolder(openDirectory(dir), { name: 'my recordings' }));
for (const { code, message } of problems) console.error(`${code}: ${message}`);

const split = splitBySpeaker(clips, { seed: 1, validation: 0.2, test: 0.2 });
console.error(describeSplit(split));

const recognizer = await trainRecognizer(split, {
  seed: 1,
  model: 'cnn',
  modelOptions: { filters: [32, 48], dropout: 0.3 },
  frontEnd: {
    features: [{ name: 'mfcc', options: { nMfcc: 20, nFft: 512, hopLength: 160, fMax: 5000 }, deltas: [1] }],
  },
  classWeights: 'balanced', // rare labels count as much as frequent ones
  epochs: Number(epochs),
  about: { corpus: 'my recordings', split: 'speakers' },
});

const { metrics, confusionMatrix } = recognizer.provenance;
console.log(`UAR on unheard speakers: ${metrics.test.unweightedAverageRecall.toFixed(3)}`);
console.log(formatConfusionMatrix(confusionMatrix));
await writeDirectory(run, await saveRecognizer(recognizer));
recognizer.dispose();
