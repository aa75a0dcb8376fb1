// The whole path on a synthetic corpus, with the same commands that do it on CREMA-D or on one's own recordings:
// make recordings, train, evaluate on speakers never heard, name the emotion of three of them; and a control, a shorter
// training on labels dealt out at random, which has to show chance.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderSyntheticCorpus } from '../dist/datasets.js';
import { writeDirectory } from '../dist/node.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, '.quickstart');
const [corpus, run, control] = ['corpus', 'run', 'control'].map((name) => join(folder, name));
const began = Date.now();

function say(text) {
  process.stdout.write(`\n== ${text}\n`);
}

/** Runs one ser-kit command as a person would type it; with `json`, its answer. */
function serKit(args, { json = false } = {}) {
  const shown = args.map((arg) => (arg.startsWith(root) ? relative(root, arg) : arg)).join(' ');
  process.stdout.write(`\n$ ser-kit ${shown}\n`);
  const all = [join(root, 'dist', 'cli.js'), ...args, ...(json ? ['--json'] : [])];
  const { status, stdout, signal } = spawnSync(process.execPath, all, {
    stdio: ['ignore', json ? 'pipe' : 'inherit', 'inherit'],
    maxBuffer: 1 << 28,
  });
  if (status !== 0) {
    process.stderr.write(`quickstart: ser-kit ended with ${signal ?? status}\n`);
    process.exit(status ?? 1);
  }
  return json ? JSON.parse(stdout) : undefined;
}

rmSync(folder, { recursive: true, force: true });
say("A synthetic corpus: 576 recordings of 24 made-up voices, in CREMA-D's layout");
await writeDirectory(corpus, await renderSyntheticCorpus({ speakers: 24, sentences: 4, seed: 1 }));
serKit(['dataset', corpus]);

const [epochs, controlEpochs] = [16, 3];
const settings = ['--filters', '32,48', '--units', '48', '--batch-size', '16', '--seed', '1'];
say('Train on 16 or so of the voices; choose the best epoch by others; the rest are kept for the test');
serKit(['train', corpus, '--out', run, '--epochs', String(epochs), ...settings]);

say('Evaluate the saved recognizer on the voices it never heard');
const result = serKit(['evaluate', run, corpus], { json: true });

say(`The control: a shorter training (${controlEpochs} epochs) on labels dealt out at random; it should show chance`);
const chance = serKit(
  ['train', corpus, '--out', control, '--shuffle-labels', '--epochs', String(controlEpochs), ...settings],
  {
    json: true,
  },
).test;

say('Name the emotion of three recordings of an unheard voice');
const manifest = JSON.parse(readFileSync(join(run, 'manifest.json'), 'utf8'));
const voice = manifest.recognizer.provenance.speakers.test[0];
const files = ['ANG', 'SAD', 'HAP'].map((emotion) => join(corpus, 'AudioWAV', `${voice}_IEO_${emotion}_XX.wav`));
serKit(['predict', run, ...files]);

const percent = (share) => `${(100 * share).toFixed(1)} %`;
process.stdout.write(
  [
    '',
    '== Done',
    `accuracy on ${result.clips} recordings of unheard synthetic voices: ${percent(result.accuracy)} (UAR ${percent(result.unweightedAverageRecall)})`,
    `  after at most ${epochs} epochs; naming one emotion always gets ${percent(1 / result.labels.length)}`,
    `the control, ${controlEpochs} epochs on labels dealt out at random: ${percent(chance.accuracy)} on the same recordings`,
    '  (a shorter training than the first, so the two differ in more than their labels; chance is the figure to compare with)',
    `the saved recognizer: ${relative(process.cwd(), run) || run} (open learning-curve.svg and confusion-matrix.svg there)`,
    `took ${Math.round((Date.now() - began) / 1000)} s. These voices are synthetic: the figure says that the parts work, nothing about people.`,
    '',
  ].join('\n'),
);

// A figure out of bounds means that something is broken: the exit status says so, for whatever runs this by itself.
const [least, most] = [0.9, 0.4];
if (result.accuracy < least || chance.accuracy >= most) {
  process.stderr.write(
    `quickstart: expected an accuracy of at least ${least}, and less than ${most} with labels shuffled\n`,
  );
  process.exitCode = 1;
}
