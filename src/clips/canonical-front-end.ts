import { SerKitError } from '../core/errors.ts';
import { describeFeatureSet } from '../features/feature-sets.ts';
import type { FrontEndConfig } from './front-end.ts';

/**
 * The front end with its feature set written out as the list that the set is: whoever names the set and whoever gives
 * the list mean the same numbers.
 */
export function withFeaturesListed(config: FrontEndConfig): FrontEndConfig {
  const { features } = config;
  return typeof features === 'string' ? { ...config, features: describeFeatureSet(features).features } : config;
}

/**
 * JSON with the keys of every object sorted, so that equal values have equal texts.
 *
 * @throws SerKitError 'bad-option' for numbers that JSON does not have
 */
export function canonicalJson(who: string, value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (typeof each === 'number' && !Number.isFinite(each)) {
      throw new SerKitError('bad-option', `${who}: a front end expected finite numbers, got ${each}`);
    }
    if (each === null || typeof each !== 'object' || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
