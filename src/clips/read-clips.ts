import { quote, SerKitError } from '../core/errors.ts';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import type { TrainingClip } from '../core/labelled-clip.ts';
import { loadClip } from '../core/load-clip.ts';
import type { Waveform } from '../core/waveform.ts';
import { breathe } from '../models/breathe.ts';
import { canonicalJson, withFeaturesListed } from './canonical-front-end.ts';
import type { FrontEnd, FrontEndConfig } from './front-end.ts';
import { type SkippedClip, skippedClip } from './skipped-clip.ts';

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
 * Goes through all clips, in their order.
 *
 * @param who  begins the messages
 * @param features  something for each of the clips, in their order
 * @param wanted  what features are of; those of another front end are refused
 * @param take  given each clip that has features, with its place in the list
 * @throws SerKitError 'bad-input' for features of other clips or of another front end, 'aborted'
 */
export async function readClips(
  who: string,
  clips: readonly TrainingClip[],
  features: AsyncIterable<FeaturesOfClip>,
  wanted: Pick<FrontEnd, 'config' | 'names'>,
  take: (clip: TrainingClip, matrix: FeatureMatrix, place: number) => void,
  onEvent: (event: ReadingEvent) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const total = clips.length;
  const checkSource = sourceChecker(who, wanted);
  let done = 0;
  for await (const each of features) {
    const { clip, matrix, skipped } = each;
    const place = done++;
    if (clips[place] !== clip) {
      throw new SerKitError(
        'bad-input',
        `${who}: featuresOf expected to give each clip once, in the order of the clips, got ${quote(clip.id)} as number ${done}`,
      );
    }
    if (matrix === undefined) onEvent({ type: 'skipped', clip: skipped });
    else {
      checkSource(each);
      take(clip, matrix, place);
    }
    onEvent({ type: 'features', done, total });
    if (signal?.aborted === true) {
      throw new SerKitError('aborted', `${who}: aborted while reading clips; there is nothing to keep`);
    }
  }
  if (done < total) {
    throw new SerKitError('bad-input', `${who}: featuresOf expected to give ${total} clips, got ${done}`);
  }
}

/** Throws for features that the front end would not give: what is trained would meet others than it learnt from. */
function sourceChecker(
  who: string,
  { config, names }: Pick<FrontEnd, 'config' | 'names'>,
): (found: FeaturesOfClip) => void {
  const textOf = (frontEnd: FrontEndConfig): string =>
    canonicalJson(`${who}: featuresOf`, withFeaturesListed(frontEnd));
  const wanted = textOf(config);
  let right: FrontEndConfig | undefined; // mostly all clips bring the same one
  const refuse = (clip: TrainingClip, expected: string, got: string): never => {
    throw new SerKitError(
      'bad-input',
      `${who}: featuresOf expected ${expected}, got ${got} for ${quote(clip.id)}; compute the features with the front end that featuresOf is called with`,
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
