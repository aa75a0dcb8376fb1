// One epoch over a real corpus: ser-kit on wasm against PyTorch, one thread each, on the same padded batches, in turn.
// `npm run bench:epoch` builds first.
//   node scripts/bench-epoch.mjs [CREMA-D] [--clips N] [--epochs N] [--cache DIR] [--quick]
// CREMA-D: its folder (`cremad` in the folder that SER_KIT_CORPORA names, where nothing is said). PYTHON: a Python with torch.
// Features: mfcc40.v1 (10 ms hop), standardised. Batches: 64 clips of like length, shorter ones followed by zeros,
// the same float32 numbers on both sides, in the same order. The networks are ser-kit's builders' (bench-epoch-side.mjs)
// and their like in PyTorch (bench_epoch.py): the same layers, dropout and average over a clip's own frames. Only
// ser-kit keeps padding out of convolutions and batch norm; PyTorch computes over it like over sound, which is less work.
// A side's epoch is the sum of its steps (Adam, cross-entropy; putting a batch into a tensor included); after every four
// batches it is the other's turn. The median epoch counts.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CREMAD_EMOTIONS, openCremad } from '../dist/datasets/cremad.js';
import { fitStandardizer } from '../dist/features.js';
import { createRandom } from '../dist/index.js';
import { extractCorpus, openDirectory } from '../dist/node.js';
import { median, ONE_THREAD, scriptPath, startSide } from './bench-sides.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    clips: { type: 'string' },
    epochs: { type: 'string' },
    cache: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const corpora = process.env.SER_KIT_CORPORA;
const dir = positionals[0] ?? (corpora === undefined ? undefined : join(corpora, 'cremad'));
if (dir === undefined || !existsSync(dir)) {
  console.error('bench:epoch needs CREMA-D: npm run bench:epoch -- FOLDER, or SER_KIT_CORPORA');
  process.exit(2);
}
const epochs = Number(values.epochs ?? (values.quick ? 1 : 3));
const BATCH = 64;
const TURN = 4;
const BARS = { 'cnn-lstm': 4, lstm: 3 };

const scratch = mkdtempSync(join(tmpdir(), 'ser-kit-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const { clips } = await openCremad(openDirectory(dir));
const wanted = Math.min(Number(values.clips ?? (values.quick ? 512 : clips.length)), clips.length);
const some = Array.from({ length: wanted }, (_, i) => clips[Math.floor((i * clips.length) / wanted)]);
const examples = [];
for await (const { clip, matrix } of extractCorpus(some, 'mfcc40.v1', {
  dir,
  cache: values.cache ?? join(scratch, 'cache'),
})) {
  if (matrix !== undefined) examples.push({ matrix, label: CREMAD_EMOTIONS.indexOf(clip.label) });
}
const standardizer = fitStandardizer(examples.map(({ matrix }) => matrix));
for (const example of examples) example.matrix = standardizer.transform(example.matrix);
const dims = examples[0].matrix.dims;

/** Clips of like length together, in an order that is shuffled once. */
function cutBatches() {
  const random = createRandom(1);
  const sorted = examples.toSorted((a, b) => a.matrix.frames - b.matrix.frames);
  const batches = [];
  for (let begin = 0; begin < sorted.length; begin += BATCH) batches.push(sorted.slice(begin, begin + BATCH));
  return batches
    .map((batch) => ({ batch, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ batch }) => batch);
}

/** Writes the batches as raw float32 [clips, frames, dims] after each other, and a list that says what lies where. */
function writeBatches(batches) {
  let offset = 0;
  const list = batches.map((batch) => {
    const frames = Math.max(...batch.map(({ matrix }) => matrix.frames));
    const entry = { offset, frames, clips: batch.length, labels: batch.map(({ label }) => label) };
    entry.lengths = batch.map(({ matrix }) => matrix.frames);
    offset += batch.length * frames * dims;
    return entry;
  });
  const data = new Float32Array(offset);
  batches.forEach((batch, i) => {
    const stride = list[i].frames * dims;
    batch.forEach(({ matrix }, n) => {
      data.set(matrix.data, list[i].offset + n * stride);
    });
  });
  writeFileSync(join(scratch, 'batches.f32'), data);
  writeFileSync(
    join(scratch, 'batches.json'),
    JSON.stringify({ dims, classes: CREMAD_EMOTIONS.length, batches: list }),
  );
  return list;
}

const batches = writeBatches(cutBatches());
const real = examples.reduce((sum, { matrix }) => sum + matrix.frames, 0);
const padded = batches.reduce((sum, { clips: n, frames }) => sum + n * frames, 0);
console.log(
  `${examples.length} clips of ${clips.length}, ${batches.length} batches, ${real} frames and ${padded - real} of padding`,
);

const ours = await startSide('ser-kit', process.execPath, [scriptPath('bench-epoch-side.mjs'), scratch]);
const python = process.env.PYTHON ?? 'python3';
const theirs = await startSide('PyTorch', python, [scriptPath('bench_epoch.py'), scratch], ONE_THREAD);
if (ours === undefined || theirs === undefined) process.exit(1);
const sides = [ours, theirs];
for (const { name, about } of sides) console.log(`${name}: ${about}`);

let missed = 0;
for (const [model, bar] of Object.entries(BARS)) {
  for (const side of sides) await asked(side, { do: 'prepare', model });
  const taken = new Map(sides.map((side) => [side, []]));
  const losses = new Map();
  for (let epoch = 0; epoch < epochs; epoch++) {
    const seconds = new Map(sides.map((side) => [side, 0]));
    const sums = new Map(sides.map((side) => [side, 0]));
    for (let begin = 0; begin < batches.length; begin += TURN) {
      const turn = { do: 'train', begin, end: Math.min(begin + TURN, batches.length) };
      const order = (begin / TURN + epoch) % 2 === 0 ? sides : sides.toReversed();
      for (const side of order) {
        const { ms, loss } = await asked(side, turn);
        seconds.set(side, seconds.get(side) + ms / 1000);
        sums.set(side, sums.get(side) + loss);
      }
    }
    for (const side of sides) taken.get(side).push(seconds.get(side));
    for (const side of sides) losses.set(side, sums.get(side) / batches.length);
  }
  const [a, b] = sides.map((side) => median(taken.get(side)));
  const ratio = a / b;
  if (ratio > bar) missed++;
  const [la, lb] = sides.map((side) => losses.get(side).toFixed(3));
  console.log(
    `${model}: an epoch takes ser-kit ${a.toFixed(1)} s, PyTorch ${b.toFixed(1)} s (median of ${epochs}; mean loss ${la}, ${lb}): ` +
      `${ratio.toFixed(2)} times (bar ${bar}) ${ratio <= bar ? 'holds' : 'MISSED'}`,
  );
}
for (const side of sides) {
  console.log(`${side.name}: peak resident size ${(await asked(side, { do: 'memory' })).peak.toFixed(0)} MB`);
  side.end();
}
console.log(missed === 0 ? 'both bars hold' : `${missed} MISSED`);

async function asked(side, question) {
  const answer = await side.ask(question);
  if (answer.error === undefined) return answer;
  console.error(`${side.name}: ${answer.error}`);
  process.exit(1);
}
