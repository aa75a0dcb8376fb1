import { isSerKitError, quote, SerKitError } from '../core/errors.ts';
import type { Waveform } from '../core/waveform.ts';
import { addBackground, namedRecordings } from './add-background.ts';
import { addNoise } from './add-noise.ts';
import { changeSpeed } from './change-speed.ts';
import { clip } from './clip.ts';
import { compose } from './compose.ts';
import { crop } from './crop.ts';
import { gain } from './gain.ts';
import { highPass } from './high-pass.ts';
import { lowPass } from './low-pass.ts';
import { maskFrequency } from './mask-frequency.ts';
import { maskTime } from './mask-time.ts';
import { maybe } from './maybe.ts';
import { meantName } from './meant-name.ts';
import { mixup } from './mixup.ts';
import { muLaw } from './mu-law.ts';
import { oneOf } from './one-of.ts';
import { ownFunction, type WaveformFunction } from './own-function.ts';
import { pad } from './pad.ts';
import type { AnyTransform } from './parts.ts';
import { pitchShift } from './pitch-shift.ts';
import { type ReverbOptions, reverb } from './reverb.ts';
import { shift } from './shift.ts';
import { someOf } from './some-of.ts';
import { telephone } from './telephone.ts';
import { timeStretch } from './time-stretch.ts';
import type { Transform, TransformJson } from './transform.ts';

/** What JSON can only name. */
export interface ParseTransformOptions {
  /** Functions of one's own, by the names that the JSON has for them. */
  readonly functions?: Readonly<Record<string, WaveformFunction>> | undefined;
  /** Recordings, by the names that the JSON has for them: backgrounds, and rooms' responses. */
  readonly recordings?: Readonly<Record<string, Waveform>> | undefined;
}

/** Makes a transform of what stands beside its name. */
type Maker = (options: Record<string, unknown>, context: Context) => AnyTransform;

/** What a maker can ask for. */
interface Context extends ParseTransformOptions {
  /** The transform that is written at a place inside the JSON. */
  at(json: unknown, place: string): AnyTransform;
}

/** A transform whose options are all plain JSON. Each checks them itself. */
function plain<O extends object>(make: (options: O) => { toJSON(): TransformJson }): Maker {
  return (options) => make(options as O) as AnyTransform;
}

const MAKERS: Readonly<Record<string, Maker>> = {
  addBackground: ({ recordings, ...options }, context) =>
    addBackground({
      ...options,
      recordings: namedRecordings('addBackground', recordings, context.recordings),
    }) as unknown as AnyTransform,
  addNoise: /* @__PURE__ */ plain(addNoise),
  pitchShift: /* @__PURE__ */ plain(pitchShift),
  gain: /* @__PURE__ */ plain(gain),
  crop: /* @__PURE__ */ plain(crop),
  pad: /* @__PURE__ */ plain(pad),
  shift: /* @__PURE__ */ plain(shift),
  maskTime: /* @__PURE__ */ plain(maskTime),
  maskFrequency: /* @__PURE__ */ plain(maskFrequency),
  mixup: /* @__PURE__ */ plain(mixup),
  reverb: (options, { recordings }) => {
    const responses = options.responses && namedRecordings('reverb', options.responses, recordings, 'responses');
    return reverb({ ...options, responses } as ReverbOptions) as AnyTransform;
  },
  telephone: /* @__PURE__ */ plain(telephone),
  muLaw: /* @__PURE__ */ plain<Record<string, never>>(muLaw),
  lowPass: /* @__PURE__ */ plain(lowPass),
  highPass: /* @__PURE__ */ plain(highPass),
  clip: /* @__PURE__ */ plain(clip),
  timeStretch: /* @__PURE__ */ plain(timeStretch),
  changeSpeed: /* @__PURE__ */ plain(changeSpeed),
  compose: (options, context) => compose(listOf('compose', options, ['transforms'], context)),
  oneOf: ({ weights, ...options }, context) =>
    oneOf(listOf('oneOf', options, ['transforms', 'weights'], context), { weights: weights as number[] | undefined }),
  someOf: ({ count, ...options }, context) =>
    someOf(count as number, listOf('someOf', options, ['count', 'transforms'], context)),
  maybe: ({ p, of, ...rest }, context) => {
    noMore('maybe', rest, ['p', 'of']);
    if (of === undefined) {
      throw new SerKitError(
        'bad-option',
        'maybe: of expected a transform (required), got nothing; write it as "of": {...}',
      );
    }
    return maybe(p as number, context.at(of, 'of'));
  },
  ownFunction: ({ name, ...rest }, { functions = {} }) => {
    noMore('ownFunction', rest, ['name']);
    const f = Object.hasOwn(functions, String(name)) ? functions[String(name)] : undefined;
    if (f !== undefined) return ownFunction(String(name), f) as unknown as AnyTransform;
    const known = Object.keys(functions).join(', ') || 'none were given';
    throw new SerKitError(
      'bad-option',
      `ownFunction: name expected one of options.functions (${known}), got ${quote(name)}`,
    );
  },
};

