// How long training takes: tfjs's wasm backend as it comes, tfjs-node, ser-kit on wasm and PyTorch, in turn in one run,
// each in a process of its own. `npm run bench:training` builds first.
//   node scripts/bench-training.mjs [--models lstm,crnn] [--rounds N] [--frames 100 --dims 40] [--json FILE] [--quick]
// The networks are those of bench-models.mjs, batch 64, six classes, Adam; ser-kit's side is the same network with the
// recurrent layers of `ser-kit/layers` (fromStockModel) and tfjs's others. tfjs-node may use every core, the others one
// thread. TFJS_NODE: a folder in which @tensorflow/tfjs-node is installed; PYTHON: a Python with torch. Without
// --frames and --dims both 100 x 40 and 300 x 60 (ser-kit and PyTorch only) are measured, then how time grows, memory at 1,000
// frames, and ser-kit's layers on tfjs-node. A training step is that of tfjs's trainOnBatch on every tfjs side, so that only layers
// and kernels differ; ser-kit's own trainModel took about a tenth less a step for an LSTM (115 ms in place of 126) and a
// twentieth for a CNN-LSTM (90 in place of 94). How time grows with clips is measured on trainModel. Ratios are of medians; bars are those of the project's issue on training.
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { MODELS } from './bench-models.mjs';
import { inTurn, median, ONE_THREAD, scriptPath, shorten, startSide, table } from './bench-sides.mjs';

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: Object.keys(MODELS).join() },
    rounds: { type: 'string' },
    frames: { type: 'string' },
    dims: { type: 'string' },
    json: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const names = values.models.split(',');
const unknown = names.filter((name) => !(name in MODELS));
if (unknown.length > 0) {
  console.error(`bench:training: --models expected ${Object.keys(MODELS).join()}, got ${unknown.join()}`);
  process.exit(2);
}
const { quick } = values;
const rounds = Number(values.rounds ?? (quick ? 2 : 7));
const BATCH = 64;

// What ser-kit's median may be of another side's, by network.
const TRAIN_BARS = {
  rnn: { 'tfjs-node': 1, PyTorch: 4 },
  lstm: { stock: 1 / 8, 'tfjs-node': 1 / 2, PyTorch: 2.5 },
  gru: { 'tfjs-node': 1, PyTorch: 4 },
  bilstm: { 'tfjs-node': 1, PyTorch: 4 },
  crnn: { 'tfjs-node': 1.3 },
  cnn2d: { 'tfjs-node': 1.5 },
};
const BARS = {
  train: (name) => TRAIN_BARS[name],
  predict: () => ({ PyTorch: 3 }),
  clip: (name) => (name === 'crnn' ? { 'tfjs-node': 1 / 3 } : {}),
};
const MEASURES = { train: 'training step', predict: 'prediction of a batch', clip: 'prediction of one clip' };

const tfjsSide = (name) => startSide(name, process.execPath, [scriptPath('bench-tfjs-side.mjs'), name], QUIET);
const QUIET = { TF_CPP_MIN_LOG_LEVEL: '2' };
const python = process.env.PYTHON ?? 'python3';
const results = { machine: { cores: availableParallelism(), node: process.version }, bars: [] };
const sides = {};

async function start(name, starting) {
  const side = await starting();
  if (side === undefined) return;
  sides[name] = side;
  console.log(`${name}: ${side.about}`);
}

console.log(`Node ${process.version}, ${availableParallelism()} cores; batch ${BATCH}, medians (minima) in ms`);
await start('ser-kit', () => tfjsSide('ser-kit'));
if (sides['ser-kit'] === undefined) process.exit(1);
await start('stock', () => tfjsSide('stock'));
if (process.env.TFJS_NODE === undefined) console.log('tfjs-node: TFJS_NODE names no folder, its column stays empty');
else await start('tfjs-node', () => tfjsSide('tfjs-node'));
await start('PyTorch', () => startSide('PyTorch', python, [scriptPath('bench_training.py')], ONE_THREAD));

function judge(what, ratio, bar, unit = ' times') {
  const holds = ratio <= bar;
  results.bars.push({ what, ratio, bar, holds });
  console.log(`  ${what}: ${shorten(ratio)}${unit} (bar ${shorten(bar)}) ${holds ? 'holds' : 'MISSED'}`);
}

