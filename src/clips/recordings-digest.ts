import type { Waveform } from '../core/waveform.ts';
import { Hash } from '../models/hash.ts';

/** A fingerprint of each recording's rate and samples, by their names: what two runs are told apart by. */
export function recordingsDigest(recordings: Readonly<Record<string, Waveform>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(recordings)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { samples, sampleRate }]) => [name, new Hash().text(`${sampleRate}`).values(samples).digest()]),
  );
}
