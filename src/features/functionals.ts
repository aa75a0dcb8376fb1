import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { checkFeatureMatrix, type FeatureMatrix } from '../core/feature-matrix.ts';
import { checkOption, parseOptions, positive } from '../core/options.ts';
import type { FeatureVector } from './join.ts';
import { percentileOf, STATISTIC_NAMES, type Statistic, summarise } from './statistics.ts';

/** Which frames are voiced, and which dimensions are summarised over those alone. */
export interface VoicedOptions {
  /**
   * The dimension of the matrix that tells, by name: 'f0' of {@link pitch}, which is 0 in unvoiced frames, or
   * 'voiceActivity'; or a matrix of as many frames and 1 dim. The probability 'voiced' needs a threshold, as pYIN takes
   * frames of low probability for voiced where the path through the clip says so.
   */
  readonly mask: string | FeatureMatrix;
  /** A frame is voiced where the mask lies above this. @default 0 */
  readonly threshold?: number | undefined;
  /** The dimensions, by name. @default all of them, but for the mask's own unless it is 'f0' */
  readonly dims?: readonly string[] | undefined;
}

/** Options of {@link functionals}. */
export interface FunctionalsOptions {
  /** In the order wanted. @default ['mean', 'standardDeviation', 'min', 'max', 'range', 'slope'] */
  readonly statistics?: readonly Statistic[] | undefined;
  /** Ranks from 0 to 100; they come after the statistics. @default [20, 50, 80] */
  readonly percentiles?: readonly number[] | undefined;
  /** Frames a second, which makes slopes per second: sampleRate / hopLength. @default null, slopes are per frame */
  readonly frameRate?: number | null | undefined;
  /** Summarises dimensions over voiced frames alone. @default null, over all frames */
  readonly voiced?: VoicedOptions | null | undefined;
}

const functionalsSchema = () =>
  z.strictObject({
    statistics: z.optional(z.array(z.literal(STATISTIC_NAMES))),
    percentiles: z.optional(z.array(z.number().check(z.minimum(0), z.maximum(100)))),
    frameRate: z.optional(z.nullable(positive)),
    voiced: z.optional(
      z.nullable(
        z.strictObject({
          mask: z.unknown(),
          threshold: z.optional(z.number()),
          dims: z.optional(z.array(z.string())),
        }),
      ),
    ),
  });

/** As many names as a message holds. */
const NAMED = 6;

/** The dimension of that name. */
function indexOf(option: string, { names }: FeatureMatrix, name: string): number {
  const at = names?.indexOf(name) ?? -1;
  if (at < 0) {
    const more = (names?.length ?? 0) - NAMED;
    const known =
      names === undefined
        ? 'a matrix with names'
        : `the name of a dimension, ${names.slice(0, NAMED).join(' | ')}${more > 0 ? ` or ${more} more` : ''}`;
    throw new SerKitError('bad-option', `functionals: ${option} expected ${known}, got ${quote(name)}`);
  }
  return at;
}

/** The voiced frames, and which dimensions are summarised over them. */
function voicing(matrix: FeatureMatrix, { mask, threshold: given, dims }: VoicedOptions) {
  const good = typeof mask === 'string' || (mask !== null && typeof mask === 'object');
  checkOption('functionals', 'voiced.mask', good, 'a name or a FeatureMatrix', mask);
  const own = typeof mask === 'string' ? indexOf('voiced.mask', matrix, mask) : -1;
  if (mask === 'voiced' && given === undefined) {
    throw new SerKitError(
      'bad-option',
      `functionals: voiced expected mask 'f0', or a threshold beside mask 'voiced', which is a probability, often below 0.5 where f0 is there; got no threshold`,
    );
  }
  const threshold = given ?? 0;
  const source = typeof mask === 'string' ? matrix : mask;
  if (typeof mask !== 'string') {
    checkFeatureMatrix('functionals', mask);
    if (mask.frames !== matrix.frames || mask.dims !== 1) {
      throw new SerKitError(
        'bad-input',
        `functionals: voiced.mask expected ${matrix.frames} frames of 1 dim, got ${mask.frames} of ${mask.dims}`,
      );
    }
  }
  const frames: number[] = [];
  for (let t = 0; t < matrix.frames; t++) {
    if (source.data[t * source.dims + Math.max(own, 0)] > threshold) frames.push(t);
  }
  const chosen = dims === undefined ? undefined : new Set(dims.map((name) => indexOf('voiced.dims', matrix, name)));
  return { frames, concerns: (d: number) => (chosen === undefined ? d !== own || mask === 'f0' : chosen.has(d)) };
}

