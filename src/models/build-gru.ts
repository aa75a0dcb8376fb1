import type * as tfl from '@tensorflow/tfjs-layers';
import * as z from 'zod/mini';
import { parseOptions } from '../core/options.ts';
import { addDenseHead, type BuildOptions, buildFields, buildWith, layerSeeds, startOfModel } from './build-options.ts';
import { addRecurrent, type RecurrentOptions, recurrentFields } from './recurrent-part.ts';

export type BuildGruOptions = BuildOptions & RecurrentOptions;

const schema = z.strictObject({ ...buildFields, ...recurrentFields });

/**
 * A network of GRU layers and dense layers: [batch, any frames, dims] -> probabilities [batch, classes]. Frames of zeros
 * at the end are padding.
 *
 * Defaults: 128 units, 1 layer, one dense layer of 64, dropout 0.3, input dropout 0.1, summary 'average'.
 *
 * @throws SerKitError 'bad-option'
 * @example
 * const model = buildGru({ dims: 40, classes: 6, seed: 1, units: 64, layers: 2 });
 */
export function buildGru(options: BuildGruOptions): tfl.LayersModel {
  const { dims, classes, seed, utteranceDims, ...rest } = parseOptions('buildGru', schema, options);
  const { units = 128, layers = 1, dropout = 0.3, inputDropout = 0.1, denseUnits = [64], summary = 'average' } = rest;
  const { bidirectional, recurrentDropout } = rest;
  return buildWith('buildGru', () => {
    const nextSeed = layerSeeds(seed);
    const model = startOfModel('buildGru', { dims, utteranceDims }, inputDropout, nextSeed);
    addRecurrent(model, 'gru', { units, layers, dropout, summary, bidirectional, recurrentDropout }, nextSeed);
    return addDenseHead(model, { classes, dropout, denseUnits }, nextSeed);
  });
}
