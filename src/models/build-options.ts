import * as tfl from '@tensorflow/tfjs-layers';
import * as z from 'zod/mini';
import { checkOption, count, seedNumber } from '../core/options.ts';
import { deriveSeed } from '../core/random.ts';
import { glorotUniformConfig } from '../layers/initializers.ts';
import { SeededDropout } from '../layers/seeded-dropout.ts';
import { registerLayers } from '../layers/serialization.ts';
import { withBackend } from '../layers/with-backend.ts';
import { branchedStack, type LayerStack, plainStack } from './layer-stack.ts';

/** What every builder takes. Numbers or lists are per layer where they say so. */
export interface BuildOptions {
  /** Dimensions of a frame. */
  readonly dims: number;
  /** How many labels there are. */
  readonly classes: number;
  /** Fixes the initial weights and the dropout masks. */
  readonly seed: number;
  /** Width of each recurrent (or convolutional, in a CNN) layer. */
  readonly units?: number | undefined;
  /** How many of those layers. */
  readonly layers?: number | undefined;
  /** Share of values dropped after each block while training, in [0, 1). */
  readonly dropout?: number | undefined;
  /** Share of the input's values dropped while training, in [0, 1). @default 0.1 */
  readonly inputDropout?: number | undefined;
  /** Widths of the dense layers between the network's body and the softmax. */
  readonly denseUnits?: readonly number[] | undefined;
  /**
   * The last so many of `dims`, fewer than all, belong to the whole clip, such as an x-vector that each frame repeats: they bypass the
   * frame layers, and their mean over the clip's own frames meets the clip's summary before the dense layers. @default 0
   */
  readonly utteranceDims?: number | undefined;
}

export const rate = z.number().check(z.minimum(0), z.lt(1));

/** The schema's fields, to be spread into a builder's own. */
export const buildFields = {
  dims: count,
  classes: z.int().check(z.minimum(2)),
  seed: seedNumber,
  units: z.optional(count),
  layers: z.optional(count),
  dropout: z.optional(rate),
  inputDropout: z.optional(rate),
  denseUnits: z.optional(z.array(count)),
  utteranceDims: z.optional(z.int().check(z.nonnegative())),
};

/** Seeds of a network's layers, each its own: `next()` for the next layer's. */
export function layerSeeds(seed: number): () => number {
  let index = 0;
  return () => deriveSeed(seed, 'layer', index++);
}

/**
 * The front of every network: [batch, any frames, dims], frames of zeros marked as padding. What layers are added to; the
 * last `utteranceDims` dimensions go past them.
 *
 * @throws SerKitError 'bad-option' where no dimension is left for the frames
 */
export function startOfModel(
  who: string,
  { dims, utteranceDims = 0 }: Pick<BuildOptions, 'dims' | 'utteranceDims'>,
  inputDropout: number,
  nextSeed: () => number,
): LayerStack {
  checkOption(who, 'utteranceDims', utteranceDims < dims, `less than the ${dims} dims`, utteranceDims);
  const stack = utteranceDims === 0 ? plainStack(dims) : branchedStack(dims, utteranceDims);
  addDropout(stack, inputDropout, nextSeed, 'dropout_input');
  return stack;
}

/** The end of every network, which then is whole: dense layers with ReLU and dropout, then a softmax over the classes. */
export function addDenseHead(
  stack: LayerStack,
  options: { readonly classes: number; readonly dropout: number; readonly denseUnits: readonly number[] },
  nextSeed: () => number,
): tfl.LayersModel {
  const dense = (units: number, activation: 'relu' | 'softmax', name: string): void => {
    stack.add(tfl.layers.dense({ name, units, activation, kernelInitializer: glorotUniformConfig(nextSeed()) }));
  };
  stack.join();
  addDropout(stack, options.dropout, nextSeed, 'dropout_head');
  options.denseUnits.forEach((units, i) => {
    dense(units, 'relu', `dense${i + 1}`);
    addDropout(stack, options.dropout, nextSeed, `dropout_dense${i + 1}`);
  });
  dense(options.classes, 'softmax', 'probabilities');
  return stack.model();
}

/** A dropout layer, unless the rate is 0. */
export function addDropout(stack: Pick<LayerStack, 'add'>, rate: number, nextSeed: () => number, name: string): void {
  if (rate > 0) stack.add(new SeededDropout({ name, rate, seed: nextSeed() }));
}

/** What every builder runs in: ser-kit's layers are known to tfjs, and where no backend was chosen it says so. */
export function buildWith<T>(who: string, build: () => T): T {
  registerLayers();
  return withBackend(who, build);
}
