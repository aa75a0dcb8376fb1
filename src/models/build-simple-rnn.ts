import type * as tfl from '@tensorflow/tfjs-layers';
import * as z from 'zod/mini';
import { parseOptions } from '../core/options.ts';
import { SimpleRnn } from '../layers/simple-rnn.ts';
import {
  addDenseHead,
  type BuildOptions,
  buildFields,
  layerSeeds,
  startOfModel,
  withBackend,
} from './build-options.ts';

const schema = z.strictObject(buildFields);

/**
 * A network of plain recurrent layers and dense layers: [batch, any frames, dims] -> probabilities [batch, classes]. The
 * last recurrent layer's final state is what the dense layers see. Frames of zeros at the end are padding.
 *
 * Defaults: 256 units, 1 layer, dense layers of 128 and 64, dropout 0.3, input dropout 0.1.
 *
 * @throws SerKitError 'bad-option'
 * @example
 * const model = buildSimpleRnn({ dims: 40, classes: 6, seed: 1 });
 */
export function buildSimpleRnn(options: BuildOptions): tfl.LayersModel {
  const { dims, classes, seed, ...rest } = parseOptions('buildSimpleRnn', schema, options);
  const { units = 256, layers = 1, dropout = 0.3, inputDropout = 0.1, denseUnits = [128, 64] } = rest;
  return withBackend('buildSimpleRnn', () => {
    const nextSeed = layerSeeds(seed);
    const model = startOfModel(dims, inputDropout, nextSeed);
    for (let layer = 0; layer < layers; layer++) {
      model.add(
        new SimpleRnn({ name: `simple_rnn${layer + 1}`, units, returnSequences: layer < layers - 1, seed: nextSeed() }),
      );
    }
    addDenseHead(model, { classes, dropout, denseUnits }, nextSeed);
    return model;
  });
}
