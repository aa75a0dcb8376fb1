import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import type { FeatureFraming, FeatureStream, StreamingExtractor } from '../core/feature-matrix.ts';
import { parseOptions, positive } from '../core/options.ts';
import { deltaNames } from './deltas.ts';
import { deltasOfAny } from './deltas-of-any.ts';
import { type AtRate, checkAtRate } from './extractor.ts';
import { FEATURE_NAMES, type FeatureName, NAMED_FEATURES, type NamedFeatureOptions } from './named-features.ts';
import { RecipeStream } from './recipe-stream.ts';
import { stack } from './stack.ts';

/** One feature of a recipe, by its function's name and with its own options. Plain JSON. */
export type FeatureChoice = {
  [N in FeatureName]: {
    readonly name: N;
    /** The function's own; what is left out takes the function's default. */
    readonly options?: NamedFeatureOptions[N] | undefined;
    /** Its deltas beside it: 1 slopes, 2 second derivatives, over 9 frames. @default none */
    readonly deltas?: readonly (1 | 2)[] | undefined;
  };
}[FeatureName];

/** Options of {@link createRecipe}. */
export interface RecipeOptions {
  /**
   * Stacked frame by frame in this order, so all need one hopLength and the same center; not centred, the same
   * frameLength or nFft.
   */
  readonly features: readonly FeatureChoice[];
}

/** RecipeOptions and the sample rate. */
export type RecipeConfig = RecipeOptions & AtRate;

/** The schema of a list of features; each feature's own factory checks its options, with its own name in the message. */
export const featureChoices = () =>
  z
    .array(
      z.strictObject({
        name: z.literal(FEATURE_NAMES),
        options: z.optional(z.looseObject({})),
        deltas: z.optional(
          z
            .array(z.literal([1, 2]))
            .check(z.refine((orders) => new Set(orders).size === orders.length, 'each order once')),
        ),
      }),
    )
    .check(z.minLength(1));

const recipeSchema = () => z.strictObject({ sampleRate: positive, features: featureChoices() });

/** A list of features that is ready to run. */
export interface Recipe extends StreamingExtractor<RecipeConfig> {
  /** The highest frequency that any of its features looks at, in Hz. */
  readonly highestHz: number;
}

interface Part {
  readonly choice: FeatureChoice;
  readonly extractor: StreamingExtractor<unknown>;
  readonly names: readonly string[];
  readonly deltas: readonly (1 | 2)[];
}

/**
 * Features stacked frame by frame from a list: an extractor whose matrices are [frames, sum of dims] row-major, each
 * feature followed by its deltas. The list is plain JSON; feature sets are such lists under a name.
 *
 * Clips of fewer than 9 frames are continued at both ends by their first and last frame where deltas are taken. Where two
 * features name a dimension alike, as one feature with two settings does, the later one's is numbered: 'rms.2'.
 *
 * @param who  begins the messages of errors
 * @throws SerKitError 'bad-option', also where the features' frames do not match; extract() throws as the features do;
 *   stream() throws 'bad-option' where one of the features needs the whole clip
 * @example
 * const fused = createRecipe({
 *   sampleRate: 16000,
 *   features: [
 *     { name: 'mfcc', options: { nMfcc: 13, nFft: 512, hopLength: 160 }, deltas: [1] },
 *     { name: 'zcr', options: { frameLength: 512, hopLength: 160 } },
 *   ],
 * });
 * fused.extract(waveform).dims; // 27
 */
