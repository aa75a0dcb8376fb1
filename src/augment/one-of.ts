import * as z from 'zod/mini';
import { parseOptions } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { heldBy } from './held.ts';
import { asTransforms, domainOf, listJson, type TransformLike } from './parts.ts';
import { type Transform, transformOf } from './transform.ts';
import { chooseIndex } from './weights.ts';

export interface OneOfOptions {
  /** How likely each transform is, relative to the others: numbers from 0 to 1e6, one a transform. @default all alike */
  readonly weights?: readonly number[] | undefined;
}

/** What oneOf() draws: which transform (from 0), and what that one drew. */
export interface OneOfDraw {
  readonly index: number;
  readonly drawn: unknown;
}

/**
 * One of them, chosen anew each time.
 *
 * @param transforms  at least one; all of waveforms, or all of features
 * @throws SerKitError 'bad-option'; the transform as its parts do
 * @example
 * const colour = oneOf([addNoise({ color: 'white' }), addNoise({ color: 'pink' })], { weights: [1, 2] });
 */
export function oneOf(transforms: readonly TransformLike<Waveform>[], options?: OneOfOptions): Transform<OneOfDraw>;
export function oneOf<T>(transforms: readonly TransformLike<T>[], options?: OneOfOptions): Transform<OneOfDraw, T>;
export function oneOf<T>(transforms: readonly TransformLike<T>[], options: OneOfOptions = {}): Transform<OneOfDraw, T> {
  const all = asTransforms<T>('oneOf', transforms);
  const weight = z.number().check(z.minimum(0), z.maximum(1e6));
  const weightsSchema = z.array(weight).check(
    z.length(all.length),
    z.refine((list) => list.some((w) => w > 0), { message: 'a weight > 0' }),
  );
  const { weights } = parseOptions('oneOf', z.strictObject({ weights: z.optional(weightsSchema) }), options);
  return transformOf<OneOfDraw, T>(domainOf(all), {
    kind: 'oneOf',
    options: { transforms: listJson(all), ...(weights && { weights }) },
    held: heldBy('oneOf', all),
    drawn: z.strictObject({ index: z.int().check(z.minimum(0), z.maximum(all.length - 1)), drawn: z.unknown() }),
    run: (input, random) => {
      const index = chooseIndex(weights ?? all.map(() => 1), random);
      const { output, drawn } = all[index]!.run(input, random);
      return { output, drawn: { index, drawn } };
    },
    apply: (input, { index, drawn }) => all[index]!.apply(input, drawn),
  });
}
