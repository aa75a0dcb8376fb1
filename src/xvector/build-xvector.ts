import * as tfl from '@tensorflow/tfjs-layers';
import * as z from 'zod/mini';
import { checkOption, count, parseOptions, seedNumber } from '../core/options.ts';
import { glorotUniformConfig } from '../layers/initializers.ts';
import { MaskedBatchNorm } from '../layers/masked-batch-norm.ts';
import { MaskedConv1d } from '../layers/masked-conv1d.ts';
import { MaskedStatistics } from '../layers/masked-statistics.ts';
import { registerLayer } from '../layers/register-layer.ts';
import { addDropout, buildWith, layerSeeds, rate } from '../models/build-options.ts';
import { VectorNorm } from './vector-norm.ts';

/** A layer over frames of an x-vector network that is to be trained. */
export interface FrameLayerShape {
  /** How wide it is. */
  readonly units: number;
  /** Frames that it sees, odd: 5 sees two on either side. @default 1 */
  readonly kernelSize?: number | undefined;
  /** From one of those frames to the next. @default 1 */
  readonly dilation?: number | undefined;
}

/** How wide and deep an x-vector network is. */
export interface XvectorShape {
  /** The layers over frames, from the input on. @default DEFAULT_FRAME_LAYERS */
  readonly frameLayers?: readonly FrameLayerShape[] | undefined;
  /** Numbers of the embedding. @default 128 */
  readonly embeddingDims?: number | undefined;
  /** Share of the pooled statistics that is dropped while training, in [0, 1). @default 0 */
  readonly dropout?: number | undefined;
}

export interface BuildXvectorOptions extends XvectorShape {
  /** Dimensions of a frame. */
  readonly dims: number;
  /** How many speakers there are. */
  readonly classes: number;
  /** Fixes the initial weights. */
  readonly seed: number;
}

/** Narrow enough to be trained on a processor. */
export const DEFAULT_FRAME_LAYERS: readonly FrameLayerShape[] = [
  { units: 128, kernelSize: 5 },
  { units: 128, kernelSize: 3 },
  { units: 128, kernelSize: 3 },
  { units: 256, kernelSize: 1 },
];

/** The frame layers of Snyder et al. 2018. */
export const SNYDER_FRAME_LAYERS: readonly FrameLayerShape[] = [
  { units: 512, kernelSize: 5 },
  { units: 512, kernelSize: 3, dilation: 2 },
  { units: 512, kernelSize: 3, dilation: 3 },
  { units: 512, kernelSize: 1 },
  { units: 1500, kernelSize: 1 },
];

export const shapeFields = {
  frameLayers: z.optional(
    z
      .array(
        z.strictObject({
          units: count,
          kernelSize: z.optional(count.check(z.refine((size) => size % 2 === 1, 'an odd number of frames'))),
          dilation: z.optional(count),
        }),
      )
      .check(z.minLength(1)),
  ),
  embeddingDims: z.optional(count),
  dropout: z.optional(rate),
};

const schema = z.strictObject({ dims: count, classes: z.int().check(z.minimum(2)), seed: seedNumber, ...shapeFields });

/** The embedding's layer, by name. */
export const EMBEDDING = 'embedding';

/**
 * An x-vector network that is to be trained (Snyder et al. 2018): layers over frames, each an affine map, ReLU and batch norm; statistics
 * pooling; the embedding, an affine map alone, named 'embedding'; batch norm, ReLU and a softmax over the speakers. [batch, any frames, dims] ->
 * probabilities [batch, classes]. Beyond a clip's ends every layer sees zeros. Frames of zeros at the end of a clip are padding.
 *
 * @throws SerKitError 'bad-option', 'no-backend'
 * @example
 * const model = buildXvector({ dims: 30, classes: 55, seed: 1 });
 */
export function buildXvector(options: BuildXvectorOptions): tfl.LayersModel {
  const who = 'buildXvector';
  const { dims, classes, seed, ...shape } = parseOptions(who, schema, options);
  const { frameLayers = DEFAULT_FRAME_LAYERS, embeddingDims = 128, dropout = 0 } = shape;
  for (const { kernelSize = 1, dilation = 1 } of frameLayers) {
    checkOption(who, 'dilation', kernelSize > 1 || dilation === 1, '1 beside kernelSize 1', dilation);
  }
  return buildWith(who, () => {
    registerLayer(VectorNorm);
    const nextSeed = layerSeeds(seed);
    const model = tfl.sequential({ name: 'xvector' });
    model.add(tfl.layers.masking({ name: 'padding', maskValue: 0, inputShape: [null, dims] as unknown as number[] }));
    frameLayers.forEach(({ units: filters, kernelSize = 1, dilation = 1 }, i) => {
      const name = `frame${i + 1}`;
      model.add(new MaskedConv1d({ name, filters, kernelSize, dilation, seed: nextSeed() }));
      model.add(tfl.layers.activation({ name: `${name}_relu`, activation: 'relu' }));
      model.add(new MaskedBatchNorm({ name: `${name}_norm` }));
    });
    model.add(new MaskedStatistics({ name: 'pooling' }));
    addDropout(model, dropout, nextSeed, 'dropout');
    const dense = (name: string, units: number, activation: 'linear' | 'softmax'): tfl.layers.Layer =>
      tfl.layers.dense({ name, units, activation, kernelInitializer: glorotUniformConfig(nextSeed()) });
    model.add(dense(EMBEDDING, embeddingDims, 'linear'));
    model.add(new VectorNorm({ name: 'embedding_norm' }));
    model.add(tfl.layers.activation({ name: 'embedding_relu', activation: 'relu' }));
    model.add(dense('probabilities', classes, 'softmax'));
    return model;
  });
}

/** The same network as far as its embedding, of the same weights; it is not to be disposed of beside the other. */
export function embeddingPart(model: tfl.LayersModel): tfl.LayersModel {
  return tfl.model({ inputs: model.inputs, outputs: model.getLayer(EMBEDDING).output as tfl.SymbolicTensor });
}
