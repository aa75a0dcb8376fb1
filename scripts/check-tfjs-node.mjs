// The caller's choice of backend, proved on the real tfjs-node: `node scripts/check-tfjs-node.mjs FOLDER`, where
// @tensorflow/tfjs-node is installed in FOLDER. Packs ser-kit (run `npm run build` first), installs the tarball there
// beside it, so that both see one tfjs-core, and trains, evaluates and predicts with --backend tensorflow.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
if (process.argv[2] === undefined || !existsSync(join(process.argv[2], 'node_modules/@tensorflow/tfjs-node'))) {
  console.error('usage: node scripts/check-tfjs-node.mjs FOLDER, a folder in which @tensorflow/tfjs-node is installed');
  process.exit(2);
}
const folder = resolve(process.argv[2]);
const began = Date.now();

/** Runs a program in the folder and returns its stdout; ends this one where it fails. */
function run(program, args, cwd = folder) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status === 0) return stdout;
  console.error(`${stdout}\n${stderr}\nFAILED: ${program} ${args.join(' ')}: exit ${status}`);
  process.exit(1);
}

function expect(holds, what) {
  if (holds) return;
  console.error(`FAILED: ${what}`);
  process.exit(1);
}

const [{ filename }] = JSON.parse(
  run('npm', ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder], root),
);
// Scripts stay off: tfjs-node's own would download what is there already.
const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
run('npm', ['install', '--ignore-scripts', ...quiet, join(folder, filename)]);
cpSync(join(root, 'examples/choose-a-backend.mjs'), join(folder, 'choose-a-backend.mjs'));
const said = run(process.execPath, ['choose-a-backend.mjs', 'tensorflow']);
expect(said.startsWith('tensorflow: '), `the example expected to run on tensorflow, said ${said}`);
console.log(said.trim());

const serKit = (...args) => run(join(folder, 'node_modules/.bin/ser-kit'), args);
const corpus = join(folder, 'corpus');
for (const path of ['corpus', 'runs']) rmSync(join(folder, path), { recursive: true, force: true });
run(process.execPath, [
  '--input-type=module',
  '-e',
  `import { renderSyntheticCorpus } from 'ser-kit/datasets';
   import { writeDirectory } from 'ser-kit/node';
   await writeDirectory('corpus', await renderSyntheticCorpus({ speakers: 8, sentences: 2, seed: 1 }));`,
]);

const files = ['ANG', 'SAD', 'HAP'].map((code) => join(corpus, 'AudioWAV', `9001_DFA_${code}_XX.wav`));
for (const model of ['cnn-lstm', 'cnn', 'lstm', 'simple-rnn']) {
  const out = join(folder, 'runs', model);
  const backend = ['--backend', 'tensorflow', '--json'];
  const epochs = model === 'cnn-lstm' ? 12 : 1;
  const small = ['--units', '24', '--batch-size', '8', '--epochs', String(epochs), '--learning-rate', '0.003'];
  if (model === 'cnn-lstm') small.push('--filters', '24,32');
  const trained = JSON.parse(serKit('train', corpus, '--out', out, '--model', model, ...small, ...backend));
  const learnt = trained.train.accuracy;
  expect(epochs === 1 || learnt > 0.5, `${model}: expected to learn its training clips, got accuracy ${learnt}`);

  const evaluated = JSON.parse(serKit('evaluate', out, corpus, ...backend));
  const { accuracy, clips } = evaluated;
  expect(accuracy === trained.test.accuracy, `${model}: train said ${trained.test.accuracy}, evaluate ${accuracy}`);

  // The saved network gives the same answers on the backend that the other tests use.
  const here = JSON.parse(serKit('predict', out, ...files, ...backend));
  const onWasm = JSON.parse(run(process.execPath, [join(root, 'dist/cli.js'), 'predict', out, ...files, '--json']));
  const apart = here.flatMap(({ probabilities }, i) =>
    Object.entries(probabilities).map(([label, p]) => Math.abs(p - onWasm[i].probabilities[label])),
  );
  const most = Math.max(...apart);
  expect(apart.length === 18 && most < 1e-4, `${model}: probabilities on tensorflow and wasm are ${most} apart`);
  const agreed = `within ${most.toExponential(0)} of wasm`;
  console.log(`${model}: trained, evaluated (accuracy ${accuracy.toFixed(2)} of ${clips} clips), predicted ${agreed}`);
}
console.log(`the command line works on tfjs-node (${Math.round((Date.now() - began) / 1000)} s)`);
