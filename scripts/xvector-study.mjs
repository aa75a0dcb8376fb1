// Do x-vectors help on voices that were never heard? For each fold of a split by speaker an x-vector network is trained on that fold's
// training speakers alone; the recognizer is then trained without it, with it at the frames, and with it at the utterance, from the same seed.
// The differences are paired over folds and seeds. `npm run study:xvector` builds first.
//   node scripts/xvector-study.mjs DIR --out FOLDER [--seeds 1] [--folds 5] [--model cnn-lstm] [--epochs 20] [--patience 8]
//     [--xvector-epochs 8] [--components 32] [--clips-per-speaker N] [--workers 1] [--cache FOLDER] [--only frames]... [--only-folds 1,2]
// DIR is CREMA-D. Each fold's network is one .xvector file in FOLDER and each finished run one JSON file; what is there is not trained again,
// so that a study that was ended goes on. The seed decides the folds, the initial weights and all that is drawn. Test clips decide nothing.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import '../dist/wasm.js';
import { CREMAD_EMOTIONS, openCremad } from '../dist/datasets/cremad.js';
import { checkCorpus, kFoldBySpeaker } from '../dist/datasets.js';
import { encodeXvector, parseXvector, trainXvector } from '../dist/features/xvector.js';
import { createRandom } from '../dist/index.js';
import { unweightedAverageRecall } from '../dist/metrics.js';
import { embedCorpus, extractCorpus, openDirectory } from '../dist/node.js';
import { evaluateRecognizer, trainRecognizer } from '../dist/recognizer.js';

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
const RESAMPLINGS = 2000;
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
      await trainOnce({ seed, fold, name, split });
    }
  }
}

summarize();

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

async function trainOnce({ seed, fold, name, split }) {
  const file = join(out, `${name}-seed${seed}-fold${fold + 1}.json`);
  if (existsSync(file)) return;
  // A speaker of the validation or test part among the network's would be refused here.
  const weights = name === 'none' ? undefined : await xvectorOf(seed, fold, split);
  const began = performance.now();
  const recognizer = await trainRecognizer(split, {
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
    onEvent: (event) => {
      if (event.type !== 'epoch') return;
      console.error(
        `${basename(file)}: epoch ${event.epoch}, loss ${event.loss.toFixed(3)}, validation UAR ${event.validation.unweightedAverageRecall.toFixed(3)}`,
      );
    },
  });
  const { predictions } = await evaluateRecognizer(recognizer, split.test);
  const { history, metrics, xvector } = recognizer.provenance;
  recognizer.dispose();
  const result = {
    condition: name,
    xvector:
      xvector === undefined ? null : { sha256: xvector.sha256, dims: xvector.dims, components: xvector.components },
    seed,
    fold: fold + 1,
    seconds: Math.round((performance.now() - began) / 1000),
    epochs: history.epochs.length,
    bestEpoch: history.bestEpoch,
    train: metrics.train.unweightedAverageRecall,
    validation: metrics.validation.unweightedAverageRecall,
    test: metrics.test.unweightedAverageRecall,
    predictions: predictions.map(({ clip, prediction }) => [clip.id, clip.speakerId, clip.label, prediction.label]),
  };
  writeFileSync(`${file}.part`, JSON.stringify(result));
  renameSync(`${file}.part`, file);
  console.log(`${basename(file)}: test UAR ${result.test.toFixed(4)}, ${result.seconds} s`);
}

/** All finished runs in the folder, also of conditions and seeds that were not asked for this time. */
function finishedRuns() {
  return readdirSync(out)
    .filter((file) => /^.+-seed\d+-fold\d+\.json$/.test(file))
    .map((file) => JSON.parse(readFileSync(join(out, file), 'utf8')));
}

