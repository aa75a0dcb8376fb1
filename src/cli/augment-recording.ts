import { dirname, relative, resolve } from 'node:path';
import { encodeWav } from '../audio/wav-writer.ts';
import type { FeatureTransform, Transform } from '../augment/transform.ts';
import { isSerKitError } from '../core/errors.ts';
import { createRandom, deriveSeed } from '../core/random.ts';
import type { Waveform } from '../core/waveform.ts';
import { VERSION } from '../recognizer/version.ts';
import { augmentationPicture, featuresLike, type Version } from './augmentation-picture.ts';
import {
  bytesDigest,
  type Encoding,
  type RecordedVersion,
  recordBytes,
  waveformDigest,
} from './augmentation-record.ts';
import { drawnInWords } from './drawn-in-words.ts';
import { withoutFunction } from './failure.ts';
import type { ReadAugmentation } from './read-augmentation.ts';

/** More versions than these are written and not drawn. */
const MOST_DRAWN = 12;

/** What is to be made of each recording. */
export interface AugmentJob {
  /** The file that the augmentation was read from. */
  readonly config: string;
  readonly augmentation: ReadAugmentation;
  readonly out: string;
  readonly seed: number;
  readonly encoding: Encoding;
  /** False where no picture is wanted. */
  readonly picture: boolean;
}

/** A version of a recording as it was made. */
export interface MadeVersion extends RecordedVersion {
  readonly waveform: unknown;
  readonly samples: number;
  readonly durationSec: number;
  /** The greatest sample: what lies beyond 1 was clipped where the encoding is of whole numbers. */
  readonly peak: number;
  /** How many samples lie beyond full scale. */
  readonly beyond: number;
  readonly notes: readonly string[];
}

/** A recording's versions, and all its files by their names in `out`. */
export interface AugmentedRecording {
  readonly versions: readonly MadeVersion[];
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Why there is no picture, where one was wanted. */
  readonly notDrawn: string | undefined;
}

/** Of 'a' and 2 versions: ['a-1.wav', 'a-2.wav', 'a.svg', 'a.draws.json'], 'a.svg' where a picture is wanted. */
export function fileNames(name: string, versions: number | readonly RecordedVersion[], picture: boolean): string[] {
  const sounds =
    typeof versions === 'number'
      ? Array.from({ length: versions }, (_, i) => `${name}-${i + 1}.wav`)
      : versions.map(({ file }) => file);
  return [...sounds, ...(picture ? [`${name}.svg`] : []), `${name}.draws.json`];
}

/**
 * Makes a recording's versions, its picture and its record.
 *
 * @param name  the recording's file name without its ending: with the seed it decides what is drawn
 * @param versions  how many to draw; or those of a record, to make them again
 * @param pause  awaited before each version; it may throw to end the work
 */
export async function augmentRecording(
  file: string,
  name: string,
  original: Waveform,
  job: AugmentJob,
  versions: number | readonly RecordedVersion[],
  pause: () => Promise<void>,
): Promise<AugmentedRecording> {
  const { out, seed, encoding } = job;
  const { augmentation, recordings } = job.augmentation;
  const features = augmentation.features === undefined ? undefined : featuresLike(original);
  const files = new Map<string, Uint8Array>();
  const made: MadeVersion[] = [];
  const pictured: Version[] = [];
  const recorded = typeof versions === 'number' ? Array<undefined>(versions).fill(undefined) : versions;
  for (const [i, record] of recorded.entries()) {
    await pause();
    const random = createRandom(deriveSeed(seed, 'augment', name, i + 1));
    const step = <T>(transform: Transform<unknown, T> | undefined, input: T, drawn: unknown) => {
      if (transform === undefined) return { output: input, drawn: null };
      return record === undefined ? transform.run(input, random) : { output: transform.apply(input, drawn), drawn };
    };
    const sound = step(augmentation.waveform, original, record?.waveform);
    const masked =
      features && step(augmentation.features as FeatureTransform, features(sound.output), record?.features);
    const bytes = encodeWav(sound.output, { encoding });
    const version = `${name}-${i + 1}.wav`;
    const notes = [
      ...(augmentation.waveform === undefined
        ? []
        : drawnInWords(augmentation.waveform.toJSON(), sound.drawn, original)),
      ...(masked === undefined ? [] : drawnInWords(augmentation.features!.toJSON(), masked.drawn, original)),
    ];
    files.set(record?.file ?? version, bytes);
    made.push({
      file: record?.file ?? version,
      sha256: bytesDigest(bytes),
      waveform: sound.drawn,
      features: masked?.drawn ?? null,
      ...measured(sound.output),
      notes,
    });
    if (i >= MOST_DRAWN || !job.picture) continue;
    const inWords = [notes.join('; ') || 'nothing is changed'];
    pictured.push({ name: record?.file ?? version, waveform: sound.output, features: masked?.output, notes: inWords });
  }
  const more = recorded.length > MOST_DRAWN ? `, the first ${MOST_DRAWN} of ${recorded.length} versions` : '';
  let notDrawn: string | undefined;
  try {
    const picture = job.picture && (await augmentationPicture(`${name}${more}`, original, pictured));
    if (picture) files.set(`${name}.svg`, new TextEncoder().encode(picture));
  } catch (error) {
    // Samples of 1e30, say, whose powers no float32 holds: they are heard without it.
    if (!isSerKitError(error)) throw error;
    notDrawn = withoutFunction(error.message);
  }
  const from = (path: string): string => relative(out, resolve(path)).split('\\').join('/');
  const record = recordBytes({
    serKit: VERSION,
    file: from(file),
    sha256: waveformDigest(original),
    config: from(job.config),
    // With every option decided, so that another version's defaults change nothing.
    augmentation: augmentation.toJSON(),
    recordings: Object.fromEntries(Object.entries(recordings).map(([key, w]) => [key, waveformDigest(w)])),
    seed,
    encoding,
    versions: made.map(({ file, sha256, waveform, features }) => ({ file, sha256, waveform, features })),
  });
  files.set(`${name}.draws.json`, record);
  return { versions: made, files, notDrawn };
}

function measured({ samples, sampleRate }: Waveform) {
  let [peak, beyond] = [0, 0];
  for (const sample of samples) {
    const size = Math.abs(sample);
    if (size > peak) peak = size;
    if (size > 1) beyond++;
  }
  return { samples: samples.length, durationSec: samples.length / sampleRate, peak, beyond };
}

/** The folder that a record's paths are relative to, made into one of this process's. */
export function besideRecord(record: string, path: string): string {
  return relative('.', resolve(dirname(record), path)) || '.';
}
