import type { LayersModel } from '@tensorflow/tfjs-layers';
import { quote, SerKitError } from '../core/errors.ts';

/**
 * Refuses what is no tfjs-layers model. It goes by what a model has, and not by its class, of which there may be two copies.
 *
 * @throws SerKitError 'bad-input'
 */
export function checkModel(who: string, model: LayersModel): void {
  const { layers, inputs, toJSON } = (model ?? {}) as Partial<LayersModel>;
  if (Array.isArray(layers) && Array.isArray(inputs) && typeof toJSON === 'function') return;
  throw new SerKitError('bad-input', `${who}: model expected a tfjs-layers model, got ${quote(model)}`);
}
