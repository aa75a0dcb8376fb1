// MFCC throughput of ser-kit against librosa: one core each, in alternating rounds of one run, ratios of medians.
// `npm run bench:features` builds first. PYTHON names a Python with librosa; ROUNDS (9) how many rounds are timed.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';

const RATE = 16000;
const CLIP = 3 * RATE;
const OPTIONS = { nMfcc: 13, nFft: 512, winLength: 400, hopLength: 160, nMels: 40 };
const rounds = Number(process.env.ROUNDS ?? 9);
const python = process.env.PYTHON ?? 'python3';
const built = process.argv[2] ?? fileURLToPath(new URL('../dist/features.js', import.meta.url));
const { createMfcc, mfcc } = await import(pathToFileURL(built).href);

/** Noise under a syllable-like envelope over a hum: neither side's speed depends on the samples, silence aside. */
function signal(length, seed) {
  let state = seed >>> 0;
  return Float32Array.from({ length }, (_, n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const envelope = 0.3 + 0.2 * Math.sin((2 * Math.PI * 4 * n) / RATE);
    return envelope * (Math.sin((2 * Math.PI * 150 * n) / RATE) + 0.2 * (state / 2 ** 32 - 0.5));
  });
}

const clips = Array.from({ length: 200 }, (_, i) => ({ samples: signal(CLIP, i + 1), sampleRate: RATE }));
const long = { samples: signal(600 * RATE, 7), sampleRate: RATE };
const prepared = createMfcc({ ...OPTIONS, sampleRate: RATE });

const ours = {
  clips: (extract) => clips.map(extract).at(-1),
  long: (extract) => extract(long),
};
const ways = { 'mfcc()': (w) => mfcc(w, OPTIONS), 'createMfcc()': (w) => prepared.extract(w) };

function time(work) {
  const start = performance.now();
  const matrix = work();
  return { seconds: (performance.now() - start) / 1000, total: matrix.data.reduce((sum, x) => sum + x, 0) };
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

const folder = mkdtempSync(join(tmpdir(), 'ser-kit-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'long.f32'), long.samples);
const together = new Float32Array(clips.length * CLIP);
for (const [i, clip] of clips.entries()) together.set(clip.samples, i * CLIP);
writeFileSync(join(folder, 'clips.f32'), together);

const { OPENBLAS_CORETYPE: _, ...environment } = process.env;
const child = spawn(python, [fileURLToPath(new URL('bench_features.py', import.meta.url)), folder], {
  env: {
    ...environment,
    OMP_NUM_THREADS: '1',
    OPENBLAS_NUM_THREADS: '1',
    MKL_NUM_THREADS: '1',
    NUMBA_NUM_THREADS: '1',
  },
  stdio: ['pipe', 'pipe', 'pipe'],
});
let errors = '';
child.stderr.on('data', (text) => {
  errors += text;
});
child.on('error', (error) => fail(error.message));
child.stdin.on('error', () => {}); // a child that died is reported by what it did not answer
const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

function fail(reason) {
  console.error(`bench:features needs a Python with librosa: pip install librosa==0.11.0, and PYTHON=<that python>`);
  console.error(`(${python}: ${reason.trim().split('\n').at(-1)})`);
  process.exit(1);
}

async function answer() {
  const { value, done } = await lines.next();
  if (done) fail(errors || 'it ended without an answer');
  return value;
}

async function theirs(what) {
  child.stdin.write(`${what}\n`);
  const [seconds, total] = (await answer()).split(' ').map(Number);
  return { seconds, total };
}

console.log(`Node ${process.version} against ${await answer()}; 16 kHz, ${JSON.stringify(OPTIONS)}`);
console.log(`medians of ${rounds} alternating rounds, one core each; x = times real time\n`);
for (const [what, title] of [
  ['clips', '200 clips of 3 s, one by one'],
  ['long', 'one signal of 10 minutes'],
]) {
  const times = { librosa: [] };
  for (const way of Object.keys(ways)) times[way] = [];
  for (let round = -1; round < rounds; round++) {
    const reference = await theirs(what);
    if (round >= 0) times.librosa.push(reference.seconds); // round -1 warms both up
    for (const [way, extract] of Object.entries(ways)) {
      const { seconds, total } = time(() => ours[what](extract));
      if (Math.abs(total - reference.total) > 1e-4 * Math.abs(reference.total)) {
        throw new Error(`${way} and librosa computed different things: sums ${total} and ${reference.total}`);
      }
      if (round >= 0) times[way].push(seconds);
    }
  }
  console.log(title);
  console.log(`  librosa       ${(600 / median(times.librosa)).toFixed(0)}x`);
  for (const way of Object.keys(ways)) {
    const ratio = median(times.librosa) / median(times[way]);
    console.log(
      `  ${way.padEnd(13)} ${(600 / median(times[way])).toFixed(0)}x   ${ratio.toFixed(2)} of librosa's speed`,
    );
  }
}
child.stdin.end();
