// Holds what the augmentations promise about pitch against librosa.pyin, on recordings of CREMA-D. By hand:
//
//   npm run build
//   PYTHON=.../bin/python SER_KIT_CORPORA=<folder that holds cremad/AudioWAV> node scripts/check-augment.mjs [CLIPS]
//
// Python needs librosa 0.11 and soundfile. For every clip and every case below, check-augment-pitch.py takes the F0 of
// the clip and of its outcome on frames of the same moments, both voiced, and the median of their ratios. A case holds
// where that is within 1 % of the ratio that was asked for, on 95 % of the clips.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as augment from '../dist/augment.js';
import { createRandom, decodeWav } from '../dist/index.js';

/** What is done, and what it should do: `rate` times the pace, `ratio` times the pitch. */
const CASES = [
  ...[0.8, 1.25].map((rate) => ({
    name: `timeStretch wsola ${rate}`,
    make: () => augment.timeStretch({ rate }),
    rate,
    ratio: 1,
  })),
  ...[0.8, 1.25].map((rate) => ({
    name: `timeStretch phaseVocoder ${rate}`,
    make: () => augment.timeStretch({ rate, method: 'phaseVocoder' }),
    rate,
    ratio: 1,
  })),
];

/** More than the 50 that count, as some have fewer than 20 voiced frames. */
const WANTED = Number(process.argv[2] ?? 50);
const MORE = 1.4;

const { PYTHON = 'python3', SER_KIT_CORPORA } = process.env;
if (!SER_KIT_CORPORA) throw new Error('SER_KIT_CORPORA expected a folder that holds cremad/AudioWAV');

const folder = join(SER_KIT_CORPORA, 'cremad', 'AudioWAV');
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.wav'))
  .sort();
const count = Math.min(files.length, Math.ceil(MORE * WANTED));
const clips = Array.from({ length: count }, (_, i) => files[Math.floor((i * files.length) / count)]);

const work = mkdtempSync(join(tmpdir(), 'check-augment-'));
try {
  /** Raw float32 files, so that nothing is rounded or clipped. */
  const write = (path, samples) => {
    writeFileSync(path, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
    return path;
  };
  const jobs = clips.map((clip, i) => {
    const waveform = decodeWav(readFileSync(join(folder, clip)));
    const at = join(work, String(i));
    mkdirSync(at);
    return {
      clip,
      sampleRate: waveform.sampleRate,
      before: write(join(at, 'before.f32'), waveform.samples),
      cases: CASES.map(({ name, make, rate, ratio }, k) => {
        const after = make()(waveform, createRandom(i)).samples;
        return { name, rate, ratio, after: write(join(at, `${k}.f32`), after) };
      }),
    };
  });
  const list = join(work, 'jobs.json');
  writeFileSync(list, JSON.stringify({ wanted: WANTED, jobs }));
  const script = fileURLToPath(new URL('check-augment-pitch.py', import.meta.url));
  const { status } = spawnSync(PYTHON, [script, list], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} finally {
  rmSync(work, { recursive: true });
}
