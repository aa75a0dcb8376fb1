// Kills trainings with SIGKILL at random moments and goes on with each: all have to end with the same bytes as one that
// was never killed. Half of the moments are shares of the run's time, from its start to its end; the other half are
// writings of a file, from the first to the last, which time alone would hardly ever hit.
//
//   npm run build && npm run check-resume -- [--kills 20] [--seed 1] [--keep]
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { renderSyntheticCorpus } from '../dist/datasets.js';
import { createRandom } from '../dist/index.js';
import { describeCheckpoint } from '../dist/models.js';
import { writeDirectory } from '../dist/node.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
  },
});
const kills = Number(values.kills);
const random = createRandom(Number(values.seed));
const cli = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'cli.js');
const folder = mkdtempSync(join(tmpdir(), 'ser-kit-resume-'));
const corpus = join(folder, 'corpus');

const EPOCHS = 6;
const COMPARED = [
  'augmentation.jsonl',
  'weights.bin',
  'manifest.json',
  'learning-curve.svg',
  'confusion-matrix.svg',
  'report.txt',
];
const SETTINGS = `--filters 16,16 --units 16 --dense 16 --dropout 0.3 --batch-size 8 --epochs ${EPOCHS} --seed 3`
  .concat(' --mixup 0.2 --mask-frames 2x10 --mask-dims 4 --accumulate 2 --label-smoothing 0.1 --weight-average 0.9')
  .split(' ')
  .concat('--augment', join(folder, 'aug.json'));
const AUGMENT = [
  { transform: 'maybe', p: 0.5, of: { transform: 'timeStretch', rate: [0.9, 1.1] } },
  { transform: 'addNoise', snrDb: [5, 30] },
];

/**
 * Trains until the end, or until it is killed: after `ms`, or when the `write`-th temporary file appears in the run's folder.
 */
function train(run, args, { ms, write } = {}) {
  mkdirSync(run, { recursive: true });
  const began = performance.now();
  const child = spawn(process.execPath, [cli, 'train', ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let err = '';
  child.stderr.on('data', (data) => {
    err += data;
  });
  const seen = new Set();
  const watcher = watch(run, (_, name) => {
    if (!name?.endsWith('.tmp') || seen.has(name)) return;
    seen.add(name);
    if (seen.size === write) child.kill('SIGKILL');
  });
  const timer = ms === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), ms);
  return new Promise((done) => {
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      watcher.close();
      done({ status, signal, err, ms: performance.now() - began, writes: seen.size });
    });
  });
}

/** How far a killed run had come. */
function stateOf(run) {
  if (!existsSync(join(run, 'training.json'))) return 'before training.json';
  const { complete } = JSON.parse(readFileSync(join(run, 'training.json'), 'utf8')).training;
  const checkpoint = join(run, 'checkpoint.bin');
  const epoch = existsSync(checkpoint) ? describeCheckpoint(readFileSync(checkpoint)).epoch : 0;
  const finals = COMPARED.filter(
    (name) => !['learning-curve.svg', 'augmentation.jsonl'].includes(name) && existsSync(join(run, name)),
  ).length;
  const temporary = readdirSync(run).filter((name) => name.endsWith('.tmp')).length;
  return [
    complete ? 'complete' : `checkpoint of epoch ${epoch}`,
    ...(finals > 0 ? [`${finals} of 4 results`] : []),
    ...(temporary > 0 ? [`${temporary} half-written`] : []),
  ].join(', ');
}

/** What differs from the run that was never killed, and what a killed one has left. */
function faultsOf(run, reference) {
  const faults = [];
  for (const name of COMPARED) {
    const same = existsSync(join(run, name)) && readFileSync(join(run, name)).equals(reference.get(name));
    if (!same) faults.push(`${name} differs`);
  }
  const expected = [...COMPARED, 'log.jsonl', 'training.json'].sort().join();
  const found = readdirSync(run).sort().join();
  if (found !== expected) faults.push(`holds ${found}`);
  const log = readFileSync(join(run, 'log.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const epochs = log.filter(({ type }) => type === 'epoch').map(({ epoch }) => epoch);
  const inOrder = epochs.every((epoch, i) => epoch === i + 1);
  if (!inOrder || epochs.length !== reference.epochs) faults.push(`log.jsonl has the epochs ${epochs}`);
  return faults;
}

writeFileSync(join(folder, 'aug.json'), JSON.stringify(AUGMENT));
await writeDirectory(corpus, await renderSyntheticCorpus({ speakers: 8, sentences: 2, seed: 1, sampleRate: 8000 }));
const whole = join(folder, 'whole');
const timed = await train(whole, [corpus, '--out', whole, ...SETTINGS]);
if (timed.status !== 0) throw new Error(`the run that is not killed failed:\n${timed.err}`);
const reference = new Map(COMPARED.map((name) => [name, readFileSync(join(whole, name))]));
reference.epochs = JSON.parse(reference.get('manifest.json')).recognizer.provenance.history.epochs.length;
console.log(
  `never killed: ${(timed.ms / 1000).toFixed(1)} s, ${reference.epochs} epochs, ${timed.writes} files written`,
);
console.log(`seed ${values.seed}, ${kills} kills`);

let different = 0;
let killed = 0;
for (let i = 0; killed < kills; i++) {
  const run = join(folder, `run-${i}`);
  const spread = ((killed >> 1) + random()) / Math.ceil(kills / 2);
  const byWrite = killed % 2 === 1;
  const moment = byWrite ? { write: 1 + Math.floor(spread * timed.writes) } : { ms: spread * timed.ms };
  const named = byWrite
    ? `writing of file ${moment.write} of ${timed.writes}`
    : `${(moment.ms / 1000).toFixed(2)} s of ${(timed.ms / 1000).toFixed(2)} s`;
  const first = await train(run, [corpus, '--out', run, ...SETTINGS], moment);
  if (first.signal !== 'SIGKILL') {
    console.log(
      `  ${named}: it ended before that (status ${first.status}), after ${(first.ms / 1000).toFixed(2)} s; drawn again`,
    );
    timed.ms = Math.min(timed.ms, first.ms); // a machine that does other things too is not always as fast
    rmSync(run, { recursive: true });
    continue;
  }
  killed++;
  let said = `${String(killed).padStart(2)}. killed at the ${named} (${stateOf(run)})`;
  const goOn = (again) => {
    const begun = existsSync(join(run, 'training.json'));
    return train(run, begun ? ['--resume', run] : [corpus, '--out', run, ...SETTINGS, '--resume'], again);
  };
  // Every fourth is killed once more while it goes on.
  if (killed % 4 === 0) {
    const second = await goOn({ ms: (0.2 + 0.6 * random()) * timed.ms });
    said += second.signal === 'SIGKILL' ? `, and again after ${(second.ms / 1000).toFixed(2)} s (${stateOf(run)})` : '';
  }
  const { status, err } = await goOn();
  const faults =
    status === 0 ? faultsOf(run, reference) : [`--resume ended with ${status}: ${err.trim().split('\n').pop()}`];
  console.log(`${said}: ${faults.length === 0 ? 'identical' : faults.join('; ')}`);
  if (faults.length > 0) different++;
  else rmSync(run, { recursive: true });
}
console.log(
  different === 0 ? `${kills} kills, ${kills} identical results` : `${different} of ${kills} differ (${folder})`,
);
if (different === 0 && !values.keep) rmSync(folder, { recursive: true });
process.exitCode = different === 0 ? 0 : 1;
