// Does augmentation help on voices that were never heard? Each fold of a split by speaker is trained with it and without
// it, from the same seed; the differences are paired over folds and seeds. `npm run study:augmentation` builds first.
//   node scripts/augmentation-study.mjs DIR --out FOLDER [--augment FILE]... [--seeds 1,2] [--folds 5] [--model cnn-lstm]
//     [--epochs 20] [--patience 8] [--workers 1] [--cache FOLDER] [--only NAME]... [--only-folds 1,2]
// DIR is CREMA-D. Each --augment is a condition, named by its file; `none` is what they are compared with. A finished
// run is one JSON file in FOLDER; what is there is not trained again, so that a study that was ended goes on.
// The seed decides the folds, the initial weights and all that is drawn. Test clips decide nothing: an epoch is chosen by
// the validation speakers' UAR.
import { mkdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import '../dist/wasm.js';
import { parseAugmentation } from '../dist/augment.js';
import { CREMAD_EMOTIONS, openCremad } from '../dist/datasets/cremad.js';
import { checkCorpus, kFoldBySpeaker } from '../dist/datasets.js';
import { augmentCorpus, extractCorpus, openDirectory } from '../dist/node.js';
import { summarize, trainOnce } from './paired-study.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    augment: { type: 'string', multiple: true, default: [] },
    seeds: { type: 'string', default: '1,2' },
    folds: { type: 'string', default: '5' },
    model: { type: 'string', default: 'cnn-lstm' },
    epochs: { type: 'string', default: '20' },
    patience: { type: 'string', default: '8' },
    workers: { type: 'string', default: '1' },
    cache: { type: 'string' },
    only: { type: 'string', multiple: true },
    'only-folds': { type: 'string' },
  },
});
const [dir] = positionals;
const { out } = values;
if (dir === undefined || out === undefined) {
  console.error('usage: node scripts/augmentation-study.mjs DIR --out FOLDER [--augment FILE]...');
  process.exit(2);
}
mkdirSync(out, { recursive: true });
const seeds = values.seeds.split(',').map(Number);
const folds = Number(values.folds);
const conditions = new Map([
  ['none', undefined],
  ...values.augment.map((file) => [basename(file, '.json'), JSON.parse(readFileSync(file, 'utf8'))]),
]);

await tf.setBackend('wasm');
const { clips } = await checkCorpus(await openCremad(openDirectory(dir)));
for (const seed of seeds) {
  const splits = kFoldBySpeaker(clips, { seed, folds });
  for (const [fold, split] of splits.entries()) {
    if (values['only-folds'] !== undefined && !values['only-folds'].split(',').includes(String(fold + 1))) continue;
    for (const [name, augment] of conditions) {
      if (values.only !== undefined && !values.only.includes(name)) continue;
      await trainOnce({
        ...{ out, condition: name, seed, fold, split },
        options: () => optionsOf(seed, augment),
        about: () => ({ augment: augment ?? null }),
      });
    }
  }
}

summarize(out);

/** What trainRecognizer() is given in a condition. */
function optionsOf(seed, augment) {
  return {
    seed,
    labels: CREMAD_EMOTIONS,
    model: values.model,
    epochs: Number(values.epochs),
    patience: Number(values.patience),
    featuresOf: (list, frontEnd) =>
      extractCorpus(list, frontEnd, { workers: Number(values.workers), cache: values.cache, dir }),
    ...(augment && {
      augment: parseAugmentation(augment),
      augmentedFeaturesOf: (work) => augmentCorpus(work, { workers: Number(values.workers), dir }),
    }),
  };
}
