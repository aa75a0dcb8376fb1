// How long extraction of x-vectors takes, waveform to embedding, with SpeechBrain's full-size network (4.2 million weights, 0.54
// GFLOP a second of audio): ser-kit on tfjs's wasm backend as it comes, the same with ser-kit/wasm, and SpeechBrain on PyTorch, one
// thread each, in turn in one run, each in a process of its own. `npm run bench:xvector` builds first.
//   PYTHON=.../bin/python node scripts/bench-xvector.mjs [--seconds 3] [--clips 16] [--rounds 9] [--json FILE]
// Python needs speechbrain 1.1.2 and torch 2.8. Clips are noise of that length at 16 kHz, one at a time and all at once. A ratio
// is of SpeechBrain's time to ours in the same round: its median, and its least and greatest. Time is also counted as the
// processor's, which other work on the machine stretches less.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { median, ONE_THREAD, scriptPath, shorten, startSide, table } from './bench-sides.mjs';

const BAR = 0.35;
const AIM = 0.6;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    clips: { type: 'string', default: '16' },
    rounds: { type: 'string', default: '9' },
    json: { type: 'string' },
  },
});
const [seconds, clips, rounds] = [values.seconds, values.clips, values.rounds].map(Number);
const python = process.env.PYTHON ?? 'python3';
const SIDES = {
  'ser-kit': () => startSide('ser-kit', process.execPath, [scriptPath('bench-xvector-side.mjs'), 'ser-kit']),
  'stock wasm': () => startSide('stock wasm', process.execPath, [scriptPath('bench-xvector-side.mjs'), 'stock']),
  SpeechBrain: () => startSide('SpeechBrain', python, [scriptPath('bench_xvector.py')], ONE_THREAD),
};
const MEASURES = { features: 'front end alone', one: 'one at a time', batch: 'all at once' };

const sides = {};
for (const [name, start] of Object.entries(SIDES)) {
  const side = await start();
  if (side === undefined) continue;
  sides[name] = side;
  console.log(`${name}: ${side.about}`);
}
const names = Object.keys(sides);
const results = { seconds, clips, rounds, about: Object.fromEntries(names.map((name) => [name, sides[name].about])) };
for (const name of names) {
  const { error } = await sides[name].ask({ do: 'prepare', seconds, clips });
  if (error !== undefined) throw new Error(`${name}: ${error}`);
}

const taken = {};
const cpu = {};
for (const measure of Object.keys(MEASURES)) {
  taken[measure] = Object.fromEntries(names.map((name) => [name, []]));
  cpu[measure] = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    // The order turns, so that none is always behind the same other.
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + Math.max(0, round)) % names.length];
      const { ms, cpu: used, error } = await sides[name].ask({ do: measure });
      if (error !== undefined) throw new Error(`${name}, ${measure}: ${error}`);
      if (round < 0) continue; // warming up
      taken[measure][name].push(ms / clips);
      cpu[measure][name].push(used / clips);
    }
  }
}
results.msPerClip = taken;
results.cpuMsPerClip = cpu;

const cell = (ms) => `${shorten(median(ms))} (${shorten(Math.min(...ms))})`;
for (const [what, of] of [
  ['ms a clip', taken],
  ["the processor's ms a clip", cpu],
]) {
  console.log(`\n${clips} clips of ${seconds} s, ${rounds} rounds; ${what}, median (least)`);
  const rows = Object.entries(MEASURES).map(([measure, title]) => [
    title,
    ...names.map((name) => cell(of[measure][name])),
  ]);
  console.log(table([['', ...names], ...rows]));
}

/** SpeechBrain's time as a part of a side's, of both kinds, and whether the bar holds. */
function printRatios(name, measure, title) {
  const ratiosOf = (of) => of[measure][name].map((ms, i) => of[measure].SpeechBrain[i] / ms);
  const parts = Object.entries({ wall: taken, cpu }).map(([kind, of]) => {
    const all = ratiosOf(of);
    const [ratio, least, greatest] = [median(all), Math.min(...all), Math.max(...all)];
    results.ratios[`${name}, ${title}, ${kind}`] = { ratio, least, greatest };
    return { kind, ratio, text: `${shorten(ratio)} (${shorten(least)} to ${shorten(greatest)})` };
  });
  const judged = name === 'ser-kit' && measure !== 'features';
  const [{ ratio }] = parts;
  const verdict = judged
    ? `: bar ${BAR} ${ratio >= BAR ? 'holds' : 'MISSED'}, aim ${AIM} ${ratio >= AIM ? 'holds' : 'missed'}`
    : '';
  console.log(`  ${name}, ${title}: ${parts[0].text}${verdict}; processor ${parts[1].text}`);
}

if (sides.SpeechBrain !== undefined) {
  console.log("\nSpeechBrain's time as a part of ours: median (least to greatest of the rounds)");
  results.ratios = {};
  for (const name of names.filter((each) => each !== 'SpeechBrain')) {
    for (const [measure, title] of Object.entries(MEASURES)) printRatios(name, measure, title);
  }
}
for (const side of Object.values(sides)) side.end();
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(results, null, 1));