const repeatsOf = (side, measure) => {
  if (side === 'stock') return 1; // a second and more each
  return (quick ? 2 : 4) * (measure === 'clip' ? 3 : 1);
};

/** One network at one size on some sides; by measure and side, the milliseconds. */
async function measureModel(name, frames, dims, on) {
  const able = [];
  for (const side of on) {
    const layers = side === 'ser-kit' ? 'ser-kit' : 'stock';
    const { error } = await sides[side].ask({
      do: 'prepare',
      key: name,
      model: name,
      frames,
      dims,
      batch: BATCH,
      layers,
    });
    if (error === undefined) able.push(side);
    else console.log(`  ${side} cannot train ${MODELS[name].title}: ${error}`);
  }
  const taken = {};
  for (const measure of Object.keys(MEASURES)) {
    const turn = (side) => async () => {
      const { ms, error } = await sides[side].ask({ do: measure, key: name, repeats: repeatsOf(side, measure) });
      if (error !== undefined) throw new Error(`${side}, ${name}, ${measure}: ${error}`);
      return ms;
    };
    taken[measure] = await inTurn(Object.fromEntries(able.map((side) => [side, turn(side)])), rounds);
  }
  for (const side of on) await sides[side].ask({ do: 'forget', key: name });
  return taken;
}

async function measureSize(frames, dims, on, kept) {
  console.log(`\n== ${frames} frames x ${dims}`);
  const all = {};
  for (const name of names) {
    console.error(`${MODELS[name].title} ...`);
    all[name] = await measureModel(name, frames, dims, on);
  }
  results[`${frames}x${dims}`] = all;
  for (const [measure, title] of Object.entries(MEASURES)) {
    const cell = (ms) => (ms === undefined ? '-' : `${shorten(median(ms))} (${shorten(Math.min(...ms))})`);
    const rows = names.map((name) => [MODELS[name].title, ...on.map((side) => cell(all[name][measure][side]))]);
    console.log(`\n${table([[title, ...on], ...rows])}`);
    for (const name of names) {
      const { 'ser-kit': ours, ...others } = all[name][measure];
      if (ours === undefined) continue;
      for (const [side, bar] of Object.entries(BARS[measure](name))) {
        if (others[side] === undefined || !kept(side)) continue;
        judge(`${MODELS[name].title}, ${title}, ser-kit / ${side}`, median(ours) / median(others[side]), bar);
      }
    }
  }
}

async function printMemory(bar) {
  const peaks = {};
  for (const [name, side] of Object.entries(sides)) peaks[name] = (await side.ask({ do: 'memory' })).peak;
  results.peakMegabytes = peaks;
  const text = Object.entries(peaks).map(([name, peak]) => `${name} ${peak.toFixed(0)}`);
  console.log(`\npeak resident size so far, MB: ${text.join(', ')}`);
  if (bar !== undefined) judge("ser-kit's peak", peaks['ser-kit'], bar, ' MB');
}

/** Time of ser-kit's training step, or of an epoch of trainModel over `clips`, as one size grows, and the power of that size it grows by. */
async function measureGrowth(name, title, sizes, shapeOf) {
  const key = 'growth';
  const taken = [];
  for (const size of sizes) {
    const { clips, ...shape } = shapeOf(size);
    const question = clips === undefined ? { do: 'train', key, repeats: 1 } : { do: 'epoch', key, clips };
    await sides['ser-kit'].ask({ do: 'prepare', key, model: name, dims: 40, layers: 'ser-kit', ...shape });
    const ms = [];
    for (let i = 0; i < (quick ? 2 : 5); i++) {
      const answer = await sides['ser-kit'].ask(question);
      if (answer.error !== undefined) throw new Error(`${name}, ${title}: ${answer.error}`);
      ms.push(...answer.ms);
    }
    taken.push(Math.min(...ms)); // noise only adds
    await sides['ser-kit'].ask({ do: 'forget', key });
  }
  results[`growth ${name} ${title}`] = Object.fromEntries(sizes.map((size, i) => [size, taken[i]]));
  console.log(
    `\n${table([
      [`${MODELS[name].title}, ms by ${title}`, ...sizes.map(String)],
      ['', ...taken.map(shorten)],
    ])}`,
  );
  judge(`${MODELS[name].title}: time grows with ${title} to the power of`, slopeOf(sizes, taken), 1.1, '');
}

