// ser-kit's side of bench-augment.mjs. Arguments: the folder of the clips, the built module of ser-kit/augment.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createRandom, decodeWav } from '../dist/index.js';
import { BACKGROUND, RESPONSE } from './bench-augment-rows.mjs';
import { answerQuestions } from './bench-sides.mjs';

const [folder, built] = process.argv.slice(2);
const { parseTransform, transformNames } = await import(pathToFileURL(built).href);
const { sampleRate, sets } = JSON.parse(readFileSync(join(folder, 'clips.json'), 'utf8'));
const together = new Float32Array(new Uint8Array(readFileSync(join(folder, 'clips.f32'))).buffer);
const clips = {};
for (const [name, places] of Object.entries(sets)) {
  clips[name] = places.map(([at, length]) => ({ samples: together.slice(at, at + length), sampleRate }));
}
const recordings = {};
for (const name of [BACKGROUND, RESPONSE])
  recordings[name] = decodeWav(new Uint8Array(readFileSync(join(folder, name))));

const DIMS = 40;
/** 40 numbers each 10 ms, as long as the clip. */
function matrixOf({ samples }) {
  const frames = Math.round(samples.length / (sampleRate / 100));
  return { data: Float32Array.from({ length: frames * DIMS }, (_, i) => Math.sin(i)), frames, dims: DIMS };
}

let transform;
let inputs;
const random = createRandom(1);
await answerQuestions(`Node ${process.version}`, {
  names: () => ({ names: transformNames() }),
  prepare: ({ json, features }) => {
    transform = parseTransform(json, { recordings });
    inputs = Object.fromEntries(
      Object.entries(clips).map(([name, list]) => [name, features ? list.map(matrixOf) : list]),
    );
    return {};
  },
  /** Goes through the set's clips, again and again, for at least `ms` of CPU time of this process, all its threads. */
  time: ({ set, ms }) => {
    let passes = 0;
    const start = process.cpuUsage();
    for (;;) {
      for (const input of inputs[set]) transform(input, random);
      passes++;
      const { user, system } = process.cpuUsage(start);
      if (user + system >= ms * 1000) return { ms: (user + system) / 1000 / passes };
    }
  },
});