export function createRecipe(options: RecipeOptions & AtRate, who = 'createRecipe'): Recipe {
  parseOptions(who, recipeSchema(), options);
  const { sampleRate } = options;
  const numbered = nameCounter();
  const parts: readonly Part[] = options.features.map((choice) => {
    const extractor = createNamed(who, choice, sampleRate);
    return { choice, extractor, names: extractor.names.map(numbered), deltas: [...(choice.deltas ?? [])] };
  });
  checkFraming(who, parts);
  // A copy, so that what the caller does to the list afterwards, or to this config, does not reach the other.
  const features = structuredClone(options.features);
  const names = parts.flatMap((part) => [
    ...part.names,
    ...part.deltas.flatMap((order) => deltaNames(part.names, order)),
  ]);
  const longest = Math.max(...parts.map(({ extractor }) => extractor.framing.frameLength));
  return {
    config: { sampleRate, features },
    names,
    framing: { ...parts[0]!.extractor.framing, frameLength: longest },
    highestHz: Math.max(...parts.map((part) => highestOf(part, sampleRate))),
    extract(waveform) {
      checkAtRate(who, waveform, sampleRate);
      const matrices = parts.flatMap(({ extractor, deltas }) => {
        const matrix = extractor.extract(waveform);
        return [matrix, ...deltas.map((order) => deltasOfAny(matrix, order))];
      });
      const { data, frames, dims } = stack(matrices);
      return { data, frames, dims, names };
    },
    stream() {
      const streams = parts.map((part) => {
        return { stream: streamOf(who, part), dims: part.names.length, deltas: part.deltas };
      });
      return new RecipeStream(streams, names);
    },
  };
}

/** Names as they come; the second of a kind gets '.2' and so on. */
function nameCounter(): (name: string) => string {
  const seen = new Map<string, number>();
  return (name) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name}.${times}`;
  };
}

function createNamed(who: string, { name, options }: FeatureChoice, sampleRate: number): StreamingExtractor<unknown> {
  if (options !== undefined && 'sampleRate' in options) {
    throw new SerKitError(
      'bad-option',
      `${who}: options of ${name} expected no sampleRate, as all features have the list's own, got ${quote(options.sampleRate)}`,
    );
  }
  const create = NAMED_FEATURES[name] as (options: AtRate) => StreamingExtractor<unknown>;
  return create({ ...options, sampleRate });
}

/**
 * Features can be stacked when they give equally many frames of every recording. They do where hopLength agrees and what
 * frameCount() takes off the length does: the frame, less the padding on both sides.
 */
function checkFraming(who: string, parts: readonly Part[]): void {
  const framings = parts.map(({ extractor }) => extractor.framing);
  const hops = new Set(framings.map(({ hopLength }) => hopLength));
  if (hops.size > 1) {
    throw new SerKitError('bad-option', `${who}: features expected one hopLength, got ${[...hops].join(', ')}`);
  }
  const taken = ({ center, frameLength }: FeatureFraming): number => (center ? frameLength % 2 : frameLength);
  if (new Set(framings.map(taken)).size > 1) {
    const those = framings.map(
      ({ center, frameLength }, i) =>
        `${parts[i]!.choice.name} (${center ? 'centred' : 'not centred'}, ${frameLength} samples)`,
    );
    throw new SerKitError(
      'bad-option',
      `${who}: features expected equally many frames of every recording, got ${those.join(', ')}; give all the same center, and without it the same nFft or frameLength (with it, all even or all odd)`,
    );
  }
}

/** The features whose fMax is the edge of the band that they see; that of pitch and its kin is the highest voice's. */
const BANDED: ReadonlySet<FeatureName> = new Set<FeatureName>(['mfcc', 'logMel', 'formants']);

/** Features without an upper edge see the whole band. */
function highestOf({ choice, extractor }: Part, sampleRate: number): number {
  const half = sampleRate / 2;
  return BANDED.has(choice.name) ? ((extractor.config as { fMax?: number }).fMax ?? half) : half;
}

/** The stream of a feature; where it has none, the message names the feature and what the caller called. */
function streamOf(who: string, { choice, extractor }: Part): FeatureStream {
  try {
    return extractor.stream();
  } catch (error) {
    if (!(error instanceof SerKitError)) throw error;
    const said = error.message.replace(/^\w+: stream\(\) /, '');
    throw new SerKitError(error.code, `${who}: stream() of ${choice.name} ${said}`, { cause: error });
  }
}
