import type { FrontEnd } from '../clips/front-end.ts';
import { type FeaturesOfClip, type ReadingEvent, readClips } from '../clips/read-clips.ts';
import { SerKitError } from '../core/errors.ts';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import type { TrainingClip } from '../core/labelled-clip.ts';
import type { RecognizerSplit } from './recognizer-split.ts';

/** The clips of one part that could be read, and what the front end made of each. */
export interface Part {
  readonly clips: readonly TrainingClip[];
  readonly matrices: FeatureMatrix[];
}

/**
 * Reads every clip of every part, in a fixed order.
 *
 * @param featuresOf  called once, with the clips of all parts; gives something for each of them, in their order
 * @param wanted  what features are of; those of another front end are refused
 */
export async function readParts(
  split: RecognizerSplit,
  featuresOf: (clips: readonly TrainingClip[]) => AsyncIterable<FeaturesOfClip>,
  wanted: Pick<FrontEnd, 'config' | 'names'>,
  onEvent: (event: ReadingEvent) => void,
  signal: AbortSignal | undefined,
): Promise<Record<'train' | 'validation' | 'test', Part>> {
  const parts = { train: emptyPart(), validation: emptyPart(), test: emptyPart() };
  const places = PARTS.flatMap((name) => split[name].map((clip) => ({ clip, part: parts[name] })));
  const clips = places.map((place) => place.clip);
  const take = (clip: TrainingClip, matrix: FeatureMatrix, at: number): void => {
    const { part } = places[at]!;
    part.clips.push(clip);
    part.matrices.push(matrix);
  };
  await readClips('trainRecognizer', clips, featuresOf(clips), wanted, take, onEvent, signal);
  for (const name of ['train', 'validation'] as const) {
    if (parts[name].clips.length > 0) continue;
    throw new SerKitError(
      'empty',
      `trainRecognizer: split.${name} expected clips that can be read, got none of ${split[name].length}`,
    );
  }
  return parts;
}

const PARTS = ['train', 'validation', 'test'] as const;

function emptyPart(): { clips: TrainingClip[]; matrices: FeatureMatrix[] } {
  return { clips: [], matrices: [] };
}
