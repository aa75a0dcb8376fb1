import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeWav } from '../../src/audio/wav-writer.ts';
import type { FrontEndOptions } from '../../src/clips/front-end.ts';
import type { LabelledClip } from '../../src/core/labelled-clip.ts';
import { createRandom } from '../../src/core/random.ts';
import type { Waveform } from '../../src/core/waveform.ts';
import { writeDirectory } from '../../src/node/write-directory.ts';

/** A front end that costs little. */
export const SMALL: FrontEndOptions = {
  sampleRate: 8000,
  features: [
    { name: 'rms', options: { frameLength: 256, hopLength: 128 }, deltas: [1] },
    { name: 'zcr', options: { frameLength: 256, hopLength: 128 } },
  ],
};

/** Noise over a hum, another for each seed. */
export function sound(seed: number, durationSec = 0.3, sampleRate = 8000): Waveform {
  const random = createRandom(seed);
  const samples = Float32Array.from(
    { length: Math.round(durationSec * sampleRate) },
    (_, n) => 0.4 * Math.sin((2 * Math.PI * (100 + 10 * seed) * n) / sampleRate) + 0.2 * (random() - 0.5),
  );
  return { samples, sampleRate };
}

/** Clips in memory, c00, c01, ... */
export function soundClips(count: number): LabelledClip[] {
  return Array.from({ length: count }, (_, i) => {
    const id = `c${String(i).padStart(2, '0')}`;
    return { id, speakerId: 's', label: 'l', load: async () => sound(i + 1, 0.2 + 0.05 * (i % 4)) };
  });
}

/** The same as WAV files below a folder; the names of the files. */
export async function writeSounds(dir: string, count: number, durationSec = 0.3): Promise<string[]> {
  const names = Array.from({ length: count }, (_, i) => `c${String(i).padStart(3, '0')}.wav`);
  await writeDirectory(dir, new Map(names.map((name, i) => [name, encodeWav(sound(i + 1, durationSec))])));
  return names;
}

/** Every file below a folder, by path, as a hash of its bytes; the hidden ones too. Others may be at work in it. */
export function contentsOf(dir: string): Record<string, string> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(
    paths.flatMap((path) => {
      const bytes = bytesUnlessGone(path);
      return bytes === undefined ? [] : [[path.slice(dir.length), createHash('sha256').update(bytes).digest('hex')]];
    }),
  );
}

/** A file that is being written has another name a moment later. */
function bytesUnlessGone(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
