import type { Waveform } from '../core/waveform.ts';
import { speechFrames } from '../features/speech-frames.ts';

/** Those of voiceActivity(), whose steps 1 and 2 this is: in frames that do not overlap, a tenth of the work. */
const LEVELS = { lower: 0.03, upper: 0.1, noisePercentile: 10, minContrastDb: 6 };

/** A place with this share of the most speech that any place has is a good one. */
const GOOD = 0.95;

/**
 * The first sample of one of the stretches with the most speech, 20 ms from each other; undefined where there is no speech.
 *
 * @param length  of the stretch, in samples, less than the clip's
 * @param u  chooses among the good places, in [0, 1)
 */
export function voicedStart(waveform: Waveform, length: number, u: number): number | undefined {
  const { samples, sampleRate } = waveform;
  const hop = Math.max(1, Math.round(0.02 * sampleRate));
  const active = loudFrames(samples, hop);
  const before = new Float64Array(active.length + 1);
  for (let t = 0; t < active.length; t++) before[t + 1] = before[t]! + active[t]!;
  const frameAt = (sample: number): number => Math.min(active.length, Math.round(sample / hop));
  const last = samples.length - length;
  const count = Math.ceil(last / hop) + 1;
  const placeOf = (i: number): number => Math.min(last, i * hop);
  const speech = new Float64Array(count);
  let most = 0;
  for (let i = 0; i < count; i++) {
    const begin = placeOf(i);
    const first = frameAt(begin);
    const end = Math.max(Math.min(active.length, first + 1), frameAt(begin + length));
    speech[i] = before[end]! - before[first]!;
    if (speech[i]! > most) most = speech[i]!;
  }
  if (most === 0) return undefined;
  let good = 0;
  for (let i = 0; i < count; i++) if (speech[i]! >= GOOD * most) good++;
  let chosen = Math.floor(u * good);
  for (let i = 0; i < count; i++) if (speech[i]! >= GOOD * most && chosen-- === 0) return placeOf(i);
  return undefined;
}

/** 1 for each stretch of `hop` samples that is speech by its level, 0 for others. */
function loudFrames(samples: Float32Array, hop: number): Float32Array {
  let offset = 0;
  for (let i = 0; i < samples.length; i++) offset += samples[i]!;
  offset /= samples.length;
  const levels = new Float64Array(Math.ceil(samples.length / hop));
  for (let t = 0; t < levels.length; t++) {
    const end = Math.min(samples.length, (t + 1) * hop);
    let sum = 0;
    for (let i = t * hop; i < end; i++) sum += Math.abs(samples[i]! - offset);
    levels[t] = sum / (end - t * hop);
  }
  return speechFrames(levels, new Float64Array(levels.length), LEVELS, 0);
}
