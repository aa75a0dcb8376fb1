import type { Waveform } from '../../src/core/waveform.ts';

export type PitchSignal = 'glide' | 'short' | 'one sample' | 'silence';

/** The signals of make_pitch.py's signal(), the same to the bit: 16-bit values at 16 kHz. */
export function pitchSignal(name: PitchSignal): Waveform {
  const sampleRate = 16000;
  if (name === 'silence') return { samples: new Float32Array(3000), sampleRate };
  if (name === 'one sample') return { samples: Float32Array.of(0.25), sampleRate };
  const samples = new Float32Array(name === 'short' ? 900 : 24000);
  let state = 1;
  let phase = 0;
  for (let n = 0; n < samples.length; n++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const t = n / sampleRate;
    phase += (150 + 80 * t + 10 * Math.sin(2 * Math.PI * 5 * t)) / sampleRate;
    let voice = 0;
    for (let k = 1; k <= 8; k++) voice += Math.sin(2 * Math.PI * k * phase + k * k) / k;
    const loud = n >= 8000 && n < 11000 ? 0 : 0.2;
    const noise = n >= 14000 && n < 17000 ? 0.3 : 0.005;
    const value = loud * voice * (noise < 0.1 ? 1 : 0) + noise * loud * (state / 2 ** 31 - 1);
    samples[n] = Math.floor(32768 * value + 0.5) / 32768;
  }
  return { samples, sampleRate };
}

/** A steady tone with harmonics of falling amplitude below half the rate; one harmonic is a pure tone. */
export function tone(f0: number, harmonics: number, sampleRate = 16000, seconds = 0.5): Waveform {
  const samples = new Float32Array(Math.round(seconds * sampleRate));
  for (let k = 1; k <= harmonics && k * f0 < 0.48 * sampleRate; k++) {
    for (let n = 0; n < samples.length; n++) {
      samples[n] += (0.2 / k) * Math.sin((2 * Math.PI * k * f0 * n) / sampleRate + k * k);
    }
  }
  return { samples, sampleRate };
}
