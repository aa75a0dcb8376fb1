// How fast MFCCs are computed: ser-kit against librosa, torchaudio, meyda, essentia.js and transformers.js, one core and
// one thread each, in alternating rounds of one run. What is timed is CPU time, all threads of a process together: on an
// idle machine it is the time on the clock, and other work moves it less. `npm run bench:features` builds first, and takes after `--`:
//   --install    first installs the JavaScript peers into scripts/bench-peers
//   --json FILE  also writes the figures there
// PYTHON names a Python with librosa 0.11 and torchaudio; ROUNDS (9) how many rounds are timed; CORE the core.

import { fork, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { installPeers, loadPeers } from './bench-features-peers.mjs';

const { values: flags, positionals } = parseArgs({
  options: { install: { type: 'boolean' }, json: { type: 'string' } },
  allowPositionals: true,
});
const RATE = 16000;
const CLIP_SECONDS = 3;
const CLIPS = 200;
const LONG_SECONDS = 600;
const OPTIONS = { nMfcc: 13, nFft: 512, winLength: 400, hopLength: 160, nMels: 40 };
const rounds = Number(process.env.ROUNDS ?? 9);
const python = process.env.PYTHON ?? 'python3';
const built = positionals[0] ?? fileURLToPath(new URL('../dist/features.js', import.meta.url));

const core = process.env.CORE ?? String(availableParallelism() - 1);
const pinned = spawnSync('taskset', ['-apc', core, String(process.pid)]).status === 0; // children inherit it
if (flags.install) installPeers();

const { mfcc } = await import(pathToFileURL(built).href);
const { loaded: peers, missing } = await loadPeers();

/** Noise under a syllable-like envelope over a gliding hum: no side's speed depends on the samples, silence aside. */
function signal(length, seed) {
  let state = seed >>> 0;
  let phase = 0;
  return Float32Array.from({ length }, (_, n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const t = n / RATE;
    phase += (2 * Math.PI * (150 + 60 * Math.sin(2 * Math.PI * 0.7 * t))) / RATE;
    const envelope = 0.3 + 0.28 * Math.sin(2 * Math.PI * 4 * t);
    const voice = Math.sin(phase) + 0.5 * Math.sin(5 * phase) + 0.3 * Math.sin(13 * phase);
    return envelope * (0.5 * voice + 0.2 * (state / 2 ** 32 - 0.5) * (1 + Math.sin(2 * Math.PI * 3 * t)));
  });
}

const clips = Array.from({ length: CLIPS }, (_, i) => signal(CLIP_SECONDS * RATE, i + 1));
const long = signal(LONG_SECONDS * RATE, 7);

const folder = mkdtempSync(join(tmpdir(), 'ser-kit-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'long.f32'), long);
writeFileSync(join(folder, 'clips.f32'), Buffer.concat(clips.map((clip) => new Uint8Array(clip.buffer))));

/** The Python side: its versions, and `ask`; no versions where there is none. */
async function startPython() {
  // Settings that would hold OpenBLAS back on this processor are not passed on.
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...environment } = process.env;
  const one = Object.fromEntries(['OMP', 'OPENBLAS', 'MKL', 'NUMBA'].map((name) => [`${name}_NUM_THREADS`, '1']));
  const child = spawn(python, [fileURLToPath(new URL('bench_features.py', import.meta.url)), folder], {
    env: { ...environment, ...one },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  child.on('error', (error) => {
    errors += error.message;
  });
  child.stdin.on('error', () => {}); // a child that died is reported by what it did not answer
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done) return { versions: {}, reason: errors.trim().split('\n').at(-1), end() {} };
  return {
    versions: JSON.parse(first.value),
    async ask(request) {
      child.stdin.write(`${request}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`Python ended: ${errors.trim().split('\n').at(-1)}`);
      return value;
    },
    end: () => child.stdin.end(),
  };
}

const py = await startPython();

/** What is timed. Each gives { seconds taken, audio seconds, total: a sum, or undefined }. */
const sides = [];
function inProcess(name, run, share = {}) {
  const counts = { clips: share.clips ?? CLIPS, long: share.seconds ?? LONG_SECONDS };
  const inputs = { clips: clips.slice(0, counts.clips), long: [long.subarray(0, counts.long * RATE)] };
  sides.push({
    name,
    counts,
    async time(what) {
      let last;
      const start = process.cpuUsage();
      for (const samples of inputs[what])
        last = run.constructor.name === 'AsyncFunction' ? await run(samples) : run(samples);
      const used = process.cpuUsage(start);
      const seconds = (used.user + used.system) / 1e6;
      return { seconds, total: last.data?.reduce((sum, x) => sum + x, 0) };
    },
  });
}
function inChild(name, options) {
  const all = JSON.stringify({ ...options, sampleRate: RATE, clipLength: CLIP_SECONDS * RATE });
  const child = fork(fileURLToPath(new URL('bench-features-side.mjs', import.meta.url)), [folder, built, all]);
  sides.push({
    name,
    counts: { clips: CLIPS, long: LONG_SECONDS },
    time: (what) =>
      new Promise((resolve, reject) => {
        const ended = () => reject(new Error(`the process of ${name} ended`));
        child.once('exit', ended);
        child.once('message', (answer) => {
          child.off('exit', ended);
          resolve(answer);
        });
        child.send(what);
      }),
    end: () => child.disconnect(),
  });
}
function inPython(name) {
  sides.push({
    name,
    counts: { clips: CLIPS, long: LONG_SECONDS },
    async time(what) {
      const [seconds, total] = (await py.ask(`${name} ${what}`)).split(' ').map(Number);
      return { seconds, total };
    },
  });
}

/** Whether this build has the SIMD kernel, and it runs here: then its numbers are those of float32. */
function hasKernel() {
  const samples = clips[0];
  try {
    const plain = mfcc({ samples, sampleRate: RATE }, { ...OPTIONS, simd: false }).data;
    return mfcc({ samples, sampleRate: RATE }, OPTIONS).data.some((x, i) => x !== plain[i]);
  } catch {
    return undefined; // a build from before the option
  }
}
const kernel = hasKernel();
const PLAIN = kernel === undefined ? OPTIONS : { ...OPTIONS, simd: false };
inChild('ser-kit, plain JavaScript', PLAIN);
if (kernel) inChild('ser-kit, default (SIMD)', OPTIONS);
const ours = sides.map(({ name }) => name);
for (const name of ['librosa', 'torchaudio']) if (py.versions[name]) inPython(name);
for (const peer of peers) inProcess(peer.name, peer.run, peer);

const others = sides.filter(({ name }) => !ours.includes(name));
console.log(
  `Node ${process.version}; ${JSON.stringify({ ...py.versions, ...Object.fromEntries(peers.map((p) => [p.name, p.version])) })}`,
);
console.log(
  `16 kHz, ${JSON.stringify(OPTIONS)}; ${pinned ? `pinned to core ${core}` : 'not pinned (no taskset)'}, one thread each, CPU time`,
);
if (kernel !== true) console.log('the SIMD kernel is not in this build, or does not run here');
if (!py.versions.librosa || !py.versions.torchaudio) {
  const why = py.reason === undefined ? '' : ` (${python}: ${py.reason})`;
  const missingThere = ['librosa', 'torchaudio'].filter((name) => !py.versions[name]).join(' and ');
  console.log(
    `without ${missingThere}: pip install librosa==0.11.0 torch==2.8.0 torchaudio==2.8.0, PYTHON=that python${why}`,
  );
}
for (const { name, reason } of missing) console.log(`without ${name}: npm run bench:features -- --install (${reason})`);
if (others.length === 0) {
  console.error('bench:features: nothing to compare with');
  process.exit(1);
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const report = { node: process.version, versions: py.versions, options: OPTIONS, rounds, pinned, results: [] };
const [loadBefore] = loadavg();

for (const what of ['clips', 'long']) {
  const times = new Map(sides.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    let reference;
    for (const side of [...sides].sort((a) => (a.name === 'librosa' ? -1 : 0))) {
      const { seconds, total } = await side.time(what);
      if (side.name === 'librosa') reference = total;
      if (
        ours.includes(side.name) &&
        reference !== undefined &&
        Math.abs(total - reference) > 1e-4 * Math.abs(reference)
      ) {
        throw new Error(`${side.name} and librosa computed different things: sums ${total} and ${reference}`);
      }
      if (round >= 0) times.get(side.name).push(seconds); // round -1 warms all up
    }
  }
  console.log(
    `\n${what === 'clips' ? `${CLIPS} clips of ${CLIP_SECONDS} s, one by one` : 'one signal of 10 minutes'}; medians of ${rounds} alternating rounds`,
  );
  const speed = ({ name, counts }) =>
    (what === 'clips' ? counts.clips * CLIP_SECONDS : counts.long) / median(times.get(name));
  for (const side of sides) {
    const mine = ours.includes(side.name);
    const ratios = mine
      ? Object.fromEntries(others.map((other) => [other.name, speed(side) / speed(other)]))
      : undefined;
    const less = side.counts[what] < (what === 'clips' ? CLIPS : LONG_SECONDS);
    const given = less
      ? `  (given ${what === 'clips' ? `${side.counts.clips} clips` : `${side.counts.long} s`} of them)`
      : '';
    console.log(`  ${side.name.padEnd(26)} ${speed(side).toFixed(0).padStart(6)} x real time${given}`);
    for (const [other, ratio] of Object.entries(ratios ?? {})) {
      console.log(`      ${ratio.toFixed(ratio < 100 ? 2 : 0).padStart(7)} times ${other}`);
    }
    report.results.push({ what, name: side.name, given: side.counts[what], timesRealTime: speed(side), ratios });
  }
}

/** The mean over the dimensions of the correlation over the frames, of two row-major matrices. */
function correlation(a, b, dims) {
  const frames = Math.floor(Math.min(a.length, b.length) / dims);
  let sum = 0;
  for (let d = 0; d < dims; d++) {
    let [sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0];
    for (let t = 0; t < frames; t++) {
      const x = a[t * dims + d];
      const y = b[t * dims + d];
      sa += x;
      sb += y;
      saa += x * x;
      sbb += y * y;
      sab += x * y;
    }
    sum += (sab - (sa * sb) / frames) / Math.sqrt((saa - (sa * sa) / frames) * (sbb - (sb * sb) / frames));
  }
  return sum / dims;
}

if (py.versions.librosa) {
  console.log('\nwhat is computed, against librosa in float64, on the first clip');
  const decode = async (what) =>
    new Float64Array(new Uint8Array(Buffer.from(await py.ask(`matrix ${what}`), 'base64')).buffer);
  const reference = { mfcc: await decode('mfcc'), logmel: await decode('logmel') };
  const clip = { samples: clips[0], sampleRate: RATE };
  report.agreement = {};
  for (const [name, options] of [
    [ours[0], PLAIN],
    [ours[1], OPTIONS],
  ]) {
    if (name === undefined) continue;
    const { data } = mfcc(clip, options);
    const off = data.reduce((worst, x, i) => Math.max(worst, Math.abs(x - reference.mfcc[i])), 0);
    console.log(`  ${name.padEnd(26)} MFCCs within ${off.toExponential(1)}`);
    report.agreement[name] = { largestDifference: off };
  }
  for (const { name, run, matrix, dims } of peers) {
    const value = correlation(Array.from(await run(clips[0])), reference[matrix], dims);
    const what = matrix === 'mfcc' ? 'MFCCs' : 'log-mel bands (it has no MFCCs, and is timed without)';
    console.log(`  ${name.padEnd(26)} mean correlation ${value.toFixed(3)} of its ${what}`);
    report.agreement[name] = { matrix, correlation: value };
  }
}
py.end();
for (const { end } of sides) end?.();
const [loadAfter] = loadavg();
report.load = [loadBefore, loadAfter];
console.log(
  `\nload average ${loadBefore.toFixed(1)} before, ${loadAfter.toFixed(1)} after: beside other work figures move, ratios less`,
);
if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(report, null, 2)}\n`);
