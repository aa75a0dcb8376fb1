import * as z from 'zod/mini';
import { checkOption, parseOptions } from '../core/options.ts';
import { shuffled } from '../core/random.ts';
import type { Waveform } from '../core/waveform.ts';
import { heldBy } from './held.ts';
import { asTransforms, domainOf, listJson, type TransformLike } from './parts.ts';
import { type Transform, transformOf } from './transform.ts';

/** How many of them: a number, or the least and the most. */
export type Count = number | readonly [min: number, max: number];

/** What someOf() draws: which transforms (from 0, rising), and what each of them drew. */
export interface SomeOfDraw {
  readonly indices: readonly number[];
  readonly drawn: readonly unknown[];
}

/**
 * Some of them, chosen anew each time, without any twice; applied in the order of the list.
 *
 * @param count  how many, or [least, most], each number as likely as any other: from 0 to as many as there are
 * @param transforms  at least one; all of waveforms, or all of features
 * @throws SerKitError 'bad-option'; the transform as its parts do
 * @example
 * const one = someOf([1, 2], [addNoise(), gain(), pitchShift()]);
 */
export function someOf(count: Count, transforms: readonly TransformLike<Waveform>[]): Transform<SomeOfDraw>;
export function someOf<T>(count: Count, transforms: readonly TransformLike<T>[]): Transform<SomeOfDraw, T>;
export function someOf<T>(count: Count, transforms: readonly TransformLike<T>[]): Transform<SomeOfDraw, T> {
  const all = asTransforms<T>('someOf', transforms);
  const number = z.int().check(z.minimum(0), z.maximum(all.length));
  const there = all.length === 1 ? 'there is 1 transform' : `there are ${all.length} transforms`;
  const error = `a whole number from 0 to ${all.length} or [least, most] of such (${there})`;
  parseOptions('someOf', z.strictObject({ count: z.union([number, z.tuple([number, number])], { error }) }), { count });
  const [least, most] = typeof count === 'number' ? [count, count] : count;
  checkOption('someOf', 'count', least <= most, '[least, most] with least <= most', count);
  const index = z.int().check(z.minimum(0), z.maximum(all.length - 1));
  return transformOf<SomeOfDraw, T>(domainOf(all), {
    kind: 'someOf',
    options: { count: typeof count === 'number' ? count : [least, most], transforms: listJson(all) },
    held: heldBy('someOf', all),
    drawn: z.strictObject({ indices: z.array(index), drawn: z.array(z.unknown()) }).check(
      z.refine(({ indices, drawn }) => indices.length === drawn.length, { message: 'a draw for each index' }),
      z.refine(({ indices }) => indices.every((index, i) => i === 0 || index > indices[i - 1]!), {
        message: 'indices that rise',
      }),
      z.refine(({ indices: { length } }) => length >= least && length <= most, {
        message: `${least} to ${most} indices`,
      }),
    ),
    run: (input, random) => {
      const number = least + Math.floor(random() * (most - least + 1));
      const indices = shuffled(Array.from(all.keys()), random)
        .slice(0, number)
        .sort((a, b) => a - b);
      const drawn: unknown[] = [];
      let output = input;
      for (const i of indices) {
        const step = all[i]!.run(output, random);
        drawn.push(step.drawn);
        output = step.output;
      }
      return { output, drawn: { indices, drawn } };
    },
    apply: (input, { indices, drawn }) => indices.reduce((output, i, at) => all[i]!.apply(output, drawn[at]), input),
  });
}
