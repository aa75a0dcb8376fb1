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
  if (!allFinite(samples)) {
    const at = samples.findIndex((x) => !Number.isFinite(x));
    throw new SerKitError('not-finite', `${who}: samples expected finite numbers, got ${samples[at]} at sample ${at}`);
  }
}

/** True unless a value is NaN or infinite. */
export function allFinite(values: Float32Array): boolean {
  // float64 cannot overflow on float32 numbers, so the sum is finite when they are. Four a turn: additions then need
  // not wait for one another.
  let sum = 0;
  let i = 0;
  for (; i < values.length - 3; i += 4) sum += values[i]! + values[i + 1]! + (values[i + 2]! + values[i + 3]!);
  for (; i < values.length; i++) sum += values[i]!;
  return Number.isFinite(sum);
}
