import type { FeatureMatrix } from '../../src/core/feature-matrix.ts';
import type { XvectorFrameLayer, XvectorLayer, XvectorWeights } from '../../src/xvector/weights.ts';

/** Numbers in [-1, 1) by a formula that the Python scripts of the fixtures have too. */
export function createNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 23 - 1;
  };
}

/** What a test's network is made of. */
export interface MadeNetwork {
  readonly dims: number;
  readonly channels: readonly number[];
  readonly offsets: readonly (readonly number[])[];
  /** Outputs of the segment layers. */
  readonly segments: readonly number[];
  readonly slope: number;
  readonly seed: number;
}

const SNYDER = [[-2, -1, 0, 1, 2], [-2, 0, 2], [-3, 0, 3], [0], [0]];

/** A network of Snyder's shape with few channels and random weights; what is given replaces its parts. */
export function madeWeights(given: Partial<XvectorWeights> = {}, network: Partial<MadeNetwork> = {}): XvectorWeights {
  const { dims = 6, channels = [8, 7, 9, 8, 12], offsets = SNYDER, segments = [5], slope = 0.01, seed = 1 } = network;
  const next = createNumbers(seed);
  const many = (length: number, scale: number, middle = 0): Float32Array =>
    Float32Array.from({ length }, () => middle + scale * next());
  const layer = (name: string, inputs: number, taps: number, outputs: number, last: boolean): XvectorLayer => ({
    name,
    inputs,
    outputs,
    kernel: many(taps * inputs * outputs, 1.7 / Math.sqrt(taps * inputs)),
    bias: many(outputs, 0.3),
    slope: last ? null : slope,
    norm: last ? null : { scale: many(outputs, 0.6, 1), shift: many(outputs, 0.5) },
  });
  const frameLayers = channels.map((outputs, i): XvectorFrameLayer => {
    const inputs = i === 0 ? dims : channels[i - 1]!;
    return { ...layer(`frame${i + 1}`, inputs, offsets[i]!.length, outputs, false), offsets: offsets[i]! };
  });
  const segmentLayers = segments.map((outputs, i) =>
    layer(`segment${i + 6}`, i === 0 ? 2 * channels.at(-1)! : segments[i - 1]!, 1, outputs, i + 1 === segments.length),
  );
  return {
    frontEnd: { kind: 'speechbrain' },
    padding: 'reflect',
    short: 'refuse',
    leastFrames: 4,
    chunkFrames: null,
    frameLayers,
    pooling: { deviation: 'unbiased', added: 1e-5, floor: 0 },
    segmentLayers,
    ...given,
  };
}

/** Frames of random numbers. */
export function madeFrames(frames: number, dims = 6, seed = 7): FeatureMatrix {
  const next = createNumbers(seed);
  return { data: Float32Array.from({ length: frames * dims }, () => 3 * next()), frames, dims };
}
