import { canonicalJson, withFeaturesListed } from '../clips/canonical-front-end.ts';
import type { FrontEnd, FrontEndConfig } from '../clips/front-end.ts';
import { type SkippedClip, skippedClip } from '../clips/skipped-clip.ts';
import { quote, SerKitError } from '../core/errors.ts';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import type { TrainingClip } from '../core/labelled-clip.ts';
import { loadClip } from '../core/load-clip.ts';
import type { Waveform } from '../core/waveform.ts';
import { breathe } from '../models/breathe.ts';
import type { RecognizerSplit } from './recognizer-split.ts';

/** The clips of one part that could be read, and what the front end made of each. */
export interface Part {
  readonly clips: readonly TrainingClip[];
  readonly matrices: FeatureMatrix[];
}

/** What reading tells. */
export type ReadingEvent =
  | { readonly type: 'features'; readonly done: number; readonly total: number }
  | { readonly type: 'skipped'; readonly clip: SkippedClip };

/** What became of one clip: its features; or why it has none. */
export type FeaturesOfClip =
  | {
      readonly clip: TrainingClip;
      readonly matrix: FeatureMatrix;
      /** What computed the matrix, where that is known: it has to be the front end that was asked for. */
      readonly frontEnd?: FrontEndConfig | undefined;
      readonly skipped?: undefined;
    }
  | { readonly clip: TrainingClip; readonly skipped: SkippedClip; readonly matrix?: undefined };

/** Clip by clip, in this thread. */
export async function* featuresInThisThread(
  clips: readonly TrainingClip[],
  extract: (waveform: Waveform) => FeatureMatrix,
): AsyncGenerator<FeaturesOfClip> {
  for (const [i, clip] of clips.entries()) {
    const got = await matrixOf(clip, extract);
    yield 'code' in got ? { clip, skipped: got } : { clip, matrix: got };
    if (i % 16 === 15) await breathe();
  }
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
  const total = places.length;
  const checkSource = sourceChecker(wanted);
  let done = 0;
  for await (const each of featuresOf(places.map((place) => place.clip))) {
    const { clip, matrix, skipped } = each;
    const place = places[done++];
    if (place?.clip !== clip) {
      throw new SerKitError(
        'bad-input',
        `trainRecognizer: featuresOf expected to give each clip once, in the order of the clips, got ${quote(clip.id)} as number ${done}`,
      );
    }
    if (matrix === undefined) onEvent({ type: 'skipped', clip: skipped });
    else {
      checkSource(each);
      place.part.clips.push(clip);
      place.part.matrices.push(matrix);
    }
    onEvent({ type: 'features', done, total });
    if (signal?.aborted === true) {
      throw new SerKitError('aborted', 'trainRecognizer: aborted while reading clips; there is nothing to keep');
    }
  }
  if (done < total) {
    throw new SerKitError('bad-input', `trainRecognizer: featuresOf expected to give ${total} clips, got ${done}`);
  }
  for (const name of ['train', 'validation'] as const) {
    if (parts[name].clips.length > 0) continue;
    throw new SerKitError(
      'empty',
      `trainRecognizer: split.${name} expected clips that can be read, got none of ${split[name].length}`,
    );
  }
  return parts;
}

/** Throws for features that the recognizer's own front end would not give: it would predict from others than it learnt. */
function sourceChecker({ config, names }: Pick<FrontEnd, 'config' | 'names'>): (found: FeaturesOfClip) => void {
  const textOf = (frontEnd: FrontEndConfig): string =>
    canonicalJson('trainRecognizer: featuresOf', withFeaturesListed(frontEnd));
  const wanted = textOf(config);
  let right: FrontEndConfig | undefined; // mostly all clips bring the same one
  const refuse = (clip: TrainingClip, expected: string, got: string): never => {
    throw new SerKitError(
      'bad-input',
      `trainRecognizer: featuresOf expected ${expected}, got ${got} for ${quote(clip.id)}; compute the features with the front end that featuresOf is called with`,
    );
  };
  return ({ clip, matrix, ...rest }) => {
    if (matrix?.dims !== names.length) {
      refuse(clip, `the ${names.length} dimensions of the front end`, quote(matrix?.dims));
    }
    const { frontEnd } = rest as { readonly frontEnd?: FrontEndConfig };
    if (frontEnd === undefined || frontEnd === right) return;
    if (textOf(frontEnd) !== wanted) refuse(clip, 'features of the front end', 'those of another');
    right = frontEnd;
  };
}

const PARTS = ['train', 'validation', 'test'] as const;

function emptyPart(): { clips: TrainingClip[]; matrices: FeatureMatrix[] } {
  return { clips: [], matrices: [] };
}

/** A clip's features, or that it is to be skipped. */
async function matrixOf(
  clip: TrainingClip,
  extract: (waveform: Waveform) => FeatureMatrix,
): Promise<FeatureMatrix | SkippedClip> {
  let waveform: Waveform;
  try {
    waveform = await loadClip(clip);
  } catch (error) {
    return skippedClip(clip, error, 'loading');
  }
  try {
    return extract(waveform);
  } catch (error) {
    return skippedClip(clip, error, 'features');
  }
}
