import { scaleSamples } from '../augment/scale-samples.ts';
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
  const energies = new Float64Array(Math.ceil(samples.length / length));
  const atOnce = 4 * Math.floor(samples.length / (4 * length));
  for (let frame = 0; frame < atOnce; frame += 4) meanSquaresOfFour(samples, frame * length, length, energies, frame);
  for (let frame = atOnce; frame < energies.length; frame++) {
    const begin = frame * length;
    const end = Math.min(samples.length, begin + length);
    let sum = 0;
    for (let i = begin; i < end; i++) sum += samples[i]! * samples[i]!;
    energies[frame] = sum / (end - begin);
  }
  const floor = energies.reduce((most, e) => Math.max(most, e), 0) * 10 ** (-PAUSE_DB / 10);
  if (floor === 0) return 0;
  const active = energies.filter((e) => e >= floor);
  return Math.sqrt(active.reduce((total, e) => total + e, 0) / active.length);
}

/** Of four frames, one after another from samples[begin] on, to out[at] and on; their additions need not wait for one another's. */
function meanSquaresOfFour(samples: Float32Array, begin: number, length: number, out: Float64Array, at: number): void {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  for (let i = begin; i < begin + length; i++) {
    const a = samples[i]!;
    const b = samples[i + length]!;
    const c = samples[i + 2 * length]!;
    const d = samples[i + 3 * length]!;
    sum0 += a * a;
    sum1 += b * b;
    sum2 += c * c;
    sum3 += d * d;
  }
  out[at] = sum0 / length;
  out[at + 1] = sum1 / length;
  out[at + 2] = sum2 / length;
  out[at + 3] = sum3 / length;
}

/** The same recording, its active level brought to `level` (an RMS amplitude). Digital silence stays as it is. */
export function withActiveLevel(waveform: Waveform, level: number): Waveform {
  return scaledTo(level, waveform, () => new Float32Array(waveform.samples.length));
}

/** The same, the samples changed where they lie. */
export function bringToActiveLevel(waveform: Waveform, level: number): Waveform {
  return scaledTo(level, waveform, () => waveform.samples);
}

function scaledTo(level: number, waveform: Waveform, output: () => Float32Array<ArrayBuffer>): Waveform {
  const now = activeLevel(waveform);
  if (now === 0) return waveform;
  const { samples, sampleRate } = waveform;
  const out = output();
  scaleSamples(samples, level / now, out);
  return { samples: out, sampleRate };
}