function checkDistinct(option: string, values: readonly unknown[]): void {
  const twice = values.find((value, i) => values.indexOf(value) !== i);
  if (twice === undefined) return;
  throw new SerKitError('bad-option', `functionals: ${option} expected each once, got ${quote(twice)} twice`);
}

/**
 * What the frames of a recording amount to, one vector whatever its length: [dims * (statistics + percentiles)], all of
 * dimension 0, then of dimension 1, and so on, each with a name such as 'mean(mfcc0)' or 'percentile20(f0, voiced)'.
 * Dimensions without names are called 'dim0', 'dim1', ...
 *
 * - mean, min, max, range (max - min); standardDeviation: the population's, sqrt of the mean of (x - mean)^2
 * - slope: of the least-squares line through the frames, in units per frame, or per second with `frameRate`
 * - skewness and kurtosis: m3 / m2^1.5 and m4 / m2^2 - 3 (scipy's defaults), m being the central moments
 * - percentiles: linear between neighbours in order (numpy's default, type 7 of Hyndman and Fan 1996)
 *
 * Over voiced frames alone, a slope still counts the frames between them. One frame, or values that are all equal, have
 * standardDeviation, range, slope, skewness and kurtosis 0; where no frame is voiced, every value of such a dimension is 0.
 * Computed in float64. Functionals over utterances follow Schuller, Batliner et al. 2007 and openSMILE.
 *
 * @throws SerKitError 'empty' for a matrix without frames; 'bad-option' also where a named dimension is not there, or
 * nothing is asked for; 'bad-input', 'not-finite'
 * @example
 * const { values, names } = functionals(mfcc(waveform), { percentiles: [5, 95], frameRate: 16000 / 512 });
 * names[0]; // 'mean(mfcc0)'
 * @example
 * const melody = functionals(pitch(waveform), { voiced: { mask: 'f0' } });
 * melody.names[0]; // 'mean(f0, voiced)'
 * @example
 * const level = stack([rms(waveform), zcr(waveform)]);
 * const loud = functionals(level, { voiced: { mask: 'rms', threshold: 0.01, dims: ['zcr'] } });
 */
export function functionals(matrix: FeatureMatrix, options: FunctionalsOptions = {}): FeatureVector {
  const parsed = parseOptions('functionals', functionalsSchema(), options);
  const { percentiles = [20, 50, 80], frameRate = null, voiced = null } = parsed;
  const { statistics = ['mean', 'standardDeviation', 'min', 'max', 'range', 'slope'] } = parsed;
  checkDistinct('statistics', statistics);
  checkDistinct('percentiles', percentiles);
  const width = statistics.length + percentiles.length;
  if (width === 0) {
    throw new SerKitError('bad-option', 'functionals: expected at least one of statistics or percentiles, got none');
  }
  checkFeatureMatrix('functionals', matrix);
  const { data, frames, dims } = matrix;
  if (frames === 0) throw new SerKitError('empty', 'functionals: expected at least one frame, got none');
  const all = Array.from({ length: frames }, (_, t) => t);
  const voices = voiced === null ? undefined : voicing(matrix, voiced as VoicedOptions);
  const values = new Float32Array(dims * width);
  const names: string[] = [];
  for (let d = 0; d < dims; d++) {
    const only = voices?.concerns(d) ? voices.frames : undefined;
    const times = only ?? all;
    const subject = `${matrix.names?.[d] ?? `dim${d}`}${only === undefined ? '' : ', voiced'}`;
    names.push(...statistics.map((statistic) => `${statistic}(${subject})`));
    names.push(...percentiles.map((rank) => `percentile${rank}(${subject})`));
    if (times.length === 0) continue;
    const column = Float64Array.from(times, (t) => data[t * dims + d]);
    const summary = summarise(column, times);
    if (frameRate !== null) summary.slope *= frameRate;
    let at = d * width;
    for (const statistic of statistics) values[at++] = summary[statistic];
    column.sort();
    for (const rank of percentiles) values[at++] = percentileOf(column, rank);
  }
  return { values, names };
}
