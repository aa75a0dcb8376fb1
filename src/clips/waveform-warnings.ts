import type { Waveform } from '../core/waveform.ts';
import { activeLevel } from './active-level.ts';

/** Why an answer may mean little: a word for programs and a sentence for people. */
export interface WaveformWarning {
  readonly code: 'silent' | 'near-silent' | 'short' | 'long' | 'band-limited' | 'clipped';
  readonly message: string;
}

const NEAR_SILENT_DBFS = -60;
const SHORT_SECONDS = 0.5;
const LONG_SECONDS = 30;
const CLIPPED_SHARE = 0.01;

/** What speaks against trusting what is said of this recording. `highestHz` is what the features look up to. */
export function waveformWarnings(waveform: Waveform, highestHz: number): WaveformWarning[] {
  const { samples, sampleRate } = waveform;
  const warnings: WaveformWarning[] = [];
  const warn = (code: WaveformWarning['code'], message: string): void => {
    warnings.push({ code, message });
  };
  const level = activeLevel(waveform);
  const db = 20 * Math.log10(level);
  if (level === 0) warn('silent', 'nothing but digital silence: the answer says nothing about a voice');
  else if (db < NEAR_SILENT_DBFS) warn('near-silent', `its loudest parts are at ${db.toFixed(0)} dB of full scale`);
  const seconds = samples.length / sampleRate;
  if (seconds < SHORT_SECONDS) warn('short', `${seconds.toFixed(2)} s is less than half a second of speech`);
  if (seconds > LONG_SECONDS) {
    warn('long', `one answer for all of its ${seconds.toFixed(0)} s; recordings of single sentences say more`);
  }
  if (sampleRate / 2 < highestHz) {
    warn(
      'band-limited',
      `at ${sampleRate} Hz nothing is above ${sampleRate / 2} Hz; the model listens up to ${highestHz} Hz`,
    );
  }
  let full = 0;
  for (const x of samples) if (x >= 0.999 || x <= -0.999) full++;
  if (full / samples.length > CLIPPED_SHARE) {
    warn('clipped', `${((100 * full) / samples.length).toFixed(1)} % of the samples are at full scale`);
  }
  return warnings;
}
