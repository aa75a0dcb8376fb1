import type * as tfl from '@tensorflow/tfjs-layers';
import * as z from 'zod/mini';
import { parseOptions } from '../core/options.ts';
import { addConvolutions, type ConvolutionOptions, convolutionFields } from './build-cnn.ts';
import { addDenseHead, type BuildOptions, buildWith, layerSeeds, startOfModel } from './build-options.ts';
import { addRecurrent, type RecurrentOptions, recurrentFields } from './recurrent-part.ts';

export type BuildCnnLstmOptions = BuildOptions & ConvolutionOptions & RecurrentOptions;

const schema = z.strictObject({ ...convolutionFields, ...recurrentFields });

/**
 * Convolutions over time, then LSTM layers over what they give, then dense layers: [batch, any frames, dims] ->
 * probabilities [batch, classes]. `units` and `layers` are the LSTM's. Frames of zeros at the end are padding.
 *
 * Defaults: filters [64, 128] of 5 frames, pooled by 2; one LSTM of 96 units, summary 'average'; one dense layer of
 * 64; dropout 0.3, input dropout 0.1.
 *
 * @throws SerKitError 'bad-option'
 * @example
 * const model = buildCnnLstm({ dims: 40, classes: 6, seed: 1, filters: [64, 64], units: 96 });
 */
export function buildCnnLstm(options: BuildCnnLstmOptions): tfl.LayersModel {
  const { dims, classes, seed, utteranceDims, ...rest } = parseOptions('buildCnnLstm', schema, options);
  const { units = 96, layers = 1, dropout = 0.3, inputDropout = 0.1, denseUnits = [64], summary = 'average' } = rest;
  const { filters = [64, 128], kernelSize = 5, poolSize = 2 } = rest;
  const { bidirectional, recurrentDropout } = rest;
  return buildWith('buildCnnLstm', () => {
    const nextSeed = layerSeeds(seed);
    const model = startOfModel('buildCnnLstm', { dims, utteranceDims }, inputDropout, nextSeed);
    addConvolutions(model, { filters, kernelSize, poolSize, dropout }, nextSeed);
    addRecurrent(model, 'lstm', { units, layers, dropout, summary, bidirectional, recurrentDropout }, nextSeed);
    return addDenseHead(model, { classes, dropout, denseUnits }, nextSeed);
  });
}
