import * as z from 'zod/mini';
import { createFrontEnd, type FrontEndConfig } from '../clips/front-end.ts';
import { checkFrontEndBudget } from '../clips/front-end-budget.ts';
import { isSerKitError, quote, SerKitError, type SerKitErrorCode } from '../core/errors.ts';
import { nonNegative, parseOptions, positive } from '../core/options.ts';
import { checkStandardizerJson } from '../features/standardizer-json.ts';
import { parseHeaderJson } from './header-json.ts';
import type { XvectorFrameLayer, XvectorFrontEnd, XvectorLayer, XvectorWeights } from './weights.ts';

// Everything of a network but its numbers, as plain JSON: ser-kit's own files have it in their header, safetensors in its metadata.

/** A layer without its arrays. */
interface LayerJson {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly slope: number | null;
  readonly norm: boolean;
}

/** An x-vector network without its arrays. */
export interface NetworkJson extends Omit<XvectorWeights, 'frameLayers' | 'segmentLayers'> {
  readonly frameLayers: readonly (LayerJson & { readonly offsets: readonly number[] })[];
  readonly segmentLayers: readonly LayerJson[];
}

/** More than any network has: what is above is not a network but a way to ask for memory. */
const MOST_LAYERS = 64;
const MOST_UNITS = 2 ** 16;
const MOST_FRAMES = 2 ** 20;

// Made where they are used, so that a bundler drops what nobody calls.
const frontEndKind = () => ({ kind: z.literal(['speechbrain', 'kaldi', 'ser-kit']) });

const networkSchema = () => {
  const units = z.int().check(z.positive(), z.maximum(MOST_UNITS));
  const frames = z.int().check(z.positive(), z.maximum(MOST_FRAMES));
  const offset = z.int().check(z.minimum(-MOST_FRAMES), z.maximum(MOST_FRAMES));
  const layer = {
    name: z.string().check(z.minLength(1), z.maxLength(100)),
    inputs: units,
    outputs: units,
    slope: z.nullable(z.number()),
    norm: z.boolean(),
  };
  const layersOf = <T extends z.core.$ZodType>(each: T) =>
    z.array(each).check(z.minLength(1), z.maxLength(MOST_LAYERS));
  return z.strictObject({
    frontEnd: z.object(frontEndKind()),
    padding: z.literal(['reflect', 'zeros', 'valid']),
    short: z.literal(['refuse', 'repeat']),
    leastFrames: frames,
    chunkFrames: z.nullable(frames),
    frameLayers: layersOf(
      z.strictObject({ ...layer, offsets: z.array(offset).check(z.minLength(1), z.maxLength(1000)) }),
    ),
    pooling: z.strictObject({
      deviation: z.literal(['unbiased', 'biased']),
      added: nonNegative,
      floor: nonNegative,
    }),
    segmentLayers: layersOf(z.strictObject(layer)),
    card: z.optional(z.record(z.string(), z.unknown())),
  });
};

const frontEndSchemas = {
  speechbrain: () => z.strictObject({ kind: z.literal('speechbrain') }),
  kaldi: () =>
    z.strictObject({
      kind: z.literal('kaldi'),
      sampleRate: z.number().check(z.minimum(1000), z.maximum(384_000)),
      nMels: z.int().check(z.positive(), z.maximum(1024)),
      fMin: nonNegative,
      fMax: positive,
      cmnWindow: z.int().check(z.positive(), z.maximum(MOST_FRAMES)),
      vad: z.boolean(),
    }),
  'ser-kit': () =>
    z.strictObject({
      kind: z.literal('ser-kit'),
      config: z.record(z.string(), z.unknown()),
      standardizer: z.optional(z.record(z.string(), z.unknown())),
    }),
} as const;

/**
 * A network's JSON, held against what is read here, before memory is asked for.
 *
 * @param code  the error's; 'bad-format' unless told
 * @throws SerKitError of that code, the field named
 */
