// What studies of UAR on CREMA-D share that compare conditions over the same folds and seeds: one resumable training, and the
// differences to the condition `none` with their intervals.
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createRandom } from '../dist/index.js';
import { unweightedAverageRecall } from '../dist/metrics.js';
import { evaluateRecognizer, trainRecognizer } from '../dist/recognizer.js';

const RESAMPLINGS = 2000;

/**
 * One condition, seed and fold: trained, measured on the fold's test speakers and written as one JSON file; nothing where that is there.
 * `options` are trainRecognizer()'s, asked for only where it trains; `about` is what the file says besides, of the recognizer's provenance.
 */
export async function trainOnce({ out, condition, seed, fold, split, options, about }) {
  const file = join(out, `${condition}-seed${seed}-fold${fold + 1}.json`);
  if (existsSync(file)) return;
  const decided = await options();
  const began = performance.now();
  const recognizer = await trainRecognizer(split, {
    ...decided,
    onEvent: (event) => {
      if (event.type !== 'epoch') return;
      console.error(
        `${basename(file)}: epoch ${event.epoch}, loss ${event.loss.toFixed(3)}, validation UAR ${event.validation.unweightedAverageRecall.toFixed(3)}`,
      );
    },
  });
  const { predictions } = await evaluateRecognizer(recognizer, split.test);
  const { provenance } = recognizer;
  const { history, metrics } = provenance;
  recognizer.dispose();
  const result = {
    condition,
    ...about(provenance),
    seed,
    fold: fold + 1,
    seconds: Math.round((performance.now() - began) / 1000),
    epochs: history.epochs.length,
    bestEpoch: history.bestEpoch,
    train: metrics.train.unweightedAverageRecall,
    validation: metrics.validation.unweightedAverageRecall,
    test: metrics.test.unweightedAverageRecall,
    predictions: predictions.map(({ clip, prediction }) => [clip.id, clip.speakerId, clip.label, prediction.label]),
  };
  writeFileSync(`${file}.part`, JSON.stringify(result));
  renameSync(`${file}.part`, file);
  console.log(`${basename(file)}: test UAR ${result.test.toFixed(4)}, ${result.seconds} s`);
}

/** All finished runs in the folder, also of conditions and seeds that were not asked for this time. */
function finishedRuns(out) {
  return readdirSync(out)
    .filter((file) => /^.+-seed\d+-fold\d+\.json$/.test(file))
    .map((file) => JSON.parse(readFileSync(join(out, file), 'utf8')));
}

/** Tells each condition's difference to `none`, over all finished runs in the folder, and writes summary.json there. */
export function summarize(out) {
  const runs = finishedRuns(out);
  const summary = {};
  for (const name of new Set(runs.map(({ condition }) => condition))) {
    if (name === 'none') continue;
    const pairs = runs
      .filter(({ condition }) => condition === name)
      .map((run) => [runs.find((other) => other.condition === 'none' && isPair(other, run)), run])
      .filter(([without]) => without !== undefined);
    if (pairs.length < 2) continue;
    summary[name] = compare(pairs);
    tell(name, summary[name]);
  }
  writeFileSync(join(out, 'summary.json'), JSON.stringify(summary, null, 1));
}

function isPair(a, b) {
  return a.seed === b.seed && a.fold === b.fold;
}

function compare(pairs) {
  const gains = pairs.map(([without, run]) => run.test - without.test);
  return {
    pairs: pairs.map(([without, run]) => ({ seed: run.seed, fold: run.fold, without: without.test, with: run.test })),
    without: mean(pairs.map(([run]) => run.test)),
    with: mean(pairs.map(([, run]) => run.test)),
    gain: mean(gains),
    better: gains.filter((gain) => gain > 0).length,
    overPairs: studentInterval(gains),
    overSpeakers: speakerBootstrap(pairs),
    seconds: pairs.map(([without, run]) => [without.seconds, run.seconds]),
  };
}

function tell(name, { pairs, without, with: withIt, gain, better, overPairs, overSpeakers }) {
  const points = (x) => `${x < 0 ? '-' : '+'}${Math.abs(100 * x).toFixed(2)}`;
  console.log(
    `${name}: UAR ${(100 * withIt).toFixed(2)} %, without ${(100 * without).toFixed(2)} %: ${points(gain)} points ` +
      `(95 % over the ${pairs.length} pairs of fold and seed ${points(overPairs[0])} to ${points(overPairs[1])}, ` +
      `over speakers ${points(overSpeakers[0])} to ${points(overSpeakers[1])}); better in ${better} of ${pairs.length}`,
  );
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Student's 95 % interval of a mean. The folds' training parts overlap, so it is somewhat too narrow. */
function studentInterval(values) {
  const n = values.length;
  const centre = mean(values);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (n - 1));
  const half = (studentQuantile(n - 1) * deviation) / Math.sqrt(n);
  return [centre - half, centre + half];
}

/** The 97.5 % quantile of Student's t, by its expansion at the normal one (Abramowitz and Stegun 26.7.5). */
function studentQuantile(degrees) {
  const z = 1.959964;
  const [z3, z5, z7] = [z ** 3, z ** 5, z ** 7];
  return (
    z +
    (z3 + z) / (4 * degrees) +
    (5 * z5 + 16 * z3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * degrees ** 3)
  );
}

/** 95 % of the gains in UAR, pooled over folds and meant over seeds, with speakers drawn anew: what other speakers might give. */
function speakerBootstrap(pairs) {
  const speakers = [...new Set(pairs.flatMap(([run]) => run.predictions.map(([, speaker]) => speaker)))];
  const seedsOf = [...new Set(pairs.map(([run]) => run.seed))];
  // For each seed and side: for each speaker, [truth, predicted] of the clips.
  const tables = seedsOf.map((seed) =>
    [0, 1].map((side) => {
      const bySpeaker = new Map(speakers.map((speaker) => [speaker, []]));
      for (const pair of pairs) {
        if (pair[side].seed !== seed) continue;
        for (const [, speaker, truth, predicted] of pair[side].predictions)
          bySpeaker.get(speaker).push([truth, predicted]);
      }
      return bySpeaker;
    }),
  );
  const random = createRandom(1);
  const gains = Array.from({ length: RESAMPLINGS }, () => {
    const drawn = speakers.map(() => speakers[Math.floor(random() * speakers.length)]);
    const uar = (table) => {
      const clips = drawn.flatMap((speaker) => table.get(speaker));
      return unweightedAverageRecall(
        clips.map(([truth]) => truth),
        clips.map(([, predicted]) => predicted),
      );
    };
    return mean(tables.map(([without, withIt]) => uar(withIt) - uar(without)));
  }).sort((a, b) => a - b);
  return [gains[Math.floor(0.025 * RESAMPLINGS)], gains[Math.ceil(0.975 * RESAMPLINGS) - 1]];
}
