// One way of ser-kit in a process of its own, for bench-features.mjs: in a process that uses both ways V8 compiles code
// that serves both, which nobody's program does, and the slower one lost a fifth.
// Arguments: the folder of the samples, the built module, the options as JSON.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, built, json] = process.argv.slice(2);
const { mfcc } = await import(pathToFileURL(built).href);
const { sampleRate, clipLength, ...options } = JSON.parse(json);
const floats = (name) => new Float32Array(Uint8Array.from(readFileSync(join(folder, name))).buffer);
const together = floats('clips.f32');
const inputs = { clips: [], long: [{ samples: floats('long.f32'), sampleRate }] };
for (let at = 0; at < together.length; at += clipLength) {
  inputs.clips.push({ samples: together.slice(at, at + clipLength), sampleRate });
}

process.on('message', (what) => {
  let last;
  const start = process.cpuUsage();
  for (const waveform of inputs[what]) last = mfcc(waveform, options);
  const used = process.cpuUsage(start);
  process.send({ seconds: (used.user + used.system) / 1e6, total: last.data.reduce((sum, x) => sum + x, 0) });
});
process.on('disconnect', () => process.exit());
