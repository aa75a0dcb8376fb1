import { resample } from '../audio/resample.ts';
import type { Waveform } from '../core/waveform.ts';

/** A checked recording at another rate, and at least one sample of it: a single sample of 96 kHz rounds to none at 16 kHz. */
export function atRate(waveform: Waveform, sampleRate: number): Waveform {
  if (waveform.sampleRate === sampleRate) return waveform;
  const { samples } = resample(waveform, sampleRate);
  return { samples: samples.length > 0 ? samples : waveform.samples.slice(0, 1), sampleRate };
}
