import type * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { checkFeatureMatrix, type FeatureMatrix } from '../core/feature-matrix.ts';
import { parseOptions } from '../core/options.ts';
import type { Random } from '../core/random.ts';
import { checkWaveform, type Waveform } from '../core/waveform.ts';
import type { Held } from './held.ts';

/** What a transform is written as: its name under `transform`, its options beside it. Plain JSON. */
export interface TransformJson {
  readonly transform: string;
  readonly [option: string]: unknown;
}

/** What a transform works on: samples, the features that were made of them, or a batch of clips' features and targets. */
export type Domain = 'waveform' | 'features' | 'batch';

/**
 * A random change that keeps what is said and felt. Call it, and it draws and applies at once; or do the two apart, to
 * record what was drawn and to apply it again: `apply(input, drawn)` gives the same bytes every time.
 *
 * Inputs stay untouched; where nothing is changed the input itself comes back, or a copy of it. The output of samples up
 * to 1e30 is finite.
 */
export interface Transform<P = unknown, T = Waveform> {
  (input: T, random: Random): T;
  /** What it is called in JSON, such as 'addNoise'. */
  readonly kind: string;
  readonly domain: Domain;
  /** What is random about it, for this input: plain JSON. */
  draw(input: T, random: Random): P;
  /** @throws SerKitError 'bad-input' for what no transform of this kind draws, whatever its options */
  apply(input: T, drawn: P): T;
  /** Draws and applies; gives both the outcome and what was drawn. */
  run(input: T, random: Random): { readonly output: T; readonly drawn: P };
  /** What `parseTransform` makes the same transform of, given what it holds. */
  toJSON(): TransformJson;
  /** What its JSON only names: `parseTransform(t.toJSON(), t.held)` does what `t` does. Absent where that is nothing. */
  readonly held?: Held | undefined;
}

/** A random change of a clip's features. */
export type FeatureTransform<P = unknown> = Transform<P, FeatureMatrix>;

/** What every transform is made of. */
interface Described<P, T> {
  readonly kind: string;
  /** The options as they are written in JSON, without those that were left out. */
  readonly options: object;
  /** What the options only name. */
  readonly held?: Held | undefined;
  /** Holds what apply() is given. */
  readonly drawn: z.core.$ZodType<P>;
  /** The input and the draw have been checked. Returns new samples or values, or the input. */
  apply(input: T, drawn: P): T;
}

/** What tells one transform from another. */
export interface TransformParts<P, T> extends Described<P, T> {
  /** The input has been checked. */
  draw(input: T, random: Random): P;
}

/** The same for a transform that has to apply in order to draw. */
export interface RunningParts<P, T> extends Described<P, T> {
  run(input: T, random: Random): { readonly output: T; readonly drawn: P };
}

/** A transform of waveforms: checks what comes in, and leaves the rest to its parts. */
export function waveformTransform<P>(parts: TransformParts<P, Waveform>): Transform<P> {
  return transformOf('waveform', parts);
}

/** A transform of features. */
export function featureTransform<P>(parts: TransformParts<P, FeatureMatrix>): FeatureTransform<P> {
  return transformOf('features', parts);
}

/** A transform of either; what is made of several transforms is made with it. */
export function transformOf<P, T>(domain: Domain, parts: TransformParts<P, T> | RunningParts<P, T>): Transform<P, T> {
  const { kind, options, held, drawn: schema, apply } = parts;
  const check = CHECKS[domain];
  const run = (input: T, random: Random): { output: T; drawn: P } => {
    check(kind, input);
    const numbers = checkedRandom(kind, random);
    if ('run' in parts) return parts.run(input, numbers);
    const drawn = parts.draw(input, numbers);
    return { output: apply(input, drawn), drawn };
  };
  return Object.assign((input: T, random: Random): T => run(input, random).output, {
    kind,
    domain,
    run,
    draw: (input: T, random: Random): P => {
      if ('run' in parts) return run(input, random).drawn;
      check(kind, input);
      return parts.draw(input, checkedRandom(kind, random));
    },
    apply: (input: T, drawn: P): T => {
      check(kind, input);
      return apply(input, parseOptions(`${kind}.apply: drawn`, schema, drawn, 'bad-input'));
    },
    toJSON: (): TransformJson => ({ transform: kind, ...structuredClone(options) }),
    ...(held !== undefined && Object.keys(held).length > 0 && { held }),
  });
}

const CHECKS = { waveform: checkWaveform, features: checkFeatureMatrix, batch: checkBatch } as Readonly<
  Record<Domain, (who: string, input: unknown) => void>
>;

function checkBatch(who: string, batch: unknown): void {
  if (!Array.isArray(batch) || batch.length === 0) {
    throw new SerKitError('bad-input', `${who}: batch expected a list of { features, target }, got ${quote(batch)}`);
  }
  for (const each of batch) checkFeatureMatrix(who, each?.features);
}

/** Sources that look at each number that they give: what is made of several transforms hands its own on to them. */
const CHECKED = new WeakSet<Random>();

/**
 * The source with a look at each number that it gives, once, however deep transforms are nested.
 *
 * @throws SerKitError 'bad-input' for what is no source of random numbers; the source 'bad-input' for a number outside [0, 1)
 */
function checkedRandom(who: string, random: Random): Random {
  if (typeof random !== 'function') {
    throw new SerKitError(
      'bad-input',
      `${who}: random expected a function such as createRandom(seed), got ${quote(random)}`,
    );
  }
  if (CHECKED.has(random)) return random;
  const checked = (): number => {
    const number = random();
    if (typeof number === 'number' && number >= 0 && number < 1) return number;
    throw new SerKitError(
      'bad-input',
      `${who}: random expected to give numbers from 0 to below 1, got ${quote(number)}`,
    );
  };
  CHECKED.add(checked);
  return checked;
}

/** True for what this package, or another copy of it, made as a transform. */
export function isTransform(value: unknown): value is Transform<unknown, unknown> {
  return typeof value === 'function' && 'kind' in value && 'run' in value && 'apply' in value && 'toJSON' in value;
}
