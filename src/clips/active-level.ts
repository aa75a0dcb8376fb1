import type { Waveform } from '../core/waveform.ts';

const FRAME_SECONDS = 0.02;
/** Frames this far below the loudest one are pauses. */
const PAUSE_DB = 30;

/**
 * The level of a recording where something is to be heard: the RMS over its 20 ms frames that are within 30 dB of the
 * loudest one. In the spirit of ITU-T P.56's active speech level, without its envelope tracking: pauses before, after and
 * between words do not pull it down. 0 for digital silence.
 */
export function activeLevel({ samples, sampleRate }: Waveform): number {
  const length = Math.max(1, Math.round(FRAME_SECONDS * sampleRate));
  const energies: number[] = [];
  for (let begin = 0; begin < samples.length; begin += length) {
    const end = Math.min(samples.length, begin + length);
    let sum = 0;
    for (let i = begin; i < end; i++) sum += samples[i]! ** 2;
    energies.push(sum / (end - begin));
  }
  const floor = energies.reduce((most, e) => Math.max(most, e), 0) * 10 ** (-PAUSE_DB / 10);
  if (floor === 0) return 0;
  const active = energies.filter((e) => e >= floor);
  return Math.sqrt(active.reduce((total, e) => total + e, 0) / active.length);
}

/** The same recording, its active level brought to `level` (an RMS amplitude). Digital silence stays as it is. */
export function withActiveLevel(waveform: Waveform, level: number): Waveform {
  const now = activeLevel(waveform);
  if (now === 0) return waveform;
  const gain = level / now;
  const { samples, sampleRate } = waveform;
  const out = new Float32Array(samples.length);
  for (let i = 0; i < out.length; i++) out[i] = gain * samples[i]!;
  return { samples: out, sampleRate };
}
