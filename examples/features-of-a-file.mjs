// MFCCs of a recording with their deltas, frame by frame, in librosa's numbers. Needs no TensorFlow.js.
//
//   node features-of-a-file.mjs FILE.wav
import { readFile } from 'node:fs/promises';
import { decodeWav } from 'ser-kit';
import { deltas, frameTimes, mfcc, stack } from 'ser-kit/features';

if (process.argv.length < 3) {
  console.error('usage: node features-of-a-file.mjs FILE.wav');
  process.exit(2);
}
const waveform = decodeWav(await readFile(process.argv[2])); // mono, at the file's own rate

const hopLength = Math.round(waveform.sampleRate / 100); // a frame every 10 ms
const coefficients = mfcc(waveform, { nMfcc: 13, nMels: 40, hopLength });
const features = stack([coefficients, deltas(coefficients)]);

const times = frameTimes(features.frames, { sampleRate: waveform.sampleRate, hopLength });
console.log(['time', ...features.names].join(','));
for (let t = 0; t < features.frames; t++) {
  const frame = features.data.subarray(t * features.dims, (t + 1) * features.dims); // row-major [frames, dims]
  console.log([times[t].toFixed(3), ...frame].join(','));
}
