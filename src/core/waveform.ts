import { quote, SerKitError } from './errors.ts';

/** A mono recording: samples nominally in [-1, 1], and their rate in Hz. A plain object. */
export interface Waveform {
  readonly samples: Float32Array<ArrayBuffer>;
  readonly sampleRate: number;
}

/**
 * Checks a waveform that comes from outside: a Float32Array of finite samples, at least one, at a rate above 0.
 *
 * @param who  the function's public name, with which a message begins
 * @throws SerKitError 'bad-input', 'empty' or 'not-finite' (with the place of the first bad sample)
 */
export function checkWaveform(who: string, waveform: Waveform): void {
  if (waveform === null || typeof waveform !== 'object') {
    throw new SerKitError('bad-input', `${who}: waveform expected { samples, sampleRate }, got ${quote(waveform)}`);
  }
  const { samples, sampleRate } = waveform;
  if (!(samples instanceof Float32Array)) {
    throw new SerKitError('bad-input', `${who}: waveform.samples expected a Float32Array, got ${quote(samples)}`);
  }
  if (typeof sampleRate !== 'number' || !(sampleRate > 0) || !Number.isFinite(sampleRate)) {
    throw new SerKitError('bad-input', `${who}: waveform.sampleRate expected Hz > 0, got ${quote(sampleRate)}`);
  }
  if (samples.length === 0) throw new SerKitError('empty', `${who}: waveform expected at least one sample, got none`);
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i]! * 0; // stays 0 (or -0) unless one is NaN or infinite
  if (sum !== 0) {
    const at = samples.findIndex((x) => !Number.isFinite(x));
    throw new SerKitError('not-finite', `${who}: samples expected finite numbers, got ${samples[at]} at sample ${at}`);
  }
}