export function checkNetworkJson(who: string, json: unknown, code: SerKitErrorCode = 'bad-format'): NetworkJson {
  const network = parseOptions(who, networkSchema(), json, code);
  const { frontEnd: untrusted } = json as { frontEnd: unknown };
  const frontEnd = checkFrontEnd(`${who}: frontEnd`, untrusted, network.frameLayers[0]!.inputs, code);
  return { ...network, frontEnd } as NetworkJson;
}

/**
 * A front end, held against itself and the first layer's inputs.
 *
 * @throws SerKitError of this code, the field named
 */
export function checkFrontEnd(who: string, untrusted: unknown, dims: number, code: SerKitErrorCode): XvectorFrontEnd {
  const { kind } = parseOptions(who, z.object(frontEndKind()), untrusted, code);
  const frontEnd = parseOptions(who, frontEndSchemas[kind]() as z.core.$ZodType, untrusted, code) as XvectorFrontEnd;
  const refuse = (expected: string): never => {
    throw new SerKitError(code, `${who} expected ${expected}`);
  };
  if (frontEnd.kind === 'kaldi') {
    const { nMels, fMin, fMax, sampleRate } = frontEnd;
    if (!(fMin < fMax && fMax <= sampleRate / 2)) {
      refuse(`0 <= fMin < fMax <= sampleRate / 2, got ${fMin}, ${fMax} and ${sampleRate}`);
    }
    if (nMels < dims) refuse(`nMels of at least the ${dims} inputs of the first layer, got ${nMels}`);
  }
  if (frontEnd.kind === 'ser-kit') {
    try {
      checkOwnFrontEnd(who, frontEnd, dims);
    } catch (cause) {
      if (!isSerKitError(cause) || cause.code === code) throw cause;
      throw new SerKitError(code, cause.message, { cause });
    }
  }
  return frontEnd;
}

/** The largest that a front end may say of each of its numbers, by name; of others `OTHERWISE`. */
const LARGEST: Readonly<Record<string, number>> = { sampleRate: 384_000, fMin: 192_000, fMax: 192_000, nMels: 512 };
const OTHERWISE = 32_768;
/** Each dimension has up to hundreds of functionals, each with its name. */
const MOST_SUMMARISED = 4096;

function checkOwnFrontEnd(
  who: string,
  { config, standardizer }: Extract<XvectorFrontEnd, { kind: 'ser-kit' }>,
  dims: number,
): void {
  // Filters are tables of nFft by nMels: a front end makes them as large as it is told to.
  checkNumbers(who, config);
  checkFrontEndBudget(who, config.features);
  if (standardizer !== undefined) {
    const { dims: wide } = checkStandardizerJson(`${who}: standardizer`, standardizer);
    if (wide !== dims) {
      throw new SerKitError(
        'bad-format',
        `${who}: standardizer expected ${dims} dims, as the first layer has, got ${wide}`,
      );
    }
  }
  let names: readonly string[];
  try {
    const { functionals, ...frames } = config as FrontEndConfig;
    names = createFrontEnd(frames).names;
    if (functionals !== undefined) {
      if (names.length > MOST_SUMMARISED) {
        throw new SerKitError(
          'bad-format',
          `functionals expected of at most ${MOST_SUMMARISED} dims, got ${names.length}`,
        );
      }
      names = createFrontEnd(config as FrontEndConfig).names;
    }
  } catch (cause) {
    if (!isSerKitError(cause)) throw cause;
    throw new SerKitError('bad-format', `${who}: ${cause.message}`, { cause });
  }
  if (names.length !== dims) {
    throw new SerKitError(
      'bad-format',
      `${who}: config expected features of ${dims} dims, as the first layer has, got ${names.length}`,
    );
  }
}

function checkNumbers(who: string, value: unknown, name = 'config'): void {
  if (typeof value === 'number' && !(Math.abs(value) <= (LARGEST[name] ?? OTHERWISE))) {
    throw new SerKitError('bad-format', `${who}: ${name} expected at most ${LARGEST[name] ?? OTHERWISE}, got ${value}`);
  }
  if (value === null || typeof value !== 'object') return;
  const list = Array.isArray(value);
  if (list && value.length > 256) {
    throw new SerKitError('bad-format', `${who}: ${name} expected at most 256 items, got ${value.length}`);
  }
  for (const [key, each] of Object.entries(value)) checkNumbers(who, each, list ? name : key);
}

