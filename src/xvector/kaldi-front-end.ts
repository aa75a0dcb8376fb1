import { SerKitError } from '../core/errors.ts';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import { checkWaveform, type Waveform } from '../core/waveform.ts';
import { createMfcc } from '../features/mfcc.ts';
import { slidingCmvn } from '../features/sliding-cmvn.ts';
import { atRate } from './at-rate.ts';
import { energyVad } from './energy-vad.ts';
import type { XvectorFrontEnd } from './weights.ts';

/** Samples count as 16-bit integers in Kaldi. */
const SCALE = 32768;
/** The floor under an energy: float32's epsilon. */
const LEAST_ENERGY = 2 ** -23;

/**
 * The frames that a Kaldi x-vector network sees, [voiced frames, dims], as egs/voxceleb/v2 makes them (compute-mfcc-feats,
 * apply-cmvn-sliding, select-voiced-frames): `dims` MFCC of 25 ms every 10 ms without dither, frames centred on their step with the
 * samples mirrored at the ends (snip-edges false), coefficient 0 replaced by the log energy; the mean of the 300 frames around
 * taken off, the window moved inwards at the ends; and the frames whose log energy is that of speech. A recording of another
 * rate is resampled.
 *
 * @returns the function, which throws SerKitError 'too-short' for less than half a step, 'empty' where no frame is voiced
 */
export function createKaldiFrontEnd(
  frontEnd: Extract<XvectorFrontEnd, { kind: 'kaldi' }>,
  dims: number,
): (waveform: Waveform, who: string) => FeatureMatrix {
  const { sampleRate, nMels, fMin, fMax, cmnWindow, vad } = frontEnd;
  const extractor = createMfcc({ sampleRate, preset: 'kaldi', nMfcc: dims, nMels, fMin, fMax });
  const { hopLength, winLength } = extractor.config;
  const halfHop = Math.floor(hopLength / 2);
  return (waveform, who) => {
    checkWaveform(who, waveform);
    const { samples } = atRate(waveform, sampleRate);
    const frames = Math.floor((samples.length + halfHop) / hopLength);
    if (frames === 0) {
      throw new SerKitError(
        'too-short',
        `${who}: waveform expected at least ${hopLength - halfHop} samples at ${sampleRate} Hz, got ${samples.length}`,
      );
    }
    const padded = mirrored(samples, Math.floor(winLength / 2) - halfHop, (frames - 1) * hopLength + winLength);
    const matrix = extractor.extract({ samples: padded, sampleRate });
    for (let t = 0; t < frames; t++) matrix.data[t * dims] = logEnergy(padded, t * hopLength, winLength);
    const centred = slidingCmvn(matrix, { window: cmnWindow });
    const { data } = centred;
    if (!vad) return { data, frames, dims };
    const voiced = energyVad(Float32Array.from({ length: frames }, (_, t) => matrix.data[t * dims]!));
    const kept = voiced.reduce((sum, each) => sum + each, 0);
    if (kept === 0) {
      throw new SerKitError('empty', `${who}: waveform expected speech, got no voiced frame among ${frames}`);
    }
    const selected = new Float32Array(kept * dims);
    for (let t = 0, at = 0; t < frames; t++) {
      if (voiced[t] === 0) continue;
      selected.set(data.subarray(t * dims, (t + 1) * dims), at);
      at += dims;
    }
    return { data: selected, frames: kept, dims };
  };
}

/** The samples with `before` of them mirrored before the first, `length` in all; mirrors lie at the edges, again and again. */
function mirrored(samples: Float32Array, before: number, length: number): Float32Array<ArrayBuffer> {
  const padded = new Float32Array(length);
  const n = samples.length;
  for (let i = 0; i < length; i++) {
    const at = (((i - before) % (2 * n)) + 2 * n) % (2 * n);
    padded[i] = samples[at < n ? at : 2 * n - 1 - at]!;
  }
  return padded;
}

/** Of a frame's samples without their mean, before pre-emphasis and window. */
function logEnergy(samples: Float32Array, from: number, length: number): number {
  let sum = 0;
  for (let i = from; i < from + length; i++) sum += samples[i]!;
  const mean = sum / length;
  let energy = 0;
  for (let i = from; i < from + length; i++) energy += (samples[i]! - mean) ** 2;
  return Math.log(Math.max(energy * SCALE * SCALE, LEAST_ENERGY));
}
