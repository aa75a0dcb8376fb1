import type { FrontEndConfig } from '../clips/front-end.ts';
import { quote, SerKitError } from '../core/errors.ts';
import type { StandardizerJson } from '../features/standardizer-json.ts';
import { checkNetworkJson } from './network-json.ts';
import { fewestFrames } from './stretches.ts';

/**
 * From a recording to the frames that an x-vector network sees. 'speechbrain' is SpeechBrain's Fbank with sentence normalisation;
 * 'kaldi' Kaldi's MFCC with sliding mean normalisation and energy VAD; 'ser-kit' a recognizer's front end, of the project's
 * own features. How many dimensions a frame has is the first layer's `inputs`.
 */
export type XvectorFrontEnd =
  | { readonly kind: 'speechbrain' }
  | {
      readonly kind: 'kaldi';
      /** Hz. */
      readonly sampleRate: number;
      readonly nMels: number;
      readonly fMin: number;
      readonly fMax: number;
      /** Frames under the sliding mean. */
      readonly cmnWindow: number;
      /** Whether frames without speech energy are left out. */
      readonly vad: boolean;
    }
  | {
      readonly kind: 'ser-kit';
      readonly config: FrontEndConfig;
      /** What frames are standardized by after it: the training corpus's mean and deviation, or the clip's own. Absent where they are not. */
      readonly standardizer?: StandardizerJson;
    };

/** y = norm(activation(affine(x))): the order in which Kaldi and SpeechBrain have them. */
export interface XvectorLayer {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  /** [inputs, outputs], row-major; of a frame layer [offsets, inputs, outputs]: as tfjs has it. */
  readonly kernel: Float32Array;
  /** [outputs]. */
  readonly bias: Float32Array;
  /** The slope of the rectifier below zero: 0 is ReLU, 0.01 LeakyReLU; null where there is no rectifier. */
  readonly slope: number | null;
  /** What batch norm does once training is over, x * scale + shift, each [outputs]; null where there is none. */
  readonly norm: { readonly scale: Float32Array; readonly shift: Float32Array } | null;
}

/** A layer over frames: frame t of its output sees the frames t + offsets of its input. */
export interface XvectorFrameLayer extends XvectorLayer {
  /** Whole numbers, ascending, evenly spaced: [-2, -1, 0, 1, 2], [-3, 0, 3], [0]. */
  readonly offsets: readonly number[];
}

/** How frames become one vector: their means, then their standard deviations, [2 * dims]. */
export interface XvectorPooling {
  /** Divided by the number of frames less one ('unbiased'), or by their number. */
  readonly deviation: 'unbiased' | 'biased';
  /** Added to the standard deviation. */
  readonly added: number;
  /** The least variance. */
  readonly floor: number;
}

/** An x-vector network: everything from a waveform to an embedding. Plain objects and arrays. */
export interface XvectorWeights {
  readonly frontEnd: XvectorFrontEnd;
  /**
   * What frame layers see beyond the ends of the clip: its frames mirrored, at every layer anew ('reflect'); zeros, at every layer; or
   * nothing, the frames growing fewer ('valid').
   */
  readonly padding: 'reflect' | 'zeros' | 'valid';
  /**
   * What becomes of a clip of fewer than `leastFrames`: refused with the least length named ('refuse'), or its first and last frames
   * repeated, as many of each ('repeat').
   */
  readonly short: 'refuse' | 'repeat';
  readonly leastFrames: number;
  /** Longer clips are cut into pieces of this many frames, and their embeddings averaged, weighed by frames; null for no limit. */
  readonly chunkFrames: number | null;
  readonly frameLayers: readonly XvectorFrameLayer[];
  readonly pooling: XvectorPooling;
  /** The layers after pooling, [2 * dims] -> ... -> the embedding; the last has neither rectifier nor norm. */
  readonly segmentLayers: readonly XvectorLayer[];
  /** What is known of it, as plain JSON: what it was trained on, its error rate, its limits. */
  readonly card?: Readonly<Record<string, unknown>>;
}

