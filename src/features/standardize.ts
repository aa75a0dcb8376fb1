import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { checkFeatureMatrix, type FeatureMatrix } from '../core/feature-matrix.ts';
import { checkOption, parseOptions } from '../core/options.ts';
import { bySpeaker } from './by-speaker.ts';
import { checkDims, checkMatrices, type Moments, momentsOf, standardized } from './moments.ts';
import { checkStandardizerJson, type StandardizerJson } from './standardizer-json.ts';

/** Whose mean and deviation a standardizer takes. */
export type StandardizerScope = 'corpus' | 'speaker' | 'clip';

/** Options of {@link fitStandardizer}. */
export interface StandardizerOptions {
  /**
   * 'corpus': one mean and one deviation a dimension, over all frames of all matrices. 'speaker': each speaker's own.
   * 'clip': each matrix's own, so that nothing is learnt but the width.
   * @default 'corpus'
   */
  readonly scope?: StandardizerScope | undefined;
  /** For scope 'speaker', and no other: who speaks in each matrix, in their order. */
  readonly speakers?: readonly string[] | undefined;
}

/** Options of a standardizer's transform(). */
export interface StandardizeOptions {
  /**
   * Who speaks, for scope 'speaker' (the others do not look at it): the id of a speaker it was fitted on; or, for anyone
   * else, what is known of them, `fitStandardizer(matricesOfThatSpeaker)`.
   * @default the matrix itself is all that is known of its speaker
   */
  readonly speaker?: string | Standardizer | undefined;
}

/** A fitted standardizer. */
export interface Standardizer {
  readonly scope: StandardizerScope;
  readonly dims: number;
  /**
   * (x - mean) / deviation, dimension by dimension; shape and names stay.
   *
   * @throws SerKitError 'bad-input', also for a speaker's id that it was not fitted on; 'not-finite'; 'bad-option'
   */
  transform(matrix: FeatureMatrix, options?: StandardizeOptions): FeatureMatrix;
  /** A plain value that {@link parseStandardizer} takes back. */
  toJSON(): StandardizerJson;
}

const optionsSchema = () =>
  z.strictObject({
    scope: z.optional(z.literal(['corpus', 'speaker', 'clip'])),
    speakers: z.optional(z.array(z.string())),
  });

const transformSchema = () =>
  z.strictObject({
    speaker: z.optional(z.unknown()),
  });

/**
 * Learns each dimension's mean and deviation (population, divided by the number of frames), in float64, so that what it
 * transforms has mean 0 and deviation 1: over all frames of all matrices, or each speaker's or each clip's own. The
 * numbers of scope 'corpus' are those of scikit-learn's StandardScaler: a dimension that does not vary beyond rounding
 * is only centred. Fit it on training clips alone.
 *
 * Scope 'speaker' takes out what is the voice's own (after Lobanov 1971). It needs no labels, so a new speaker's own
 * recordings may be used as they come: see `speaker` of transform(). Scope 'clip' takes a clip's level out of every
 * dimension; a dimension that stays constant within a clip, and any clip of one frame, becomes 0.
 *
 * @throws SerKitError 'empty' for no matrices or no frames, also of one speaker; 'bad-input' where dims differ;
 *   'bad-option', also where `speakers` does not fit the scope or the matrices; 'not-finite'
 * @example
 * const trainingMatrices = waveforms.map((each) => mfcc(each));
 * const standardizer = fitStandardizer(trainingMatrices);
 * const scaled = standardizer.transform(mfcc(waveform));
 *
 * const speakers = waveforms.map((_, i) => (i % 2 === 0 ? 'ann' : 'ben'));
 * const bySpeaker = fitStandardizer(trainingMatrices, { scope: 'speaker', speakers });
 * const knownVoice = bySpeaker.transform(trainingMatrices[0], { speaker: 'ann' });
 * const newVoice = bySpeaker.transform(mfcc(waveform), { speaker: fitStandardizer([mfcc(waveform)]) });
 */
