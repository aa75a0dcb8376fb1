// How fast ser-kit/augment is, against audiomentations and torch-audiomentations: one core, one thread each, on the same
// clips, in turns of one run. What is timed is CPU time, all threads of a process together: on an idle machine it is the time
// on the clock, and other work moves it less. `npm run bench:augment` builds first, and takes after `--`:
//   --only TEXT  rows whose name has this in it
//   --json FILE  also writes the figures there
// PYTHON: a Python with audiomentations and torch-audiomentations; without, ser-kit is timed alone. ROUNDS (7), CORE.
// SER_KIT_CORPORA: where CREMA-D lies, whose clips are taken beside synthetic ones of 3 and 10 seconds, all at 16 kHz.
// A figure is the median over the rounds, a round's the mean over the set's clips, each drawn anew: the draw is part of it.
// AddBackgroundNoise and ApplyImpulseResponse read their file each time they are applied; ser-kit has it in memory.
// The cheapest transforms cost less than the pages of a new clip's memory where the system hands these out slowly (virtual
// machines, sandboxes); numpy gets its last clip's memory back, Node fresh pages. glibc keeps freed memory in the process, on
// every side, with MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=1073741824 before the command.
// Nobody has a mu-law: its peer, BitCrush, is a rounding and no more.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openCremad } from '../dist/datasets/cremad.js';
import { createSyntheticCorpus } from '../dist/datasets.js';
import { createRandom, encodeWav, resample } from '../dist/index.js';
import { openDirectory } from '../dist/node.js';
import { BACKGROUND, BARS, NO_ROWS, RESPONSE, ROWS } from './bench-augment-rows.mjs';
import { inTurn, median, ONE_THREAD, scriptPath, startSide } from './bench-sides.mjs';

const { values: flags } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'string' } } });
const RATE = 16000;
/** A turn's CPU time, in milliseconds, at least. */
const TURN_MS = 40;
const rounds = Number(process.env.ROUNDS ?? 7);
const core = process.env.CORE ?? String(availableParallelism() - 1);
const pinned = spawnSync('taskset', ['-apc', core, String(process.pid)]).status === 0; // children inherit it

