import * as tfl from '@tensorflow/tfjs-layers';
import * as z from 'zod/mini';
import { checkOption, count, parseOptions } from '../core/options.ts';
import { MaskedBatchNorm } from '../layers/masked-batch-norm.ts';
import { MaskedConv1d } from '../layers/masked-conv1d.ts';
import { MaskedMaxPool1d } from '../layers/masked-max-pool1d.ts';
import {
  addDenseHead,
  addDropout,
  type BuildOptions,
  buildFields,
  buildWith,
  layerSeeds,
  startOfModel,
} from './build-options.ts';
import type { LayerStack } from './layer-stack.ts';
import { addSummary, POOLINGS } from './summary.ts';

/** What the convolutional builders take besides. */
export interface ConvolutionOptions {
  /** Frames under a filter. @default 5 */
  readonly kernelSize?: number | undefined;
  /** Frames that become one after each convolution. @default 2 */
  readonly poolSize?: number | undefined;
  /** Filters of each convolution; in place of `units` and `layers` of a CNN. */
  readonly filters?: readonly number[] | undefined;
}

export interface BuildCnnOptions extends BuildOptions, ConvolutionOptions {
  /**
   * What the dense layers see of the clip: the mean over its frames, mean and standard deviation, or the mean under weights
   * that are learnt.
   * @default 'average'
   */
  readonly summary?: 'average' | 'statistics' | 'attention' | undefined;
}

export const convolutionFields = {
  ...buildFields,
  kernelSize: z.optional(count),
  poolSize: z.optional(count),
  filters: z.optional(z.array(count).check(z.minLength(1))),
};

const schema = z.strictObject({ ...convolutionFields, summary: z.optional(z.enum(POOLINGS)) });

/**
 * A network of convolutions over time, each with batch norm, ReLU and max pooling, a summary over the clip and dense layers:
 * [batch, any frames, dims] -> probabilities [batch, classes]. Frames of zeros at the end are padding.
 *
 * Defaults: 3 layers of 128 filters of 5 frames, pooled by 2, one dense layer of 64, dropout 0.3, input dropout 0.1, summary
 * 'average'.
 *
 * @throws SerKitError 'bad-option', also for `units` or `layers` that contradict `filters`
 * @example
 * const model = buildCnn({ dims: 40, classes: 6, seed: 1, filters: [64, 128, 128] });
 */
export function buildCnn(options: BuildCnnOptions): tfl.LayersModel {
  const { dims, classes, seed, utteranceDims, ...rest } = parseOptions('buildCnn', schema, options);
  const {
    units = 128,
    layers = 3,
    dropout = 0.3,
    inputDropout = 0.1,
    denseUnits = [64],
    kernelSize = 5,
    poolSize = 2,
    summary = 'average',
  } = rest;
  const filters = rest.filters ?? new Array<number>(layers).fill(units);
  const told = `beside filters [${filters}]`;
  checkOption(
    'buildCnn',
    'layers',
    filters.length === (rest.layers ?? filters.length),
    `${filters.length} ${told}`,
    layers,
  );
  checkOption(
    'buildCnn',
    'units',
    rest.units === undefined || filters.every((f) => f === units),
    `none ${told}`,
    units,
  );
  return buildWith('buildCnn', () => {
    const nextSeed = layerSeeds(seed);
    const model = startOfModel('buildCnn', { dims, utteranceDims }, inputDropout, nextSeed);
    addConvolutions(model, { filters, kernelSize, poolSize, dropout }, nextSeed);
    addSummary(model, summary, nextSeed);
    return addDenseHead(model, { classes, dropout, denseUnits }, nextSeed);
  });
}

/** Blocks of convolution, batch norm, ReLU, max pooling and dropout. */
export function addConvolutions(
  model: LayerStack,
  options: { filters: readonly number[]; kernelSize: number; poolSize: number; dropout: number },
  nextSeed: () => number,
): void {
  const { kernelSize, poolSize, dropout } = options;
  options.filters.forEach((filters, block) => {
    model.add(new MaskedConv1d({ name: `conv${block + 1}`, filters, kernelSize, useBias: false, seed: nextSeed() }));
    model.add(new MaskedBatchNorm({ name: `norm${block + 1}` }));
    model.add(tfl.layers.activation({ name: `relu${block + 1}`, activation: 'relu' }));
    if (poolSize > 1) model.add(new MaskedMaxPool1d({ name: `pool${block + 1}`, poolSize }));
    if (block < options.filters.length - 1) addDropout(model, dropout, nextSeed, `dropout_conv${block + 1}`);
  });
}