/** How many numbers the embedding has. */
export function embeddingDims({ segmentLayers }: XvectorWeights): number {
  return segmentLayers.at(-1)!.outputs;
}

/**
 * Holds a network against its type and its parts against each other: every field one of those that there are, every array as long as its
 * shape says and finite, every layer as wide as the one before, the front end as wide as the first, and chunks long enough.
 *
 * @throws SerKitError 'bad-input' naming the field or layer, 'not-finite'
 */
export function checkXvectorWeights(who: string, weights: XvectorWeights): void {
  const refuse = (what: string, expected: string, got: unknown): never => {
    throw new SerKitError('bad-input', `${who}: ${what} expected ${expected}, got ${quote(got)}`);
  };
  if (weights === null || typeof weights !== 'object' || !Array.isArray(weights.frameLayers)) {
    refuse('weights', 'an x-vector network', weights);
  }
  checkNetworkJson(who, withoutArrays(weights), 'bad-input');
  const { frameLayers, segmentLayers } = weights;
  const check = (layer: XvectorLayer, taps: number, inputs: number | undefined): void => {
    const { name, outputs, kernel, bias, norm } = layer;
    if (inputs !== undefined && layer.inputs !== inputs) refuse(`${name}: inputs`, `${inputs}`, layer.inputs);
    const arrays = { kernel: [kernel, taps * layer.inputs * outputs], bias: [bias, outputs] } as Record<
      string,
      [Float32Array, number]
    >;
    if (norm !== null) {
      if (typeof norm !== 'object') refuse(`${name}: norm`, 'null or a scale and a shift', norm);
      Object.assign(arrays, { scale: [norm.scale, outputs], shift: [norm.shift, outputs] });
    }
    for (const [what, [array, length]] of Object.entries(arrays)) {
      if (!(array instanceof Float32Array) || array.length !== length) {
        refuse(`${name}: ${what}`, `a Float32Array of ${length}`, array);
      }
      const wrong = array.findIndex((value) => !Number.isFinite(value));
      if (wrong >= 0) {
        throw new SerKitError(
          'not-finite',
          `${who}: ${name}: ${what} expected finite numbers, got ${array[wrong]} at index ${wrong}`,
        );
      }
    }
  };
  let inputs: number | undefined;
  for (const layer of frameLayers) {
    const { offsets, name } = layer;
    const step = (offsets[1] ?? 1) - (offsets[0] ?? 0);
    const even = offsets.every((offset, i) => Number.isInteger(offset) && offset === offsets[0]! + i * step);
    if (offsets.length === 0 || (offsets.length > 1 && step < 1) || !even) {
      refuse(`${name}: offsets`, 'whole numbers, ascending and evenly spaced', offsets);
    }
    check(layer, offsets.length, inputs);
    inputs = layer.outputs;
  }
  inputs! *= 2;
  for (const layer of segmentLayers) {
    check(layer, 1, inputs);
    inputs = layer.outputs;
  }
  const last = segmentLayers.at(-1)!;
  if (last.slope !== null || last.norm !== null) {
    refuse(`${last.name}`, 'an affine layer alone, as the embedding is', 'a rectifier or norm');
  }
  const { chunkFrames } = weights;
  const fewest = fewestFrames(weights);
  if (chunkFrames !== null && chunkFrames < fewest) {
    refuse('chunkFrames', `null or at least the ${fewest} frames that the network needs`, chunkFrames);
  }
}

/** The network as its JSON has it: a layer without its arrays, of its norm whether there is one. What is no layer stays what it is. */
function withoutArrays(weights: XvectorWeights): unknown {
  const bare = (layer: XvectorLayer | null | undefined): unknown => {
    if (layer === null || typeof layer !== 'object') return layer;
    const { kernel: _kernel, bias: _bias, norm, ...rest } = layer;
    return { ...rest, norm: norm !== null };
  };
  const { frameLayers, segmentLayers, ...rest } = weights;
  return {
    ...rest,
    frameLayers: frameLayers.map(bare),
    segmentLayers: Array.isArray(segmentLayers) ? segmentLayers.map(bare) : segmentLayers,
  };
}
