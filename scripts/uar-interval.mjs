// The UAR of a saved run on the speakers it kept for testing, with a 95 % interval: a bootstrap over speakers, since
// clips of one speaker are right or wrong together.
//
//   node scripts/uar-interval.mjs RUN DIR
import * as tf from '@tensorflow/tfjs-core';
import '../dist/wasm.js';
import { openCremad } from '../dist/datasets/cremad.js';
import { createRandom } from '../dist/index.js';
import { accuracy, unweightedAverageRecall } from '../dist/metrics.js';
import { openDirectory } from '../dist/node.js';
import { evaluateRecognizer, loadRecognizer } from '../dist/recognizer.js';

const RESAMPLINGS = 5000;
const [run, dir] = process.argv.slice(2);
if (dir === undefined) {
  console.error('usage: node scripts/uar-interval.mjs RUN DIR');
  process.exit(2);
}
await tf.setBackend('wasm');
const recognizer = await loadRecognizer(openDirectory(run));
const kept = new Set(recognizer.provenance.clips.test);
const corpus = await openCremad(openDirectory(dir));
const { predictions } = await evaluateRecognizer(
  recognizer,
  corpus.clips.filter((clip) => kept.has(clip.id)),
);
const bySpeaker = new Map();
for (const { clip, prediction } of predictions) {
  const pairs = bySpeaker.get(clip.speakerId) ?? [];
  pairs.push([clip.label, prediction.label]);
  bySpeaker.set(clip.speakerId, pairs);
}
const speakers = [...bySpeaker.values()];
const random = createRandom(1);
const measure = (metric, groups) => {
  const pairs = groups.flat();
  return metric(
    pairs.map(([truth]) => truth),
    pairs.map(([, predicted]) => predicted),
  );
};
for (const [name, metric] of Object.entries({ accuracy, UAR: unweightedAverageRecall })) {
  const drawn = Array.from({ length: RESAMPLINGS }, () =>
    measure(
      metric,
      speakers.map(() => speakers[Math.floor(random() * speakers.length)]),
    ),
  ).sort((a, b) => a - b);
  const [low, high] = [drawn[Math.floor(0.025 * RESAMPLINGS)], drawn[Math.ceil(0.975 * RESAMPLINGS) - 1]];
  const value = measure(metric, speakers);
  console.log(
    `${name} ${value.toFixed(4)}, 95 % interval ${low.toFixed(3)} to ${high.toFixed(3)} (${predictions.length} clips of ${speakers.length} speakers)`,
  );
}
