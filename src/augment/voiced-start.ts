import type { Waveform } from '../core/waveform.ts';
import { voiceActivity } from '../features/voice-activity.ts';

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
  // Frames that do not overlap: a fifth of the work of the usual ones, and 20 ms is as exact as a crop has to be.
  const hop = 2 * Math.max(1, Math.round(0.01 * sampleRate));
  const active = voiceActivity(waveform, { frameLength: hop, hopLength: hop }).data;
  const before = new Float64Array(active.length + 1);
  for (let t = 0; t < active.length; t++) before[t + 1] = before[t]! + active[t]!;
  // Frame t is centred on sample t * hop.
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
