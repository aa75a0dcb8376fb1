// What augmentation costs a training: epochs of the CNN-LSTM with noise, gain, masks and a WSOLA stretch at p = 0.5, on worker threads,
// against epochs without. `npm run bench:augmented-epoch` builds first.
//   node scripts/bench-augmented-epoch.mjs [CREMA-D] [--clips N] [--epochs N] [--workers N] [--cache DIR] [--rounds N] [--keep-bytes N] [--quick] [--profile]
// CREMA-D: its folder (`cremad` in the folder that SER_KIT_CORPORA names, where nothing is said). Trainings with and without take
// turns, of N epochs each and the same seed; an epoch is from one 'epoch' event to the next, its measuring included. The first one is
// told apart: nothing could be done ahead of it, and it alone reads the files. The median of the others counts; the ratio of the
// minima and the processor time of all threads move less where other work runs. --keep-bytes N is augmentCorpus()'s keepBytes.
// --profile tells where the processor time of a worker goes, and trains nothing.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { addNoise, createAugmentation, gain, maskFrequency, maskTime, maybe, timeStretch } from '../dist/augment.js';
import { openCremad } from '../dist/datasets/cremad.js';
import { splitBySpeaker } from '../dist/datasets.js';
import { createRandom, resample } from '../dist/index.js';
import { augmentCorpus, extractCorpus, openDirectory } from '../dist/node.js';
import { createFrontEnd, trainRecognizer } from '../dist/recognizer.js';
import '../dist/wasm.js';
import { median } from './bench-sides.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    clips: { type: 'string' },
    epochs: { type: 'string' },
    workers: { type: 'string', default: '1' },
    cache: { type: 'string' },
    rounds: { type: 'string' },
    'keep-bytes': { type: 'string' },
    quick: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
});
const BAR = 1.3;
const corpora = process.env.SER_KIT_CORPORA;
const dir = positionals[0] ?? (corpora === undefined ? undefined : join(corpora, 'cremad'));
if (dir === undefined || !existsSync(dir)) {
  console.error('bench:augmented-epoch needs CREMA-D: npm run bench:augmented-epoch -- FOLDER, or SER_KIT_CORPORA');
  process.exit(2);
}
const epochs = Number(values.epochs ?? (values.quick ? 2 : 4));
if (!(Number.isInteger(epochs) && epochs >= 2)) {
  console.error(`--epochs expected a whole number from 2 on, got ${values.epochs}: the first epoch is not counted`);
  process.exit(2);
}
const workers = Number(values.workers);
const scratch = mkdtempSync(join(tmpdir(), 'ser-kit-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const cache = values.cache ?? join(scratch, 'cache');

const { clips } = await openCremad(openDirectory(dir));
const wanted = Math.min(Number(values.clips ?? (values.quick ? 768 : clips.length)), clips.length);
const some = Array.from({ length: wanted }, (_, i) => clips[Math.floor((i * clips.length) / wanted)]);
const parts = { stretch: timeStretch({ rate: [0.8, 1.25] }), noise: addNoise({ snrDb: [5, 30] }), gain: gain() };
const augment = [maybe(0.5, parts.stretch), parts.noise, parts.gain, maskTime(), maskFrequency({ maxDims: 8 })];

if (values.profile) await profile(createAugmentation(augment).waveform);
else await train();

async function train() {
  await tf.setBackend('wasm');
  await tf.ready();
  const split = splitBySpeaker(some, { seed: 1 });
  console.log(
    `${split.train.length} clips to train on, ${split.validation.length} and ${split.test.length} beside; ${workers} worker${workers === 1 ? '' : 's'} on ${availableParallelism()} cores`,
  );
  const taken = { with: { first: [], other: [], cpu: [] }, without: { first: [], other: [], cpu: [] } };
  for (let turn = 0; turn < Number(values.rounds ?? (values.quick ? 1 : 2)); turn++) {
    for (const name of turn % 2 === 0 ? ['without', 'with'] : ['with', 'without']) {
      const { times, cpu } = await epochTimes(split, name === 'with');
      taken[name].first.push(times[0]);
      taken[name].other.push(...times.slice(1));
      taken[name].cpu.push(...cpu.slice(1));
      console.log(
        `${name} augmentation: ${times.map((s) => s.toFixed(2)).join(', ')} s; of processor time, all threads: ${cpu.map((s) => s.toFixed(2)).join(', ')} s`,
      );
    }
  }
  const ratio = median(taken.with.other) / median(taken.without.other);
  const first = median(taken.with.first) / median(taken.without.first);
  console.log(
    `an epoch takes ${median(taken.without.other).toFixed(2)} s without and ${median(taken.with.other).toFixed(2)} s with augmentation: ` +
      `${ratio.toFixed(2)} times (bar ${BAR}) ${ratio <= BAR ? 'holds' : 'MISSED'}; the first one ${first.toFixed(2)} times`,
  );
  const least = (list) => Math.min(...list);
  const added = least(taken.with.cpu) - least(taken.without.cpu);
  console.log(
    `of the fastest ones ${(least(taken.with.other) / least(taken.without.other)).toFixed(2)} times (${least(taken.without.other).toFixed(2)} and ${least(taken.with.other).toFixed(2)} s); ` +
      `augmentation adds ${((1000 * added) / split.train.length).toFixed(2)} ms of processor time a clip`,
  );
  if (!(ratio <= BAR)) process.exitCode = 1;
}

async function epochTimes(split, augmented) {
  const times = [];
  const cpu = [];
  let began = 0;
  let used;
  const keepBytes = values['keep-bytes'] === undefined ? undefined : Number(values['keep-bytes']);
  const recognizer = await trainRecognizer(split, {
    seed: 1,
    epochs,
    featuresOf: (list, frontEnd) => extractCorpus(list, frontEnd, { cache, dir }),
    ...(augmented && { augment, augmentedFeaturesOf: (work) => augmentCorpus(work, { workers, dir, keepBytes }) }),
    onEvent: ({ type }) => {
      if (type === 'epoch') {
        const { user, system } = process.cpuUsage(used);
        times.push((performance.now() - began) / 1000);
        cpu.push((user + system) / 1e6);
      }
      if (type !== 'epoch' && type !== 'start') return;
      began = performance.now();
      used = process.cpuUsage();
    },
  });
  recognizer.dispose();
  return { times, cpu };
}

/** What processor time each step of a worker takes over all clips, in turn. */
async function profile(waveform) {
  const spent = new Map();
  const timed = async (step, work) => {
    const began = process.cpuUsage();
    const result = await work();
    const { user, system } = process.cpuUsage(began);
    spent.set(step, (spent.get(step) ?? 0) + (user + system) / 1000);
    return result;
  };
  const { extract, config } = createFrontEnd();
  let sound = 0;
  for (const [i, clip] of some.entries()) {
    const loaded = await timed('read and decode', () => clip.load());
    sound += loaded.samples.length / loaded.sampleRate;
    const random = createRandom(i);
    await timed('stretch (p = 0.5)', () => maybe(0.5, parts.stretch)(loaded, random));
    await timed('noise', () => parts.noise(loaded, random));
    await timed('gain', () => parts.gain(loaded, random));
    const changed = await timed('all three', () => waveform(loaded, random));
    await timed('resample', () => resample(changed, config.sampleRate));
    await timed('front end, resampling included', () => extract(changed));
  }
  console.log(`${some.length} clips, ${sound.toFixed(0)} s of sound`);
  for (const [step, ms] of spent) {
    console.log(`${step}: ${(ms / 1000).toFixed(2)} s, ${((1000 * sound) / ms).toFixed(0)} times real time`);
  }
}
