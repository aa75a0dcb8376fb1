// An hour of 48 kHz audio in blocks of 20 ms through the streaming resampler and a feature set's stream, as a live
// recognizer would: counts the frames, and fails where the process ever held 100 MB.
//
//   node scripts/check-stream.mjs [SET]     after npm run build

import { createFeatureSet } from '../dist/features.js';
import { createResampler } from '../dist/index.js';

const HOUR = 3600;
const FROM = 48000;
const LIMIT_MB = 100;
const set = process.argv[2] ?? 'mfcc40.v1';

const extractor = createFeatureSet(set);
const { sampleRate } = extractor.config;
const resampler = createResampler({ from: FROM, to: sampleRate });
const stream = extractor.stream();
const block = new Float32Array(FROM / 50);
let state = 1;
let frames = 0;
let sum = 0;
const take = (matrix) => {
  frames += matrix.frames;
  for (const value of matrix.data) sum += value;
};
const began = performance.now();
for (let at = 0; at < HOUR * FROM; at += block.length) {
  for (let n = 0; n < block.length; n++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    block[n] = 0.3 * Math.sin((at + n) * 0.02) + 0.1 * (state / 2 ** 31 - 1);
  }
  take(stream.push(resampler.push(block)));
}
take(stream.push(resampler.flush()));
take(stream.flush());
const seconds = (performance.now() - began) / 1000;
const peakMb = process.resourceUsage().maxRSS / 1024;

console.log(
  `${set}: ${frames} frames of an hour of ${FROM} Hz, ${(HOUR / seconds).toFixed(0)} times real time; the process held at most ${peakMb.toFixed(0)} MB`,
);
const { hopLength } = extractor.framing;
const expected = 1 + (HOUR * sampleRate) / hopLength;
if (frames !== expected || !Number.isFinite(sum)) throw new Error(`expected ${expected} frames of finite numbers`);
if (peakMb >= LIMIT_MB) throw new Error(`expected less than ${LIMIT_MB} MB`);
