import type * as tfl from '@tensorflow/tfjs-layers';
import * as z from 'zod/mini';
import { parseOptions } from '../core/options.ts';
import { Lstm } from '../layers/lstm.ts';
import { MaskedAverage } from '../layers/masked-average.ts';
import {
  addDenseHead,
  addDropout,
  type BuildOptions,
  buildFields,
  layerSeeds,
  startOfModel,
  withBackend,
} from './build-options.ts';

/** What `buildLstm` and `buildCnnLstm` take besides. */
export interface LstmSummaryOptions {
  /**
   * What the dense layers see of the LSTM: the mean of its states over the clip, or the last state alone (which has
   * to carry all it heard to the end).
   * @default 'average'
   */
  readonly summary?: 'average' | 'last' | undefined;
}

export type BuildLstmOptions = BuildOptions & LstmSummaryOptions;

export const summaryField = { summary: z.optional(z.enum(['average', 'last'])) };

const schema = z.strictObject({ ...buildFields, ...summaryField });

/**
 * A network of LSTM layers and dense layers: [batch, any frames, dims] -> probabilities [batch, classes]. Frames of zeros
 * at the end are padding.
 *
 * Defaults: 128 units, 1 layer, one dense layer of 64, dropout 0.3, input dropout 0.1, summary 'average'.
 *
 * @throws SerKitError 'bad-option'
 * @example
 * const model = buildLstm({ dims: 40, classes: 6, seed: 1, units: 64, layers: 2 });
 */
export function buildLstm(options: BuildLstmOptions): tfl.LayersModel {
  const { dims, classes, seed, ...rest } = parseOptions('buildLstm', schema, options);
  const { units = 128, layers = 1, dropout = 0.3, inputDropout = 0.1, denseUnits = [64], summary = 'average' } = rest;
  return withBackend('buildLstm', () => {
    const nextSeed = layerSeeds(seed);
    const model = startOfModel(dims, inputDropout, nextSeed);
    addLstm(model, { units, layers, dropout, summary }, nextSeed);
    addDenseHead(model, { classes, dropout, denseUnits }, nextSeed);
    return model;
  });
}

/** LSTM layers with dropout between them, and their summary over the clip. */
export function addLstm(
  model: tfl.Sequential,
  options: { units: number; layers: number; dropout: number; summary: 'average' | 'last' },
  nextSeed: () => number,
): void {
  const { units, layers, dropout, summary } = options;
  for (let layer = 0; layer < layers; layer++) {
    const last = layer === layers - 1;
    const returnSequences = !last || summary === 'average';
    model.add(new Lstm({ name: `lstm${layer + 1}`, units, returnSequences, seed: nextSeed() }));
    if (!last) addDropout(model, dropout, nextSeed, `dropout_lstm${layer + 1}`);
  }
  if (summary === 'average') model.add(new MaskedAverage({ name: 'average' }));
}
