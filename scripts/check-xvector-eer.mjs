// How often a compact x-vector errs about who speaks, on speakers of CREMA-D that it never heard, against what 20 MFCCs know.
// By hand:
//
//   npm run check:xvector-eer -- DIR [TWIN.xvector] [--json]
//
// DIR is CREMA-D. Sixteen of its 71 speakers are kept for testing (splitBySpeaker, seed 1); what is learnt, is learnt from the
// other 55. All pairs of the 16 speakers' clips are scored but those of one sentence. The baseline is mfcc(clip) as it comes
// (librosa's defaults, 20 coefficients, at the clip's own rate), each coefficient's mean and deviation over the clip, both
// standardized on the 55, and their cosine. Intervals are a bootstrap over speakers, ratios paired over its draws. It fails where
// the x-vector's cosine has more than 0.6 of the baseline's equal error rate, and refuses a twin whose card says that it learnt
// from a speaker of the test. Without a twin it is the baseline alone.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import '../dist/wasm.js';
import { openCremad } from '../dist/datasets/cremad.js';
import { checkCorpus, splitBySpeaker } from '../dist/datasets.js';
import {
  createXvector,
  fitScoring,
  parseXvector,
  plainCosine,
  scoreTrials,
  speakersHeard,
  trialsOf,
} from '../dist/features/xvector.js';
import { mfcc } from '../dist/features.js';
import { compareEqualErrorRates, equalErrorRateInterval } from '../dist/metrics.js';
import { openDirectory } from '../dist/node.js';

const MOST = 0.6;
const TOGETHER = 16;
const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean' } } });
const [dir, file] = positionals;
if (dir === undefined) {
  console.error('usage: node scripts/check-xvector-eer.mjs DIR [TWIN.xvector] [--json]');
  process.exit(2);
}
const { clips } = await checkCorpus(await openCremad(openDirectory(dir)));
const { train, test } = splitBySpeaker(clips, { seed: 1, validation: 0, test: 16 / 71 });
const speakersOf = (list) => [...new Set(list.map((clip) => clip.speakerId))].sort();
const testSpeakers = speakersOf(test);
if (testSpeakers.length !== 16) throw new Error(`expected 16 test speakers, got ${testSpeakers.length}`);
const weights = file === undefined ? undefined : parseXvector(readFileSync(file));
if (weights !== undefined) refuseHeard(weights.card);

const trials = trialsOf(test, { without: (a, b) => a.sentence.code === b.sentence.code });
console.error(
  `${test.length} clips of ${testSpeakers.join(' ')}: ${trials.same} same and ${trials.different} different pairs`,
);
const started = performance.now();
const progress = (what, done, total) => {
  if (process.stderr.isTTY) process.stderr.write(`\r${what} ${done}/${total}${done === total ? '\n' : ''}`);
};
const trainSpeakers = train.map((clip) => clip.speakerId);
const scores = new Map([['MFCC, cosine', await scoresOfMfcc()]]);
if (weights !== undefined) await addXvectorScores(weights);

const [[, baseline], ...others] = scores;
const rows = [{ name: 'MFCC, cosine', rate: equalErrorRateInterval(baseline, trials, { seed: 1 }) }];
for (const [name, own] of others) {
  const { b, ratio, difference } = compareEqualErrorRates(baseline, own, trials, { seed: 1 });
  rows.push({ name, rate: b, ratio, difference });
}
const share = (x) => `${(100 * x).toFixed(2)} %`;
const range = ({ value, low, high }, form) => `${form(value)} (${form(low)} to ${form(high)})`;
for (const { name, rate, ratio } of rows) {
  const beside = ratio === undefined ? '' : `, ${range(ratio, (x) => x.toFixed(3))} of the baseline's`;
  console.error(`${name.padEnd(30)} EER ${range(rate, share)}${beside}`);
}
console.error(`${((performance.now() - started) / 1000).toFixed(0)} s`);
const found = rows.find(({ name }) => name === 'x-vector, cosine')?.ratio.value;
if (values.json) console.log(JSON.stringify({ speakers: testSpeakers, clips: test.length, rows }));
if (found !== undefined) {
  const holds = found <= MOST;
  console.error(`${holds ? 'holds' : 'FAILS'}: ${found.toFixed(3)} of the baseline's EER, at most ${MOST} wanted`);
  process.exitCode = holds ? 0 : 1;
}

/** Means, then deviations of 20 MFCCs, standardized on the training speakers; their cosine. */
async function scoresOfMfcc() {
  const summary = async (clip) => {
    const { data, frames, dims } = mfcc(await clip.load());
    const out = new Float64Array(2 * dims);
    for (let d = 0; d < dims; d++) {
      for (let t = 0; t < frames; t++) out[d] += data[t * dims + d] / frames;
      for (let t = 0; t < frames; t++) out[dims + d] += (data[t * dims + d] - out[d]) ** 2 / frames;
      out[dims + d] = Math.sqrt(out[dims + d]);
    }
    return out;
  };
  const of = async (list) => {
    const out = [];
    for (const clip of list) {
      out.push(await summary(clip));
      progress('MFCC', out.length, list.length);
    }
    return out;
  };
  const learnt = await of(train);
  const mean = learnt[0].map((_, d) => learnt.reduce((sum, row) => sum + row[d], 0) / learnt.length);
  const deviation = mean.map((m, d) =>
    Math.sqrt(learnt.reduce((sum, row) => sum + (row[d] - m) ** 2, 0) / learnt.length),
  );
  const standardized = (await of(test)).map((row) => row.map((x, d) => (x - mean[d]) / deviation[d]));
  return scoreTrials(standardized, trials, plainCosine());
}

async function addXvectorScores(network) {
  await tf.setBackend('wasm');
  const xvector = createXvector(network);
  const embed = async (list) => {
    const out = [];
    for (let from = 0; from < list.length; from += TOGETHER) {
      const waveforms = await Promise.all(list.slice(from, from + TOGETHER).map((clip) => clip.load()));
      out.push(...(await xvector.extractBatch(waveforms)));
      progress('x-vectors', out.length, list.length);
    }
    return out;
  };
  const tested = await embed(test);
  scores.set('x-vector, cosine', scoreTrials(tested, trials, plainCosine()));
  const learnt = await embed(train);
  for (const [name, options] of [
    ['centred, cosine', { method: 'cosine' }],
    ['LDA, cosine', { method: 'lda' }],
    ['LDA of 20, cosine', { method: 'lda', components: 20 }],
    ['LDA, PLDA', { method: 'plda' }],
    ['LDA of 20, PLDA', { method: 'plda', components: 20 }],
    ['PLDA', { method: 'plda', components: null }],
  ]) {
    if (options.components > xvector.dims) continue;
    scores.set(`x-vector, ${name}`, scoreTrials(tested, trials, fitScoring(learnt, trainSpeakers, options)));
  }
  xvector.dispose();
}

/** A card that names no speakers is not believed to have kept any from training. */
function refuseHeard(card) {
  const heard = speakersHeard(card);
  if (heard.size === 0) throw new Error(`${file}: the card expected the speakers that it learnt from, got none`);
  const among = testSpeakers.filter((id) => heard.has(id));
  if (among.length > 0) throw new Error(`${file}: expected test speakers that it never heard, got ${among.join(', ')}`);
}
