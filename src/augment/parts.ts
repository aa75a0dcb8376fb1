import { quote, SerKitError } from '../core/errors.ts';
import { ownFunction, type WaveformFunction } from './own-function.ts';
import { type Domain, isTransform, type Transform } from './transform.ts';

// What compose(), oneOf(), someOf() and maybe() have in common: they are made of other transforms.

/** A transform, or a function of one's own, which goes by its own name. */
export type TransformLike<T = never> = Transform<unknown, T> | WaveformFunction;

/** Any transform, whatever it works on; of what, its `domain` says. */
export type AnyTransform = Transform<unknown, unknown>;

/** A function as a transform; a transform as it is. @throws SerKitError 'bad-option' */
export function asTransform<T>(who: string, value: unknown): Transform<unknown, T> {
  if (isTransform(value)) return value as unknown as Transform<unknown, T>;
  if (typeof value === 'function') return ownFunction(value.name || 'ownFunction', value as WaveformFunction) as never;
  throw new SerKitError('bad-option', `${who} expected a transform or a function, got ${quote(value)}`);
}

/** A list of transforms of one domain. @throws SerKitError 'bad-option', where the list is empty, too */
export function asTransforms<T>(who: string, values: unknown): readonly Transform<unknown, T>[] {
  if (!Array.isArray(values) || values.length === 0) {
    throw new SerKitError('bad-option', `${who}: transforms expected a list of at least one, got ${quote(values)}`);
  }
  const all = values.map((value, i) => asTransform<T>(`${who}: transforms[${i}]`, value));
  const domain = domainOf(all);
  const other = all.findIndex((transform) => transform.domain !== domain);
  if (other < 0) return all;
  throw new SerKitError(
    'bad-option',
    `${who}: transforms expected to change one thing, got ${all[0]!.kind} of the ${domain} and ${all[other]!.kind} of the ${all[other]!.domain}`,
  );
}

export function domainOf(transforms: readonly { readonly domain: Domain }[]): Domain {
  return transforms[0]!.domain;
}

/** The transforms as they are written inside another one's JSON. */
export function listJson(transforms: readonly { toJSON(): unknown }[]): readonly unknown[] {
  return transforms.map((transform) => transform.toJSON());
}
