import { quote, SerKitError } from '../core/errors.ts';
import { checkWaveform, type Waveform } from '../core/waveform.ts';
import { Scratch } from '../dsp/scratch.ts';
import { createOutputs, resampledLength } from './resample-outputs.ts';

const scratch = /* @__PURE__ */ new Scratch();

/**
 * The recording at another sample rate: `round(samples * sampleRate / waveform.sampleRate)` samples (halves up), and no
 * delay: output n stands for the same moment as input `n * waveform.sampleRate / sampleRate`.
 *
 * A windowed sinc (Smith, "Digital Audio Resampling", https://ccrma.stanford.edu/~jos/resample/), 64 zero crossings a
 * side under a Kaiser window, summed in float64. Seen from the lower rate's Nyquist frequency: flat within 0.001 dB up
 * to 0.9 of it, and what lies above 1.05 of it comes back 100 dB down or less. Outside the recording there is silence.
 * Samples can leave [-1, 1] a little where the recording touches its ends.
 *
 * Rates need not be whole. Tables for the last few pairs of rates are kept. At an unchanged rate the samples are
 * copied. A recording that is shorter than half a sample of the new rate has no samples there.
 *
 * @param sampleRate  the new rate in Hz
 * @throws SerKitError 'bad-option' for the rate; 'bad-input', 'empty' or 'not-finite' for the waveform
 * @example
 * const at16k = resample(decodeWav(bytes), 16000);
 */
export function resample(waveform: Waveform, sampleRate: number): Waveform {
  const who = 'resample';
  if (typeof sampleRate !== 'number' || !(sampleRate > 0) || !Number.isFinite(sampleRate)) {
    throw new SerKitError('bad-option', `${who}: sampleRate expected Hz > 0, got ${quote(sampleRate)}`);
  }
  checkWaveform(who, waveform);
  return resampleChecked(waveform, sampleRate);
}

/** The same for a waveform, and a rate in Hz, that have been checked. */
export function resampleChecked(waveform: Waveform, sampleRate: number): Waveform {
  const { samples, sampleRate: oldRate } = waveform;
  if (sampleRate === oldRate) return { samples: samples.slice(), sampleRate };

  const length = resampledLength(samples.length, oldRate, sampleRate);
  if (length > 2 ** 30) {
    throw new SerKitError(
      'bad-option',
      `resample: sampleRate expected to give at most 2^30 samples, got ${quote(sampleRate)}, which gives ${length}`,
    );
  }
  const out = new Float32Array(length);
  const outputs = createOutputs(oldRate, sampleRate);
  // Zeros on both sides, so that the inner loops know no edges; float64, so that they convert nothing.
  const first = outputs.firstInput(0);
  const padded = scratch.take(Math.max(samples.length, outputs.endInput(Math.max(0, length - 1))) - first);
  padded.fill(0, 0, -first);
  padded.set(samples, -first);
  padded.fill(0, samples.length - first);
  outputs.compute(padded, first, 0, length, out);
  return { samples: out, sampleRate };
}