function summarize() {
  const runs = finishedRuns();
  const summary = {};
  for (const name of new Set(runs.map(({ condition }) => condition))) {
    if (name === 'none') continue;
    const pairs = runs
      .filter(({ condition }) => condition === name)
      .map((run) => [runs.find((other) => other.condition === 'none' && isPair(other, run)), run])
      .filter(([without]) => without !== undefined);
    if (pairs.length < 2) continue;
    summary[name] = compare(pairs);
    tell(name, summary[name]);
  }
  writeFileSync(join(out, 'summary.json'), JSON.stringify(summary, null, 1));
}

function isPair(a, b) {
  return a.seed === b.seed && a.fold === b.fold;
}

function compare(pairs) {
  const gains = pairs.map(([without, run]) => run.test - without.test);
  return {
    pairs: pairs.map(([without, run]) => ({ seed: run.seed, fold: run.fold, without: without.test, with: run.test })),
    without: mean(pairs.map(([run]) => run.test)),
    with: mean(pairs.map(([, run]) => run.test)),
    gain: mean(gains),
    better: gains.filter((gain) => gain > 0).length,
    overPairs: studentInterval(gains),
    overSpeakers: speakerBootstrap(pairs),
    seconds: pairs.map(([without, run]) => [without.seconds, run.seconds]),
  };
}

function tell(name, { pairs, without, with: withIt, gain, better, overPairs, overSpeakers }) {
  const points = (x) => `${x < 0 ? '-' : '+'}${Math.abs(100 * x).toFixed(2)}`;
  console.log(
    `${name}: UAR ${(100 * withIt).toFixed(2)} %, without ${(100 * without).toFixed(2)} %: ${points(gain)} points ` +
      `(95 % over the ${pairs.length} pairs of fold and seed ${points(overPairs[0])} to ${points(overPairs[1])}, ` +
      `over speakers ${points(overSpeakers[0])} to ${points(overSpeakers[1])}); better in ${better} of ${pairs.length}`,
  );
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Student's 95 % interval of a mean. The folds' training parts overlap, so it is somewhat too narrow. */
function studentInterval(values) {
  const n = values.length;
  const centre = mean(values);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (n - 1));
  const half = (studentQuantile(n - 1) * deviation) / Math.sqrt(n);
  return [centre - half, centre + half];
}

/** The 97.5 % quantile of Student's t, by its expansion at the normal one (Abramowitz and Stegun 26.7.5). */
function studentQuantile(degrees) {
  const z = 1.959964;
  const [z3, z5, z7] = [z ** 3, z ** 5, z ** 7];
  return (
    z +
    (z3 + z) / (4 * degrees) +
    (5 * z5 + 16 * z3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * degrees ** 3)
  );
}

/** 95 % of the gains in UAR, pooled over folds and meant over seeds, with speakers drawn anew: what other speakers might give. */
function speakerBootstrap(pairs) {
  const speakers = [...new Set(pairs.flatMap(([run]) => run.predictions.map(([, speaker]) => speaker)))];
  const seedsOf = [...new Set(pairs.map(([run]) => run.seed))];
  // For each seed and side: for each speaker, [truth, predicted] of the clips.
  const tables = seedsOf.map((seed) =>
    [0, 1].map((side) => {
      const bySpeaker = new Map(speakers.map((speaker) => [speaker, []]));
      for (const pair of pairs) {
        if (pair[side].seed !== seed) continue;
        for (const [, speaker, truth, predicted] of pair[side].predictions)
          bySpeaker.get(speaker).push([truth, predicted]);
      }
      return bySpeaker;
    }),
  );
  const random = createRandom(1);
  const gains = Array.from({ length: RESAMPLINGS }, () => {
    const drawn = speakers.map(() => speakers[Math.floor(random() * speakers.length)]);
    const uar = (table) => {
      const clips = drawn.flatMap((speaker) => table.get(speaker));
      return unweightedAverageRecall(
        clips.map(([truth]) => truth),
        clips.map(([, predicted]) => predicted),
      );
    };
    return mean(tables.map(([without, withIt]) => uar(withIt) - uar(without)));
  }).sort((a, b) => a - b);
  return [gains[Math.floor(0.025 * RESAMPLINGS)], gains[Math.ceil(0.975 * RESAMPLINGS) - 1]];
}
