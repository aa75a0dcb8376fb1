// Do x-vectors help on voices that were never heard? For each fold of a split by speaker an x-vector network is trained on that fold's
// training speakers alone; the recognizer is then trained without it, with it at the frames, and with it at the utterance, from the same seed.
// The differences are paired over folds and seeds. `npm run study:xvector` builds first.
//   node scripts/xvector-study.mjs DIR --out FOLDER [--seeds 1] [--folds 5] [--model cnn-lstm] [--epochs 20] [--patience 8]
//     [--xvector-epochs 8] [--components 32] [--clips-per-speaker N] [--workers 1] [--cache FOLDER] [--only frames]... [--only-folds 1,2]
// DIR is CREMA-D. Each fold's network is one .xvector file in FOLDER and each finished run one JSON file; what is there is not trained again,
// so that a study that was ended goes on. The seed decides the folds, the initial weights and all that is drawn. Test clips decide nothing.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import '../dist/wasm.js';
import { CREMAD_EMOTIONS, openCremad } from '../dist/datasets/cremad.js';
import { checkCorpus, kFoldBySpeaker } from '../dist/datasets.js';
import { encodeXvector, parseXvector, trainXvector } from '../dist/features/xvector.js';
import { embedCorpus, extractCorpus, openDirectory } from '../dist/node.js';
import { summarize, trainOnce } from './paired-study.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    seeds: { type: 'string', default: '1' },
    folds: { type: 'string', default: '5' },
    model: { type: 'string', default: 'cnn-lstm' },
    epochs: { type: 'string', default: '20' },
    patience: { type: 'string', default: '8' },
    'xvector-epochs': { type: 'string', default: '8' },
    components: { type: 'string', default: '32' },
    'clips-per-speaker': { type: 'string' },
    workers: { type: 'string', default: '1' },
    cache: { type: 'string' },
    only: { type: 'string', multiple: true },
    'only-folds': { type: 'string' },
  },
});
const CONDITIONS = ['none', 'frames', 'utterance'];
const [dir] = positionals;
const { out } = values;
if (dir === undefined || out === undefined) {
  console.error('usage: node scripts/xvector-study.mjs DIR --out FOLDER');
  process.exit(2);
}
mkdirSync(out, { recursive: true });
const seeds = values.seeds.split(',').map(Number);
const folds = Number(values.folds);
const featuresOf = (list, frontEnd) =>
  extractCorpus(list, frontEnd, { workers: Number(values.workers), cache: values.cache, dir });

await tf.setBackend('wasm');
const { clips } = await checkCorpus(await openCremad(openDirectory(dir)));
const used = fewOf(clips, values['clips-per-speaker']);
for (const seed of seeds) {
  const splits = kFoldBySpeaker(used, { seed, folds });
  for (const [fold, split] of splits.entries()) {
    if (values['only-folds'] !== undefined && !values['only-folds'].split(',').includes(String(fold + 1))) continue;
    for (const name of CONDITIONS) {
      if (values.only !== undefined && !values.only.includes(name)) continue;
      await trainOnce({
        ...{ out, condition: name, seed, fold, split },
        options: () => optionsOf(seed, fold, name, split),
        about: ({ xvector }) => ({
          xvector: xvector && { sha256: xvector.sha256, dims: xvector.dims, components: xvector.components },
        }),
      });
    }
  }
}

summarize(out);

/** The first n clips of each speaker, for a trial; all where n is not given. */
function fewOf(all, count) {
  if (count === undefined) return all;
  const seen = new Map();
  return all.filter(({ speakerId }) => {
    const n = seen.get(speakerId) ?? 0;
    seen.set(speakerId, n + 1);
    return n < Number(count);
  });
}

/** The fold's x-vector network: from the file of an earlier run, or trained on the fold's training speakers alone. */
async function xvectorOf(seed, fold, split) {
  const file = join(out, `seed${seed}-fold${fold + 1}.xvector`);
  if (!existsSync(file)) {
    const began = performance.now();
    const { weights } = await trainXvector(split.train, {
      seed,
      epochs: Number(values['xvector-epochs']),
      featuresOf,
      about: { corpus: 'CREMA-D' },
      onEvent: (event) => {
        if (event.type === 'epoch')
          console.error(`${basename(file)}: epoch ${event.epoch}, loss ${event.loss.toFixed(3)}`);
      },
    });
    writeFileSync(`${file}.part`, encodeXvector(weights));
    renameSync(`${file}.part`, file);
    console.log(`${basename(file)}: ${Math.round((performance.now() - began) / 1000)} s`);
  }
  return parseXvector(new Uint8Array(readFileSync(file)));
}

/** What trainRecognizer() is given in a condition. */
async function optionsOf(seed, fold, name, split) {
  // A speaker of the validation or test part among the network's would be refused here.
  const weights = name === 'none' ? undefined : await xvectorOf(seed, fold, split);
  return {
    seed,
    labels: CREMAD_EMOTIONS,
    model: values.model,
    epochs: Number(values.epochs),
    patience: Number(values.patience),
    featuresOf,
    ...(weights && {
      xvector: {
        weights,
        join: name,
        pca: { components: Number(values.components) },
        embeddingsOf: (list, network) => embedCorpus(list, network, { cache: values.cache }),
      },
    }),
  };
}
