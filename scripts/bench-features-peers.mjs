// The JavaScript libraries that bench-features.mjs compares with, each used as its documentation does, with the settings
// of the benchmark as near as it takes them. They live in scripts/bench-peers, which has its own package.json.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const folder = new URL('bench-peers/', import.meta.url);
const require = createRequire(folder);

/** Installs them there, without the scripts of packages and without the native part of ONNX Runtime. */
export function installPeers() {
  const { status } = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'], {
    cwd: fileURLToPath(folder),
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('npm install in scripts/bench-peers failed');
}

function versionOf(name) {
  return JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, folder), 'utf8')).version;
}

/** Frames of 512 samples, centred as librosa's: none of these libraries takes a window shorter than the transform. */
function centredFrames(samples, visit) {
  const padded = new Float32Array(samples.length + 512);
  padded.set(samples, 256);
  for (let at = 0; at + 512 <= padded.length; at += 160) visit(padded.slice(at, at + 512));
}

function meyda() {
  const Meyda = require('meyda');
  Object.assign(Meyda, { sampleRate: 16000, bufferSize: 512, melBands: 40, numberOfMFCCCoefficients: 13 });
  Meyda.windowingFunction = 'hanning';
  return (samples) => {
    const rows = [];
    centredFrames(samples, (frame) => rows.push(...Meyda.extract('mfcc', frame)));
    return rows;
  };
}

function essentia() {
  const { Essentia, EssentiaWASM } = require('essentia.js');
  const e = new Essentia(EssentiaWASM);
  return (samples) => {
    const rows = [];
    centredFrames(samples, (samplesOfFrame) => {
      const signal = e.arrayToVector(samplesOfFrame);
      const { frame } = e.Windowing(signal, true, 512, 'hann');
      const { spectrum } = e.Spectrum(frame, 512);
      const made = e.MFCC(spectrum, 2, 8000, 257, 0, 'dbamp', 0, 'unit_sum', 40, 13, 16000);
      rows.push(...e.vectorToArray(made.mfcc));
      for (const vector of [signal, frame, spectrum, made.bands, made.mfcc]) vector.delete();
    });
    return rows;
  };
}

async function transformers() {
  // Its entry does not export these functions; its feature extractors are built on them.
  const file = new URL('node_modules/@huggingface/transformers/src/utils/audio.js', folder);
  const { mel_filter_bank, spectrogram, window_function } = await import(file.href);
  const filters = mel_filter_bank(257, 40, 0, 8000, 16000, 'slaney', 'slaney');
  const window = window_function(400, 'hann');
  const options = { fft_length: 512, power: 2, mel_filters: filters, log_mel: 'dB', db_range: 80, transpose: true };
  return async (samples) => (await spectrogram(samples, window, 400, 160, options)).data;
}

/**
 * Those that are installed: { name, version, matrix: 'mfcc' | 'logmel', dims, clips, seconds, run(samples) }. `clips` and
 * `seconds` are how much of the clips and of the long signal it is given.
 */
export async function loadPeers() {
  const all = [
    {
      name: 'transformers.js',
      from: '@huggingface/transformers',
      make: transformers,
      matrix: 'logmel',
      dims: 40,
      clips: 40,
      seconds: 120,
    },
    { name: 'meyda', from: 'meyda', make: meyda, matrix: 'mfcc', dims: 13, clips: 10, seconds: 30 },
    { name: 'essentia.js', from: 'essentia.js', make: essentia, matrix: 'mfcc', dims: 13, clips: 1, seconds: 6 },
  ];
  const loaded = [];
  const missing = [];
  for (const { from, make, ...peer } of all) {
    try {
      loaded.push({ ...peer, version: versionOf(from), run: await make() });
    } catch (error) {
      missing.push({ name: peer.name, reason: String(error.message).split('\n')[0] });
    }
  }
  return { loaded, missing };
}