/** Everything of the network but its arrays. */
export function networkJson(who: string, weights: XvectorWeights): NetworkJson {
  const layerJson = ({ name, inputs, outputs, slope, norm }: XvectorLayer): LayerJson => ({
    name,
    inputs,
    outputs,
    slope,
    norm: norm !== null,
  });
  const { frontEnd, padding, short, leastFrames, chunkFrames, pooling, frameLayers, segmentLayers, card } = weights;
  const json = {
    frontEnd,
    padding,
    short,
    leastFrames,
    chunkFrames,
    frameLayers: frameLayers.map((layer) => ({ ...layerJson(layer), offsets: layer.offsets })),
    pooling,
    segmentLayers: segmentLayers.map(layerJson),
    ...(card !== undefined && { card }),
  };
  // What cannot be read again is not written; and what JSON does not have (undefined, a typed array) shows here.
  try {
    // In a list, as files have it a level deeper.
    const [read] = parseHeaderJson(who, new TextEncoder().encode(JSON.stringify([json]))) as [unknown];
    return checkNetworkJson(who, read);
  } catch (cause) {
    if (isSerKitError(cause)) throw new SerKitError('bad-input', cause.message, { cause });
    throw new SerKitError('bad-input', `${who}: expected plain JSON but for the arrays, got ${quote(cause)}`, {
      cause,
    });
  }
}

/** The arrays of a layer by name, in the order in which they are written; scale and shift where it has a norm. */
export const ARRAY_NAMES = ['kernel', 'bias', 'scale', 'shift'] as const;
export type ArrayName = (typeof ARRAY_NAMES)[number];

/** Each array of a network: its layer's place, its name and its shape. */
export interface ArrayPlace {
  readonly layer: string;
  readonly array: ArrayName;
  readonly shape: readonly number[];
}

/** All arrays in the order in which they are written: layer 'frameLayers.0' first. */
export function arrayPlaces({ frameLayers, segmentLayers }: NetworkJson): ArrayPlace[] {
  const of = (place: string, layer: LayerJson, kernel: readonly number[]): ArrayPlace[] =>
    ARRAY_NAMES.filter((array) => layer.norm || array === 'kernel' || array === 'bias').map((array) => ({
      layer: place,
      array,
      shape: array === 'kernel' ? kernel : [layer.outputs],
    }));
  return [
    ...frameLayers.flatMap((layer, i) =>
      of(`frameLayers.${i}`, layer, [layer.offsets.length, layer.inputs, layer.outputs]),
    ),
    ...segmentLayers.flatMap((layer, i) => of(`segmentLayers.${i}`, layer, [layer.inputs, layer.outputs])),
  ];
}

/** The array at a place. */
export function arrayAt(weights: XvectorWeights, { layer, array }: ArrayPlace): Float32Array {
  const [list, i] = layer.split('.') as ['frameLayers' | 'segmentLayers', string];
  const found = weights[list][Number(i)]!;
  return array === 'kernel' || array === 'bias' ? found[array] : found.norm![array];
}

/** The network whose arrays `read` gives. */
export function networkOf(json: NetworkJson, read: (place: ArrayPlace) => Float32Array): XvectorWeights {
  const arrays = new Map(arrayPlaces(json).map((place) => [`${place.layer}.${place.array}`, read(place)]));
  const filled = ({ norm, ...layer }: LayerJson, place: string): XvectorLayer => ({
    ...layer,
    kernel: arrays.get(`${place}.kernel`)!,
    bias: arrays.get(`${place}.bias`)!,
    norm: norm ? { scale: arrays.get(`${place}.scale`)!, shift: arrays.get(`${place}.shift`)! } : null,
  });
  return {
    ...json,
    frameLayers: json.frameLayers.map((layer, i) => filled(layer, `frameLayers.${i}`) as XvectorFrameLayer),
    segmentLayers: json.segmentLayers.map((layer, i) => filled(layer, `segmentLayers.${i}`)),
  };
}
