import * as z from 'zod/mini';
import type { Waveform } from '../core/waveform.ts';
import { heldBy } from './held.ts';
import { asTransforms, domainOf, listJson, type TransformLike } from './parts.ts';
import { type Transform, transformOf } from './transform.ts';

/** What compose() draws: what each of its transforms drew, in their order. */
export type ComposeDraw = readonly unknown[];

/**
 * All of them, one after another: each works on what the one before gave. What is drawn for a transform may depend on that
 * (a crop's place depends on the length), so drawing applies, too; `run` does both at once.
 *
 * @param transforms  at least one; all of waveforms, or all of features; functions of one's own among them go by their names
 * @throws SerKitError 'bad-option'; the transform as its parts do
 * @example
 * const noisy = compose([maybe(0.5, addNoise({ snrDb: [5, 30] })), gain()]);
 * const { output, drawn } = noisy.run(waveform, createRandom(1));
 * noisy.apply(waveform, drawn); // the same bytes as output
 */
export function compose(transforms: readonly TransformLike<Waveform>[]): Transform<ComposeDraw>;
export function compose<T>(transforms: readonly TransformLike<T>[]): Transform<ComposeDraw, T>;
export function compose<T>(transforms: readonly TransformLike<T>[]): Transform<ComposeDraw, T> {
  const all = asTransforms<T>('compose', transforms);
  return transformOf<ComposeDraw, T>(domainOf(all), {
    kind: 'compose',
    options: { transforms: listJson(all) },
    held: heldBy('compose', all),
    drawn: z.array(z.unknown()).check(z.length(all.length)),
    run: (input, random) => {
      const drawn: unknown[] = [];
      let output = input;
      for (const transform of all) {
        const step = transform.run(output, random);
        drawn.push(step.drawn);
        output = step.output;
      }
      return { output, drawn };
    },
    apply: (input, drawn) => all.reduce((output, transform, i) => transform.apply(output, drawn[i]), input),
  });
}
