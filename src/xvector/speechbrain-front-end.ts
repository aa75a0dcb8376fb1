import type { FeatureMatrix } from '../core/feature-matrix.ts';
import { checkWaveform, type Waveform } from '../core/waveform.ts';
import { LOGARITHMS, limitRange, powerToDb } from '../dsp/decibel.ts';
import { firstSample, frameCount, visitRuns } from '../dsp/frames.ts';
import { createMelKernel } from '../dsp/kernel/mel-kernel.ts';
import { ShortTimeTransform, stftFraming, stftSettings, windowStart } from '../dsp/stft.ts';
import { createWindow } from '../dsp/window.ts';
import { atRate } from './at-rate.ts';
import type { XvectorFeatures } from './front-ends.ts';
import { applyBank, speechbrainBank } from './speechbrain-bank.ts';

/** Of its frames, in Hz. */
export const SAMPLE_RATE = 16000;
const N_FFT = 400;
const HOP_LENGTH = 160;
/** The least power. */
const LEAST = 1e-10;
/** How far below the clip's greatest value the least may lie, in dB. */
const RANGE_DB = 80;

/**
 * Frames as SpeechBrain's Fbank with sentence normalisation makes them for its x-vectors: 1 + floor(samples / 160) of them at
 * 16 kHz, centred, zeros beyond the ends; 25 ms windows (Hamming, periodic), powers, triangular bands up to 8 kHz (see
 * speechbrainBank()), 10 log10 of at least 1e-10, none further than 80 dB below the clip's greatest; less each band's mean
 * over the clip. In float32 by WebAssembly where it runs, else in float64.
 */
export function createSpeechbrainFrontEnd(nMels: number): XvectorFeatures {
  const settings = stftSettings('createXvector', {
    nFft: N_FFT,
    hopLength: HOP_LENGTH,
    window: 'hamming',
    center: true,
    padMode: 'constant',
  });
  const framing = stftFraming(settings);
  const bank = speechbrainBank(nMels, N_FFT / 2 + 1, SAMPLE_RATE / 2);
  const kernel = createMelKernel({
    nFft: N_FFT,
    hopLength: HOP_LENGTH,
    window: createWindow('hamming', N_FFT),
    windowStart: windowStart(settings),
    mel: bank,
    power: 2,
    least: LEAST,
    factor: LOGARITHMS.db,
    term: 0,
  });
  const transform = new ShortTimeTransform(settings);

  const exact = (samples: Float32Array<ArrayBuffer>, frames: number, data: Float32Array): void => {
    const power = new Float64Array(transform.bins);
    const values = new Float64Array(frames * nMels);
    visitRuns(samples, framing, frames, (buffer, first, frame, count) => {
      for (let t = 0; t < count; t++) {
        transform.power(buffer, first + t * HOP_LENGTH, power);
        applyBank(bank, power, values, (frame + t) * nMels);
      }
    });
    powerToDb(values, 0, values.length, 1, LEAST);
    limitRange(values, values.length, RANGE_DB);
    data.set(values);
  };
  return (waveform: Waveform, who: string): FeatureMatrix => {
    checkWaveform(who, waveform);
    const { samples } = atRate(waveform, SAMPLE_RATE);
    const frames = frameCount(who, samples.length, framing);
    const data = new Float32Array(frames * nMels);
    // Samples of 1e16 overflow float32.
    const done = kernel?.compute(samples, firstSample(framing), frames, 'constant', RANGE_DB, data, 0);
    if (done !== true) exact(samples, frames, data);
    subtractMeans(data, nMels);
    return { data, frames, dims: nMels };
  };
}

/** Takes each column's mean from it. */
function subtractMeans(data: Float32Array, dims: number): void {
  const sums = new Float64Array(dims);
  for (let at = 0; at < data.length; at += dims) for (let i = 0; i < dims; i++) sums[i]! += data[at + i]!;
  const frames = data.length / dims;
  for (let i = 0; i < dims; i++) sums[i]! /= frames;
  for (let at = 0; at < data.length; at += dims) for (let i = 0; i < dims; i++) data[at + i]! -= sums[i]!;
}
