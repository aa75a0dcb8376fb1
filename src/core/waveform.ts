import { quote, SerKitError } from './errors.ts';
import { checkFinite } from './finite.ts';

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
  checkFinite(`${who}: samples expected finite numbers`, samples, (at) => `at sample ${at}`);
}