/** Least squares through the logarithms: 1 where one grows in proportion to the other. */
function slopeOf(sizes, times) {
  const [x, y] = [sizes.map(Math.log), times.map(Math.log)];
  const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const [mx, my] = [mean(x), mean(y)];
  return mean(x.map((v, i) => (v - mx) * (y[i] - my))) / mean(x.map((v) => (v - mx) ** 2));
}

const everySide = Object.keys(sides);
if (values.frames !== undefined || values.dims !== undefined) {
  await measureSize(Number(values.frames ?? 100), Number(values.dims ?? 40), everySide, () => true);
  await printMemory();
} else {
  await measureSize(100, 40, everySide, () => true);
  await printMemory(1000);

  const few = everySide.filter((side) => side === 'ser-kit' || side === 'PyTorch');
  await measureSize(300, 60, few, (side) => side === 'PyTorch');

  console.log('\n== how the time of a training step grows (ser-kit, 40 dims)');
  const half = (list) => (quick ? list.filter((_, i) => i % 2 === 0) : list);
  for (const name of ['lstm', 'crnn'].filter((each) => names.includes(each))) {
    await measureGrowth(name, 'frames', half([50, 100, 200, 400, 800]), (frames) => ({ frames, batch: BATCH }));
    await measureGrowth(name, 'batch', half([16, 32, 64, 128]), (batch) => ({ frames: 100, batch }));
    const inEpoch = (clips) => ({ frames: 100, batch: BATCH, clips });
    await measureGrowth(name, 'clips', half([64, 128, 256, 512]), inEpoch);
  }
  await measureLongClips();
  if (sides['tfjs-node'] !== undefined) await measureLayersOnTfjsNode();
}
for (const side of Object.values(sides)) side.end();

/** Memory of 1,000 frames, in a process that has done nothing else. */
async function measureLongClips() {
  console.log('\n== 1,000 frames x 40, batch 64');
  for (const name of ['lstm', 'crnn'].filter((each) => names.includes(each))) {
    const side = await tfjsSide('ser-kit');
    const shape = { frames: 1000, dims: 40, batch: BATCH, layers: 'ser-kit' };
    const { error } = await side.ask({ do: 'prepare', key: 'long', model: name, ...shape });
    if (error !== undefined) throw new Error(error);
    const { ms } = await side.ask({ do: 'train', key: 'long', repeats: 3 });
    const { peak } = await side.ask({ do: 'memory' });
    side.end();
    console.log(`${MODELS[name].title}: ${shorten(median(ms))} ms a step`);
    judge(`${MODELS[name].title}, 1,000 frames: peak`, peak, 2000, ' MB');
  }
}

/** ser-kit's recurrent layers on tfjs-node against tfjs's own there, in turn in one process. */
async function measureLayersOnTfjsNode() {
  console.log("\n== on tfjs-node: ser-kit's layers against tfjs's own, training steps of 100 frames x 40");
  const side = sides['tfjs-node'];
  for (const name of ['lstm', 'gru', 'bilstm'].filter((each) => names.includes(each))) {
    const turns = {};
    for (const layers of ['ser-kit', 'stock']) {
      const shape = { frames: 100, dims: 40, batch: BATCH, layers };
      const { error } = await side.ask({ do: 'prepare', key: layers, model: name, ...shape });
      if (error !== undefined) throw new Error(`${layers} ${name} on tfjs-node: ${error}`);
      turns[layers] = async () => (await side.ask({ do: 'train', key: layers, repeats: 2 })).ms;
    }
    const taken = await inTurn(turns, quick ? 2 : 5);
    for (const key of ['ser-kit', 'stock']) await side.ask({ do: 'forget', key });
    results[`tfjs-node layers ${name}`] = taken;
    const text = Object.entries(taken).map(([layers, ms]) => `${layers} ${shorten(median(ms))} ms`);
    console.log(`${MODELS[name].title}: ${text.join(', ')}`);
    judge(`${MODELS[name].title} on tfjs-node, ser-kit's / its own`, median(taken['ser-kit']) / median(taken.stock), 1);
  }
}

const missed = results.bars.filter(({ holds }) => !holds);
console.log(
  `\n${results.bars.length} bars, ${missed.length} missed${missed.map(({ what }) => `\n  ${what}`).join('')}`,
);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