/**
 * What `transform` can say in JSON: the name of every transform.
 *
 * @example
 * transformNames().includes('gain'); // true
 */
export function transformNames(): readonly string[] {
  return Object.keys(MAKERS);
}

/**
 * The transform that was written as JSON: `{ "transform": "gain", "gainDb": [-6, 6] }`, nested where transforms are made of
 * others, and a list for compose(). `parseTransform(t.toJSON())` gives a transform that does what `t` does.
 *
 * @param json  a value, not text: what JSON.parse gives
 * @typeParam T  what it works on: Waveform, or FeatureMatrix where the JSON is of features
 * @throws SerKitError 'bad-option', naming the place: `parseTransform: transforms[1].of: gain: gainDb expected ...`
 * @example
 * const t = parseTransform([{ transform: 'maybe', p: 0.5, of: { transform: 'gain', gainDb: [-6, 6] } }]);
 */
export function parseTransform<T = Waveform>(
  json: unknown,
  options: ParseTransformOptions = {},
): Transform<unknown, T> {
  return parseAt(json, options, '') as Transform<unknown, T>;
}

/** What parseTransform() does at a place within a larger value: `path` begins its messages. */
export function parseAt(json: unknown, options: ParseTransformOptions, path: string): AnyTransform {
  const who = path === '' ? 'parseTransform' : `parseTransform: ${path}`;
  if (Array.isArray(json)) return parseAt({ transform: 'compose', transforms: json }, options, path);
  if (json === null || typeof json !== 'object') {
    throw new SerKitError(
      'bad-option',
      `${who}: expected { transform, ...options } or a list of them, got ${quote(json)}`,
    );
  }
  const { transform, ...rest } = json as Record<string, unknown>;
  const make = typeof transform === 'string' && Object.hasOwn(MAKERS, transform) ? MAKERS[transform] : undefined;
  if (make === undefined) {
    throw new SerKitError('bad-option', `${who}: ${noSuch(transform, json as object)}`);
  }
  if ('p' in rest && transform !== 'maybe') {
    const hint = `{ "transform": "maybe", "p": ${JSON.stringify(rest.p)}, "of": { "transform": "${transform}", ... } }`;
    throw new SerKitError('bad-option', `${who}: ${transform}: unknown option "p"; for a probability write ${hint}`);
  }
  const at = (part: unknown, place: string): AnyTransform =>
    parseAt(part, options, path === '' ? place : `${path}.${place}`);
  try {
    return make(rest, { ...options, at });
  } catch (error) {
    if (!isSerKitError(error) || error.message.startsWith('parseTransform')) throw error;
    throw new SerKitError(error.code, `${who}: ${error.message}`, { cause: error });
  }
}

/** What is said of a name that none has, or of none. */
function noSuch(transform: unknown, json: object): string {
  if (transform === undefined) {
    const keys = Object.keys(json).slice(0, 6).join(', ') || 'none';
    return `expected a key "transform" with a transform's name, got none (keys: ${keys})`;
  }
  const names = [...transformNames()].sort();
  const meant = meantName(transform, names);
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return `transform expected one of ${names.join(', ')}, got ${quote(transform)}${hint}`;
}

function listOf(
  who: string,
  { transforms, ...rest }: Record<string, unknown>,
  known: readonly string[],
  { at }: Context,
): AnyTransform[] {
  noMore(who, rest, known);
  if (!Array.isArray(transforms)) {
    throw new SerKitError('bad-option', `${who}: transforms expected a list, got ${quote(transforms)}`);
  }
  return transforms.map((part, i) => at(part, `transforms[${i}]`));
}

function noMore(who: string, rest: object, known: readonly string[]): void {
  const more = Object.keys(rest);
  if (more.length === 0) return;
  const names = more.map((key) => quote(key)).join(', ');
  throw new SerKitError('bad-option', `${who}: unknown option ${names} (known: ${known.join(', ')})`);
}
