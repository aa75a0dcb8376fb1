// Holds ser-kit's x-vectors against SpeechBrain's: its full-size network with random weights and random batch norms, saved as it
// saves, on recordings of CREMA-D from 0.3 to 5 s given one at a time. By hand:
//
//   PYTHON=.../bin/python SER_KIT_CORPORA=<folder that holds cremad/AudioWAV> npm run check:xvector -- [CLIPS]
//
// Python needs speechbrain 1.1.2 and torch 2.8. CLIPS (20) recordings are brought to 16 kHz by ser-kit, cut or repeated to their
// length, and given to both sides as float32. SpeechBrain's random noise on the pooled mean is left out.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { createXvector, parseSpeechBrainCheckpoint } from '../dist/features/xvector.js';
import { decodeWav, resample } from '../dist/index.js';
import '../dist/wasm.js';

const CLIPS = Number(process.argv[2] ?? 20);
const [SHORTEST, LONGEST] = [0.3, 5];
/** What may be apart: features in dB, at most and in the mean; embeddings' cosine from 1, and values as a part of the greatest. */
const BARS = { 'features, most': 2e-3, 'features, mean': 1e-4, '1 - cosine': 1e-8, 'embedding, most': 1e-4 };

const { PYTHON = 'python3', SER_KIT_CORPORA } = process.env;
if (!SER_KIT_CORPORA) throw new Error('SER_KIT_CORPORA expected a folder that holds cremad/AudioWAV');

const folder = join(SER_KIT_CORPORA, 'cremad', 'AudioWAV');
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.wav'))
  .sort();
const bytesOf = (samples) => new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
const floatsOf = (path) => new Float32Array(Uint8Array.from(readFileSync(path)).buffer);

const work = mkdtempSync(join(tmpdir(), 'check-xvector-'));
try {
  const clips = Array.from({ length: CLIPS }, (_, i) => {
    const name = names[Math.floor(((i + 0.5) * names.length) / CLIPS)];
    const seconds = SHORTEST + ((LONGEST - SHORTEST) * i) / Math.max(1, CLIPS - 1);
    const { samples } = resample(decodeWav(readFileSync(join(folder, name))), 16000);
    const start = seconds < 1 ? Math.floor(samples.length / 3) : 0; // short ones out of the middle, where there is speech
    const cut = Float32Array.from(
      { length: Math.round(16000 * seconds) },
      (_, n) => samples[(start + n) % samples.length],
    );
    writeFileSync(join(work, `${i}.f32`), bytesOf(cut));
    return { name, seconds, waveform: { samples: cut, sampleRate: 16000 } };
  });
  const script = fileURLToPath(new URL('check-xvector.py', import.meta.url));
  const { status } = spawnSync(PYTHON, [script, work, String(CLIPS)], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error('check-xvector.py failed');

  await tf.setBackend('wasm');
  const xvector = createXvector(
    parseSpeechBrainCheckpoint(new Uint8Array(readFileSync(join(work, 'embedding_model.ckpt')))),
  );
  const worst = Object.fromEntries(Object.keys(BARS).map((name) => [name, 0]));
  const note = (name, value) => {
    worst[name] = Math.max(worst[name], value);
  };
  for (const [i, { waveform }] of clips.entries()) {
    const [features, expected] = ['features', 'embedding'].map((what) => floatsOf(join(work, `${i}.${what}.f32`)));
    const matrix = xvector.features(waveform);
    if (matrix.data.length !== features.length)
      throw new Error(`clip ${i}: ${matrix.data.length} values, not ${features.length}`);
    const apart = features.map((value, at) => Math.abs(value - matrix.data[at]));
    note('features, most', Math.max(...apart));
    note('features, mean', apart.reduce((sum, value) => sum + value, 0) / apart.length);
    const got = await xvector.extract(waveform);
    const dot = (a, b) => a.reduce((sum, value, at) => sum + value * b[at], 0);
    note('1 - cosine', 1 - dot(got, expected) / Math.sqrt(dot(got, got) * dot(expected, expected)));
    const greatest = Math.max(...expected.map(Math.abs));
    note('embedding, most', Math.max(...expected.map((value, at) => Math.abs(value - got[at]))) / greatest);
  }
  xvector.dispose();
  console.log(`${CLIPS} clips of ${SHORTEST} to ${LONGEST} s, the worst of each:`);
  for (const [name, bar] of Object.entries(BARS)) {
    const holds = worst[name] <= bar;
    console.log(`  ${name}: ${worst[name].toExponential(2)} (bar ${bar}) ${holds ? 'holds' : 'MISSED'}`);
    if (!holds) process.exitCode = 1;
  }
} finally {
  rmSync(work, { recursive: true });
}
