// One side of the benches on tfjs, a process that answers questions (bench-sides.mjs):
//   node scripts/bench-tfjs-side.mjs stock | ser-kit | tfjs-node
// stock: tfjs's wasm backend as it comes. ser-kit: the same with `ser-kit/wasm`, and tfjs's recurrent layers replaced by those
// of `ser-kit/layers` (all other layers are tfjs's). tfjs-node: the one installed in the folder that TFJS_NODE names, its own
// layers or (`layers: 'ser-kit'`) ours. Run `npm run build` first.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stockModel } from './bench-models.mjs';
import { answerQuestions, peakMegabytes, scriptPath } from './bench-sides.mjs';

const CLASSES = 6;
const BATCH = 64;
const side = process.argv[2];

const loaders = {
  async stock() {
    const tf = await import('@tensorflow/tfjs-core');
    const tfl = await import('@tensorflow/tfjs-layers');
    const { getThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
    await tf.setBackend('wasm');
    const threads = () => `${getThreadsCount()} thread`;
    return { tf, tfl, about: `tfjs ${tf.version_core}, wasm, ${safely(threads, '1 thread')}` };
  },
  async 'ser-kit'() {
    const tf = await import('@tensorflow/tfjs-core');
    const tfl = await import('@tensorflow/tfjs-layers');
    await import('../dist/wasm.js');
    await tf.setBackend('wasm');
    return {
      tf,
      tfl,
      about: `ser-kit, wasm, 1 thread, Node ${process.version}`,
      layers: () => import('../dist/layers.js'),
    };
  },
  async 'tfjs-node'() {
    const folder = resolve(process.env.TFJS_NODE);
    const there = createRequire(join(folder, 'from-here.cjs'));
    const tf = there('@tensorflow/tfjs-node');
    const tfl = there('@tensorflow/tfjs-layers');
    await tf.setBackend('tensorflow');
    const about = `tfjs-node ${tf.version['tfjs-node'] ?? tf.version['tfjs-core']}, ${cpus().length} threads`;
    return { tf, tfl, about, layers: () => layersBeside(folder) };
  },
};

function safely(get, otherwise) {
  try {
    return get();
  } catch {
    return otherwise;
  }
}

/** `ser-kit/layers` where its tfjs is the one in another folder: bundled, with that folder's packages beside it. */
async function layersBeside(folder) {
  const place = mkdtempSync(join(tmpdir(), 'ser-kit-bench-'));
  process.on('exit', () => rmSync(place, { recursive: true, force: true }));
  symlinkSync(join(folder, 'node_modules'), join(place, 'node_modules'));
  const outfile = join(place, 'layers.mjs');
  const options = ['--bundle', '--format=esm', '--platform=node', '--external:@tensorflow/*', `--outfile=${outfile}`];
  const esbuild = scriptPath('../node_modules/esbuild/bin/esbuild');
  const { status, stderr } = spawnSync(esbuild, [scriptPath('../dist/layers.js'), '--log-level=error', ...options]);
  if (status !== 0) throw new Error(`esbuild: ${stderr}`);
  return import(pathToFileURL(outfile).href);
}

const { tf, tfl, about, layers } = await loaders[side]();
const models = new Map();

async function prepare({ key, model: name, frames, dims, batch, layers: whose }) {
  let model = stockModel(tfl, name, frames, dims);
  if (whose === 'ser-kit') {
    const { fromStockModel } = await layers();
    const stock = model;
    model = await fromStockModel(stock, { seed: 1 });
    stock.dispose();
  }
  const optimizer = tf.train.adam(1e-3);
  model.compile({ optimizer, loss: 'categoricalCrossentropy' });
  const x = tf.randomNormal([batch, frames, dims]);
  const labels = Float32Array.from({ length: batch * CLASSES }, (_, i) =>
    Number(i % CLASSES === ((i / CLASSES) | 0) % CLASSES),
  );
  const y = tf.tensor2d(labels, [batch, CLASSES]);
  const clip = tf.slice(x, [0, 0, 0], [1, frames, dims]);
  models.set(key, { model, optimizer, x, y, clip, frames, dims });
  await predict(key, 'x');
  await predict(key, 'clip');
  await models.get(key).model.trainOnBatch(x, y);
}

async function predict(key, what) {
  const entry = models.get(key);
  const probabilities = entry.model.predict(entry[what], { batchSize: BATCH }); // tfjs's default is 32
  await probabilities.data();
  probabilities.dispose();
}

/** One epoch of ser-kit's trainModel over so many clips; of its measurings only one clip's each. */
async function trainEpoch(key, clips) {
  const { trainModel } = await import('../dist/models.js');
  const { model, frames, dims } = models.get(key);
  const data = Float32Array.from({ length: clips * frames * dims }, (_, i) => Math.sin(i * i));
  const train = Array.from({ length: clips }, (_, i) => ({
    features: { data: data.slice(i * frames * dims, (i + 1) * frames * dims), frames, dims },
    target: i % CLASSES,
  }));
  const options = { seed: 1, epochs: 1, batchSize: BATCH, trainingMetricsOn: 1 };
  return timed(1, () => trainModel(model, { train, validation: train.slice(0, 1) }, options));
}

async function timed(repeats, run) {
  const ms = [];
  for (let i = 0; i < repeats; i++) {
    const began = performance.now();
    await run();
    ms.push(performance.now() - began);
  }
  return { ms };
}

await answerQuestions(about, {
  prepare,
  train({ key, repeats }) {
    const { model, x, y } = models.get(key);
    return timed(repeats, () => model.trainOnBatch(x, y));
  },
  epoch: ({ key, clips }) => trainEpoch(key, clips),
  predict: ({ key, repeats }) => timed(repeats, () => predict(key, 'x')),
  clip: ({ key, repeats }) => timed(repeats, () => predict(key, 'clip')),
  forget({ key }) {
    const { model, optimizer, x, y, clip } = models.get(key) ?? {};
    models.delete(key);
    tf.dispose([x, y, clip].filter(Boolean));
    safely(() => model?.dispose());
    safely(() => optimizer?.dispose()); // a model leaves one that it was given
  },
  memory: () => ({ peak: peakMegabytes() }),
});
