import * as z from 'zod/mini';
import { parseOptions } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { asTransform, type TransformLike } from './parts.ts';
import { type Transform, transformOf } from './transform.ts';

/** What maybe() draws: what its transform drew; null where the input is left as it is. */
export type MaybeDraw = { readonly drawn: unknown } | null;

/**
 * The transform with probability `p`, and else nothing: the input itself.
 *
 * @param p  from 0 to 1
 * @throws SerKitError 'bad-option'; the transform as its part does
 * @example
 * const sometimes = maybe(0.5, addNoise({ snrDb: [5, 30] }));
 */
export function maybe(p: number, transform: TransformLike<Waveform>): Transform<MaybeDraw>;
export function maybe<T>(p: number, transform: TransformLike<T>): Transform<MaybeDraw, T>;
export function maybe<T>(p: number, transform: TransformLike<T>): Transform<MaybeDraw, T> {
  parseOptions('maybe', z.strictObject({ p: z.number().check(z.minimum(0), z.maximum(1)) }), { p });
  const part = asTransform<T>('maybe: transform', transform);
  return transformOf<MaybeDraw, T>(part.domain, {
    kind: 'maybe',
    options: { p, of: part.toJSON() },
    held: part.held,
    drawn: z.nullable(z.strictObject({ drawn: z.unknown() })),
    run: (input, random) => {
      if (random() >= p) return { output: input, drawn: null };
      const { output, drawn } = part.run(input, random);
      return { output, drawn: { drawn } };
    },
    apply: (input, drawn) => (drawn === null ? input : part.apply(input, drawn.drawn)),
  });
}
