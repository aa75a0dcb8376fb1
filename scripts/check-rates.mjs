// A recording and its resamplings by another tool have to get the same answer. Takes clips that a run kept for testing,
// resamples them with sox and with ffmpeg (whichever are installed), and prints the largest difference of any probability.
//
//   node scripts/check-rates.mjs RUN DIR [CLIPS]      (DIR is the corpus the run was trained on; 30 clips)
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '../dist/wasm.js';
import { openCremad } from '../dist/datasets/cremad.js';
import { decodeWav } from '../dist/index.js';
import { openDirectory } from '../dist/node.js';
import { loadRecognizer } from '../dist/recognizer.js';

const ALLOWED = 0.02;
const [run, dir, count = '30'] = process.argv.slice(2);
if (dir === undefined) {
  console.error('usage: node scripts/check-rates.mjs RUN DIR [CLIPS]');
  process.exit(2);
}
await tf.setBackend('wasm');
const recognizer = await loadRecognizer(openDirectory(run));
const kept = new Set(recognizer.provenance.clips.test);
const { clips } = await openCremad(openDirectory(dir));
const held = clips.filter((clip) => kept.has(clip.id));
const step = Math.max(1, Math.floor(held.length / Number(count)));
const chosen = held.filter((_, i) => i % step === 0).slice(0, Number(count));

const tools = {
  sox: (from, rate, to) => execFileSync('sox', ['-D', from, '-r', String(rate), to], { stdio: 'ignore' }),
  ffmpeg: (from, rate, to) => execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', from, '-ar', String(rate), to]),
};
const scratch = mkdtempSync(join(tmpdir(), 'ser-kit-rates-'));
let worst = 0;
let compared = 0;
try {
  for (const [tool, resample] of Object.entries(tools)) {
    for (const rate of [16000, 44100, 48000]) {
      let largest = 0;
      for (const clip of chosen) {
        const file = join(scratch, `${rate}-${basename(clip.path)}`);
        try {
          resample(join(dir, clip.path), rate, file);
        } catch (error) {
          if (error.code !== 'ENOENT') throw error;
          console.log(`${tool} is not installed: left out`);
          break;
        }
        const [a, b] = await recognizer.predictBatch([await clip.load(), decodeWav(await readFile(file))]);
        for (const label of recognizer.labels) {
          largest = Math.max(largest, Math.abs(a.probabilities[label] - b.probabilities[label]));
        }
        compared++;
      }
      if (compared > 0) console.log(`${tool} to ${rate} Hz: largest difference of a probability ${largest.toFixed(4)}`);
      worst = Math.max(worst, largest);
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(
  `${compared} comparisons of ${chosen.length} held-out clips: at most ${worst.toFixed(4)} (allowed ${ALLOWED})`,
);
process.exitCode = compared > 0 && worst <= ALLOWED ? 0 : 1;
