// A whole corpus's features: extractCorpus() with 2 workers against 1, and against librosa on 2 processes, each from
// reading the files on, in alternating rounds of one run; ratios of medians. `npm run bench:corpus` builds first.
//   node scripts/bench-corpus.mjs [DIR] [--clips N] [--set NAME] [--rounds N] [--librosa-clips N]
// DIR is a folder of WAV files (CREMA-D's AudioWAV in the folder that SER_KIT_CORPORA names, where nothing is said).
// PYTHON names a Python with librosa.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { decodeWav } from '../dist/index.js';
import { extractCorpus } from '../dist/node.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    clips: { type: 'string' },
    set: { type: 'string', default: 'fused.v1' },
    rounds: { type: 'string', default: '3' },
    'librosa-clips': { type: 'string', default: '24' },
  },
});
const folder = process.env.SER_KIT_CORPORA;
const dir = positionals[0] ?? (folder === undefined ? undefined : join(folder, 'cremad', 'AudioWAV'));
if (dir === undefined) {
  console.error('bench:corpus needs a folder of WAV files: npm run bench:corpus -- DIR, or SER_KIT_CORPORA');
  process.exit(2);
}
const rounds = Number(values.rounds);

const all = readdirSync(dir)
  .filter((name) => name.toLowerCase().endsWith('.wav'))
  .sort();
/** So many of them, evenly spread. */
const spread = (names, count) => {
  const wanted = Math.min(count, names.length);
  return Array.from({ length: wanted }, (_, i) => names[Math.floor((i * names.length) / wanted)]);
};
const names = spread(all, Number(values.clips ?? all.length));
const sample = spread(names, Number(values['librosa-clips']));
const clipsOf = (list) => list.map((name) => ({ id: name, path: name, speakerId: '', label: '', load: neverHere }));
const neverHere = () => Promise.reject(new Error('the workers read the files'));

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];

/** With so many workers: seconds of sound a second of work, what both were, clips skipped and the features' dimensions. */
async function ours(workers, list, cache) {
  const began = performance.now();
  let seconds = 0;
  let skipped = 0;
  let dims = 0;
  const onProgress = (progress) => {
    seconds = progress.durationSec;
    skipped = progress.skipped;
  };
  for await (const { matrix } of extractCorpus(clipsOf(list), values.set, { workers, dir, onProgress, cache })) {
    dims = matrix?.dims ?? dims;
  }
  const took = (performance.now() - began) / 1000;
  return { speed: seconds / took, took, seconds, skipped, dims };
}

const child = spawn(
  process.env.PYTHON ?? 'python3',
  [fileURLToPath(new URL('bench_corpus.py', import.meta.url)), dir, ...sample],
  {
    env: { ...withoutBlasSettings(), OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', NUMBA_NUM_THREADS: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  },
);
let errors = '';
child.stderr.on('data', (text) => {
  errors += text;
});
child.on('error', (error) => fail(error.message));
child.stdin.on('error', () => {});
const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

function withoutBlasSettings() {
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...environment } = process.env;
  return environment;
}

function fail(reason) {
  console.error('bench:corpus needs a Python with librosa: pip install librosa==0.11.0, and PYTHON=<that python>');
  console.error(`(${reason.trim().split('\n').at(-1)})`);
  process.exit(1);
}

async function answer() {
  const { value, done } = await lines.next();
  if (done) fail(errors || 'it ended without an answer');
  return value;
}

async function theirs() {
  child.stdin.write('run\n');
  const [took, seconds] = (await answer()).split(' ').map(Number);
  return { speed: seconds / took, took, seconds };
}

const cache = mkdtempSync(join(tmpdir(), 'ser-kit-bench-'));
process.on('exit', () => rmSync(cache, { recursive: true, force: true }));
const shorten = (x) => x.toPrecision(3);

console.log(`Node ${process.version} against ${await answer()}; ${availableParallelism()} cores`);
await ours(2, names.slice(0, 200)); // reads files into the system's cache, and starts the compilers on both sides
for (const name of names) decodeWav(readFileSync(join(dir, name)));
await theirs();

const [one, two, librosa] = [[], [], []];
for (let round = 0; round < rounds; round++) {
  // The order turns, so that whatever warms up or slows down favours nobody.
  const turns = [
    async () => one.push(await ours(1, names)),
    async () => two.push(await ours(2, names)),
    async () => librosa.push(await theirs()),
  ];
  for (let i = 0; i < 3; i++) await turns[(round + i) % 3]();
}
const speedOf = (runs) => median(runs.map(({ speed }) => speed));
const { seconds, skipped, dims } = two[0];
console.log(
  `${values.set} (${dims} dims) of ${names.length} clips, ${(seconds / 60).toFixed(1)} minutes of sound, ${skipped} skipped`,
);
console.log(
  `librosa on ${sample.length} of those clips (${librosa[0].seconds.toFixed(0)} s of sound), its time scaled by seconds of sound`,
);
console.log(
  `${rounds} rounds, medians; times real time: 1 worker ${shorten(speedOf(one))}, 2 workers ${shorten(speedOf(two))}, librosa on 2 processes ${shorten(speedOf(librosa))}`,
);
const check = (what, ratio, bar) =>
  console.log(`${what}: ${ratio.toFixed(2)} times (bar ${bar}) ${ratio >= bar ? 'held' : 'MISSED'}`);
check('2 workers to 1', speedOf(two) / speedOf(one), 1.7);
check('2 workers to librosa on 2 processes', speedOf(two) / speedOf(librosa), 5);
const filled = await ours(2, names, cache);
const again = await ours(2, names, cache);
console.log(
  `2 workers, with the cache: ${filled.took.toFixed(1)} s to fill it, ${again.took.toFixed(1)} s when filled`,
);
child.stdin.end();