const folder = mkdtempSync(join(tmpdir(), 'ser-kit-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** `count` clips of so many seconds, of sentences of synthetic voices one after another. */
async function syntheticClips(count, seconds) {
  const length = seconds * RATE;
  const { clips } = createSyntheticCorpus({ speakers: 4, seed: seconds, sampleRate: RATE });
  const out = Array.from({ length: count }, () => new Float32Array(length));
  let at = 0;
  for (const clip of clips) {
    let { samples } = await clip.load();
    while (samples.length > 0 && at < count * length) {
      const part = samples.subarray(0, length - (at % length));
      out[Math.floor(at / length)].set(part, at % length);
      samples = samples.subarray(part.length);
      at += part.length;
    }
    if (at >= count * length) return out;
  }
  throw new Error(`the synthetic corpus expected to last ${count * seconds} s`);
}

async function realClips(count) {
  const dir = join(process.env.SER_KIT_CORPORA, 'cremad');
  const { clips } = await openCremad(openDirectory(dir));
  const some = Array.from({ length: count }, (_, i) => clips[Math.floor((i * clips.length) / count)]);
  return Promise.all(some.map(async (clip) => resample(await clip.load(), RATE).samples));
}

const sets = { '3 s': await syntheticClips(8, 3), '10 s': await syntheticClips(3, 10) };
if (process.env.SER_KIT_CORPORA) sets['CREMA-D'] = await realClips(8);
else console.log('without clips of CREMA-D: SER_KIT_CORPORA is not set');
const seconds = {};
const places = {};
const all = Object.values(sets).flat();
let offset = 0;
for (const [name, list] of Object.entries(sets)) {
  places[name] = [];
  for (const samples of list) {
    places[name].push([offset, samples.length]);
    offset += samples.length;
  }
  seconds[name] = list.reduce((sum, { length }) => sum + length, 0) / RATE;
}
writeFileSync(join(folder, 'clips.json'), JSON.stringify({ sampleRate: RATE, sets: places }));
writeFileSync(join(folder, 'clips.f32'), Buffer.concat(all.map((samples) => new Uint8Array(samples.buffer))));

const random = createRandom(1);
const background = Float32Array.from({ length: 60 * RATE }, () => 0.2 * (random() - 0.5));
const response = Float32Array.from({ length: RATE / 2 }, (_, n) =>
  n === 0 ? 0.9 : 0.3 * (random() - 0.5) * 10 ** ((-6 * n) / RATE),
);
writeFileSync(join(folder, BACKGROUND), encodeWav({ samples: background, sampleRate: RATE }));
writeFileSync(join(folder, RESPONSE), encodeWav({ samples: response, sampleRate: RATE }));

const built = fileURLToPath(new URL('../dist/augment.js', import.meta.url));
const sides = [await startSide('ser-kit', process.execPath, [scriptPath('bench-augment-side.mjs'), folder, built])];
const python = process.env.PYTHON;
if (python === undefined) console.log('ser-kit alone: PYTHON names no Python with audiomentations');
for (const library of python === undefined ? [] : ['audiomentations', 'torch-audiomentations']) {
  // Some come with an OpenMP or numba of their own, which would take every core.
  const environment = { ...ONE_THREAD, NUMBA_NUM_THREADS: '1' };
  sides.push(await startSide(library, python, [scriptPath('bench_augment.py'), library, folder], environment));
}
if (sides[0] === undefined) process.exit(1);
const [ours, ...peers] = sides.filter((side) => side !== undefined);
for (const { name, about } of [ours, ...peers]) console.log(`${name}: ${about}`);
const [loadBefore] = loadavg();
const where = pinned ? `on core ${core}` : 'not pinned to a core';
console.log(
  `${rounds} rounds, ${where}, load average ${loadBefore.toFixed(1)}; times real time, and ser-kit's ratio\n`,
);

const { names } = await ours.ask({ do: 'names' });
const skipped = ROWS.filter(({ json }) => !names.includes(json.transform)).map(({ name }) => name);
const without = names.filter((name) => !NO_ROWS.includes(name) && !ROWS.some(({ json }) => json.transform === name));
if (skipped.length > 0) console.log(`not in ser-kit/augment, skipped: ${skipped.join(', ')}`);
if (without.length > 0) console.log(`in ser-kit/augment without a row here: ${without.join(', ')}`);

const large = (x) => (x === undefined ? '-' : x >= 1000 ? `${Math.round(x / 10) * 10}` : x.toPrecision(3));
/** Rows are said as they come: a whole run takes minutes. */
const WIDTHS = [25, 8, 8, ...peers.map(({ name }) => name.length + 1), 7, 7, 24];
const say = (cells) => console.log(cells.map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0)).join(' '));
say(['transform', 'clips', 'ser-kit', ...peers.map(({ name }) => name), 'ratio', '', 'bar', 'peers']);
const figures = [];
const failures = [];
for (const row of ROWS) {
  if (skipped.includes(row.name) || (flags.only !== undefined && !row.name.includes(flags.only))) continue;
  const prepared = await ours.ask({ do: 'prepare', json: row.json, features: row.features });
  if (prepared.error !== undefined) {
    failures.push(`${row.name}: ser-kit: ${prepared.error}`);
    continue;
  }
  const with_ = [];
  for (const side of peers) {
    const { peer, error } = await side.ask({ do: 'prepare', row: row.name });
    if (error !== undefined) failures.push(`${row.name}: ${side.name}: ${error}`);
    if (peer) with_.push({ ...side, peer });
  }
  for (const set of Object.keys(sets)) {
    const running = [];
    for (const side of [ours, ...with_]) {
      // Compiling, reading tables and first calls stay out.
      const { error } = await side.ask({ do: 'time', set, ms: TURN_MS });
      if (error === undefined) running.push(side);
      else failures.push(`${row.name}, ${set}: ${side.name}: ${error}`);
    }
    const turn = (side) => async () => [(await side.ask({ do: 'time', set, ms: TURN_MS })).ms];
    const taken = await inTurn(Object.fromEntries(running.map((side) => [side.name, turn(side)])), rounds);
    const speed = Object.fromEntries(
      Object.entries(taken).map(([name, list]) => [name, (seconds[set] * 1000) / median(list)]),
    );
    // A stretch is held against audiomentations' native one, everything else against the faster of the two.
    const rivals = row.bar === 'stretch' ? ['audiomentations'] : ['audiomentations', 'torch-audiomentations'];
    const best = Math.max(...rivals.map((name) => speed[name] ?? 0));
    const mine = speed['ser-kit'];
    if (mine === undefined) continue;
    const ratio = best > 0 ? mine / best : undefined;
    const holds = row.bar === undefined ? undefined : BARS[row.bar].holds(mine, ratio);
    if (holds === false) process.exitCode = 1;
    figures.push({ row: row.name, set, speed, ratio, bar: row.bar, holds, peers: with_.map(({ peer }) => peer) });
    say([
      row.name,
      set,
      ...[ours, ...peers].map(({ name }) => large(speed[name])),
      ratio === undefined ? '-' : ratio.toFixed(2),
      row.bar === undefined ? '-' : holds === undefined ? 'not measured' : holds ? 'holds' : 'MISSED',
      row.bar === undefined ? '-' : BARS[row.bar].text,
      with_.map(({ peer }) => peer).join(', ') || '-',
    ]);
  }
}

for (const failure of failures) console.log(`failed: ${failure}`);
const [loadAfter] = loadavg();
console.log(
  `\nload average ${loadBefore.toFixed(1)} before, ${loadAfter.toFixed(1)} after: ratios move less than figures`,
);
const report = {
  rounds,
  pinned,
  sides: [ours, ...peers].map(({ name, about }) => ({ name, about })),
  figures,
  failures,
};
if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(report, null, 2)}\n`);
for (const { end } of [ours, ...peers]) end();