export function fitStandardizer(matrices: readonly FeatureMatrix[], options: StandardizerOptions = {}): Standardizer {
  const who = 'fitStandardizer';
  const { scope = 'corpus', speakers } = parseOptions(who, optionsSchema(), options);
  checkMatrices(who, matrices);
  if ((scope === 'speaker') !== (speakers !== undefined)) {
    throw new SerKitError(
      'bad-option',
      `${who}: speakers expected with scope 'speaker' and with no other, got ${quote(speakers)} with '${scope}'`,
    );
  }
  const { dims } = matrices[0];
  if (speakers === undefined) {
    return scope === 'clip'
      ? createStandardizer({ kind: 'standardizer', version: 2, scope, dims })
      : createStandardizer({
          kind: 'standardizer',
          version: 1,
          scope: 'corpus',
          dims,
          ...plain(momentsOf(matrices, dims)),
        });
  }
  if (speakers.length !== matrices.length) {
    throw new SerKitError(
      'bad-option',
      `${who}: speakers expected one for each of ${matrices.length} matrices, got ${speakers.length}`,
    );
  }
  return createStandardizer({
    kind: 'standardizer',
    version: 2,
    scope: 'speaker',
    dims,
    speakers: Array.from(bySpeaker(matrices, speakers), ([id, theirs]) => {
      checkMatrices(`${who}: speaker ${quote(id)}`, theirs);
      return { id, ...plain(momentsOf(theirs, dims)) };
    }),
  });
}

/**
 * The standardizer that a `toJSON()` described, also after a round through JSON text.
 *
 * @throws SerKitError 'bad-format'
 * @example
 * const text = JSON.stringify(fitStandardizer([mfcc(waveform)]));
 * const again = parseStandardizer(JSON.parse(text));
 */
export function parseStandardizer(json: unknown): Standardizer {
  return createStandardizer(checkStandardizerJson('parseStandardizer', json));
}

function plain({ mean, deviation }: Moments): { readonly mean: number[]; readonly deviation: number[] } {
  return { mean: Array.from(mean), deviation: Array.from(deviation) };
}

type SavedMoments = { readonly mean: readonly number[]; readonly deviation: readonly number[] };

function momentsFrom({ mean, deviation }: SavedMoments): Moments {
  return { mean: Float64Array.from(mean), deviation: Float64Array.from(deviation) };
}

function createStandardizer(saved: StandardizerJson): Standardizer {
  const { scope, dims } = saved;
  const momentsFor = momentsFinder(saved);
  return {
    scope,
    dims,
    transform(matrix, options = {}) {
      const { speaker } = parseOptions('transform', transformSchema(), options) as StandardizeOptions;
      const known = speaker === undefined || typeof speaker === 'string' || typeof speaker?.toJSON === 'function';
      checkOption('transform', 'speaker', known, 'a speaker id or a Standardizer', speaker);
      checkFeatureMatrix('transform', matrix);
      checkDims('transform', dims, matrix);
      return standardized(matrix, momentsFor(matrix, speaker));
    },
    toJSON: () => structuredClone(saved),
  };
}

/** How a matrix comes to its mean and deviation. */
function momentsFinder(saved: StandardizerJson): (matrix: FeatureMatrix, speaker?: string | Standardizer) => Moments {
  const { dims } = saved;
  const own = (matrix: FeatureMatrix): Moments => momentsOf([matrix], dims);
  if (saved.scope === 'clip') return own;
  if (saved.scope === 'corpus') {
    const fixed = momentsFrom(saved);
    return () => fixed;
  }
  const known = new Map(saved.speakers.map((speaker) => [speaker.id, momentsFrom(speaker)]));
  return (matrix, speaker) => {
    if (speaker === undefined) return own(matrix);
    if (typeof speaker !== 'string') return momentsFrom(ofOneSpeaker(speaker, dims));
    const found = known.get(speaker);
    if (found !== undefined) return found;
    throw new SerKitError(
      'bad-input',
      `transform: speaker expected one of the ${known.size} it was fitted on, got ${quote(speaker)}; for others give fitStandardizer(theirMatrices)`,
    );
  };
}

/** A speaker's own mean and deviation, where the standardizer given holds just that. */
function ofOneSpeaker(standardizer: Standardizer, dims: number): SavedMoments {
  const saved = standardizer.toJSON();
  if (saved.scope !== 'corpus' || saved.dims !== dims) {
    throw new SerKitError(
      'bad-input',
      `transform: speaker expected a Standardizer of ${dims} dims and scope 'corpus', got scope '${saved.scope}' and ${saved.dims} dims`,
    );
  }
  return saved;
}
