import { quote, SerKitError } from '../core/errors.ts';
import { type Augmentation, createAugmentation } from './augmentation.ts';
import { type ParseTransformOptions, parseAt, parseTransform } from './parse-transform.ts';

/**
 * The augmentation that was written as JSON: a transform, or a list of them.
 *
 * @param json  a value, not text: what JSON.parse gives
 * @throws SerKitError 'bad-option', naming the place: `parseTransform: [1].of: gain: gainDb expected ...`
 * @example
 * const augmentation = parseAugmentation([{ transform: 'gain', gainDb: [-6, 6] }, { transform: 'maskTime' }]);
 */
export function parseAugmentation(json: unknown, options: ParseTransformOptions = {}): Augmentation {
  if (Array.isArray(json) && json.length === 0) {
    throw new SerKitError('bad-option', `parseAugmentation: expected at least one transform, got ${quote(json)}`);
  }
  if (!Array.isArray(json)) return createAugmentation(parseTransform(json, options));
  return createAugmentation(json.map((each, i) => parseAt(each, options, `[${i}]`)));
}
