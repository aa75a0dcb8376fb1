import type * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { DEVIATION_FLOOR } from '../layers/masked-statistics.ts';
import { EMBEDDING, type FrameLayerShape } from './build-xvector.ts';
import { receptiveFrames } from './stretches.ts';
import type { XvectorFrameLayer, XvectorLayer, XvectorWeights } from './weights.ts';

/** What a network of buildXvector() computes as far as its embedding, but for the front end. */
export type TrainedLayers = Pick<
  XvectorWeights,
  'padding' | 'short' | 'leastFrames' | 'chunkFrames' | 'frameLayers' | 'pooling' | 'segmentLayers'
>;

/** Reads the weights of a network of buildXvector(): the same embeddings come of them. */
export async function layersOfModel(model: tfl.LayersModel): Promise<TrainedLayers> {
  const frameLayers: XvectorFrameLayer[] = [];
  for (let i = 1; hasLayer(model, `frame${i}`); i++) {
    const name = `frame${i}`;
    const layer = model.getLayer(name);
    const [kernel, bias] = (await valuesOf(layer)) as [Float32Array, Float32Array];
    const [taps, inputs, outputs] = layer.weights[0]!.shape as [number, number, number];
    const { dilation = 1 } = layer.getConfig() as { dilation?: number };
    const offsets = offsetsOf(taps, dilation);
    const norm = await normOf(model.getLayer(`${name}_norm`));
    frameLayers.push({ name, offsets, inputs, outputs, kernel, bias, slope: 0, norm });
  }
  const layer = model.getLayer(EMBEDDING);
  const [kernel, bias] = (await valuesOf(layer)) as [Float32Array, Float32Array];
  const [inputs, outputs] = layer.weights[0]!.shape as [number, number];
  const embedding: XvectorLayer = { name: EMBEDDING, inputs, outputs, kernel, bias, slope: null, norm: null };
  return {
    padding: 'zeros',
    short: 'refuse',
    leastFrames: leastFramesOf(frameLayers),
    chunkFrames: null,
    frameLayers,
    pooling: { deviation: 'biased', added: 0, floor: DEVIATION_FLOOR ** 2 },
    segmentLayers: [embedding],
  };
}

/** As many frames as one of the last layer's sees, and two: over one there is no deviation to pool. */
function leastFramesOf(frameLayers: readonly Pick<XvectorFrameLayer, 'offsets'>[]): number {
  return Math.max(2, receptiveFrames(frameLayers));
}

/** The least clip that a network of this shape takes, in frames. */
export function leastFramesOfShape(frameLayers: readonly FrameLayerShape[]): number {
  return leastFramesOf(
    frameLayers.map(({ kernelSize = 1, dilation = 1 }) => ({ offsets: offsetsOf(kernelSize, dilation) })),
  );
}

/** The frames that a layer sees, about its own. */
function offsetsOf(taps: number, dilation: number): number[] {
  return Array.from({ length: taps }, (_, k) => (k - (taps - 1) / 2) * dilation);
}

function hasLayer(model: tfl.LayersModel, name: string): boolean {
  return model.layers.some((layer) => layer.name === name);
}

async function valuesOf(layer: tfl.layers.Layer): Promise<Float32Array[]> {
  const read = (weight: tfl.LayerVariable): Promise<Float32Array> =>
    (weight.read() as tf.Tensor).data() as Promise<Float32Array>;
  const values: Float32Array[] = [];
  // Copies: a backend may give a view of its memory.
  for (const weight of layer.weights) values.push(Float32Array.from(await read(weight)));
  return values;
}

/** (x - mean) gamma / sqrt(variance + epsilon) + beta as x scale + shift. */
async function normOf(layer: tfl.layers.Layer): Promise<{ scale: Float32Array; shift: Float32Array }> {
  const [gamma, beta, mean, variance] = (await valuesOf(layer)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const { epsilon } = layer.getConfig() as { epsilon: number };
  const factors = Float64Array.from(gamma, (g, i) => g / Math.sqrt(variance[i]! + epsilon));
  return {
    scale: Float32Array.from(factors),
    shift: Float32Array.from(factors, (factor, i) => beta[i]! - mean[i]! * factor),
  };
}
