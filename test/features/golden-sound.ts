import type { Waveform } from '../../src/core/waveform.ts';

/**
 * A second of a voice-like sound at 16 kHz: harmonics of a pitch that glides from 120 to 210 Hz and trembles, noise that
 * comes and goes, and silence for the last tenth. Of plain arithmetic, so that it is the same for ever.
 */
export function goldenSound(): Waveform {
  const sampleRate = 16000;
  let state = 1;
  let phase = 0;
  const samples = Float32Array.from({ length: sampleRate }, (_, n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const time = n / sampleRate;
    if (time >= 0.9) return 0;
    phase += (2 * Math.PI * (120 + 100 * time + 3 * Math.sin(40 * time))) / sampleRate;
    let voice = 0;
    for (let k = 1; k <= 12; k++) voice += Math.sin(k * phase) / (k + ((k - 6) * (k - 6)) / 8);
    const noise = state / 2 ** 31 - 1;
    return 0.12 * voice * (0.7 + 0.3 * Math.sin(9 * time)) + 0.03 * noise * (1 + Math.sin(23 * time));
  });
  return { samples, sampleRate };
}
