import type * as tfl from '@tensorflow/tfjs-layers';
import * as z from 'zod/mini';
import { parseOptions } from '../core/options.ts';
import { addDenseHead, type BuildOptions, buildFields, buildWith, layerSeeds, startOfModel } from './build-options.ts';
import { addRecurrent, type RecurrentOptions, recurrentFields } from './recurrent-part.ts';

export type BuildSimpleRnnOptions = BuildOptions & RecurrentOptions;

const schema = z.strictObject({ ...buildFields, ...recurrentFields });

/**
 * A network of plain recurrent layers and dense layers: [batch, any frames, dims] -> probabilities [batch, classes]. Frames
 * of zeros at the end are padding.
 *
 * Defaults: 256 units, 1 layer, dense layers of 128 and 64, dropout 0.3 (none between recurrent layers),
 * input dropout 0.1, summary 'last'.
 *
 * @throws SerKitError 'bad-option'
 * @example
 * const model = buildSimpleRnn({ dims: 40, classes: 6, seed: 1 });
 */
export function buildSimpleRnn(options: BuildSimpleRnnOptions): tfl.LayersModel {
  const { dims, classes, seed, utteranceDims, ...rest } = parseOptions('buildSimpleRnn', schema, options);
  const { units = 256, layers = 1, dropout = 0.3, inputDropout = 0.1, denseUnits = [128, 64], summary = 'last' } = rest;
  const { bidirectional, recurrentDropout } = rest;
  return buildWith('buildSimpleRnn', () => {
    const nextSeed = layerSeeds(seed);
    const model = startOfModel('buildSimpleRnn', { dims, utteranceDims }, inputDropout, nextSeed);
    addRecurrent(
      model,
      'simple_rnn',
      { units, layers, dropout: 0, summary, bidirectional, recurrentDropout },
      nextSeed,
    );
    return addDenseHead(model, { classes, dropout, denseUnits }, nextSeed);
  });
}
